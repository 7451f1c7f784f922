// The built console as static files. A path that is no file is the console's own (its router shows it), so it gets the
// page; where the console is not built, a text says how.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { ApiApp, ApiReply } from './app.ts'
import { problemOf } from './problem.ts'

const isBuilt = (folder: string | null): folder is string => folder !== null && existsSync(join(folder, 'index.html'))

const notBuilt = `Tollgate is running. The console is not built.

npm start builds it. The API is at /api/v1 (description: /api/v1/openapi.json), the command line is npx tollgate.
`

/** File names of the build carry a hash of their content. */
const cacheControl = (path: string): string =>
  /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'

/** `/assets/x.js`, `/favicon.ico`, `/.hidden`; not `/firewall/203.0.113.66`. */
const isFile = (path: string): boolean => path.startsWith('/assets/') || /\/\.[^/]*$|\.[a-z][a-z0-9]{1,7}$/i.test(path)

/** The console's page for one of its own paths; a missing file is a plain 404. */
export function sendConsolePage(reply: ApiReply, path: string, folder: string | null): ApiReply {
  if (isFile(path))
    return reply
      .code(404)
      .header('content-type', 'application/problem+json')
      .serializer(JSON.stringify)
      .send(problemOf('not_found', 'There is no such file', []))
  if (isBuilt(folder)) return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
  return reply
    .code(path === '/' ? 200 : 404)
    .type('text/plain; charset=utf-8')
    .send(notBuilt)
}

export async function addConsole(app: ApiApp, folder: string | null): Promise<void> {
  if (!isBuilt(folder)) return
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      reply.header('cache-control', cacheControl(path))
    },
  })
}
