// GET /healthz: the process answers. GET /readyz: it can carry calls. GET /status: the same for people who signed in.
import { readiness, statusView } from '../contract/api-live.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { basePath } from './operations.ts'

/** Why calls cannot be carried now; empty = they can. */
const reasonsOf = ({ ready, edge }: Pick<ApiContext, 'ready' | 'edge'>): string[] => [
  ...new Set([...(edge.listeners.length === 0 ? ['SIP does not listen'] : []), ...ready()]),
]

export function addHealthRoutes(app: ApiApp, context: ApiContext): void {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))
  app.get('/readyz', { schema: { response: { 200: readiness, 503: readiness } } }, async (_request, reply) => {
    const reasons = reasonsOf(context)
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ ready: reasons.length === 0, reasons, troubles: [...context.storage.troubles()] })
  })
  app.get(`${basePath}/status`, { schema: { response: { 200: statusView } } }, async () => {
    const reasons = reasonsOf(context)
    return {
      version: context.version,
      revision: context.config.revision,
      ready: reasons.length === 0,
      reasons,
      troubles: [...context.storage.troubles()],
      listeners: context.edge.listeners.map(({ protocol, address, port }) => `${protocol}:${address}:${port}`),
    }
  })
}
