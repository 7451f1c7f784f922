// The OpenAPI document as text, without a running server: docs/reference/openapi.json.
import { forwardLog } from '../base/log.ts'
import type { ApiContext } from './context.ts'
import { buildApi } from './server.ts'

/** The document of this version; the same text each time. No service is asked for it. */
export async function openApiDocument(version: string): Promise<string> {
  const context = { version, log: forwardLog(() => undefined) } as ApiContext
  const app = await buildApi({ host: '127.0.0.1', port: 0, context, staticDir: null })
  try {
    await app.ready()
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
  }
}
