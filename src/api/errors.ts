// What is answered when no handler answers: faults as problem+json, 404 and 405, the console's pages.
import type { FaultCode } from '../base/fault.ts'
import type { ApiApp, ApiReply, ApiRequest } from './app.ts'
import { sendConsolePage } from './console.ts'
import type { ApiOptions } from './context.ts'
import { securityHeaders } from './security-headers.ts'
import { basePath, methodsOf } from './operations.ts'
import { problemFrom, problemOf } from './problem.ts'
import type { Problem } from '../contract/api-common.ts'

const send = (reply: ApiReply, problem: Problem): ApiReply =>
  reply.code(problem.status).header('content-type', 'application/problem+json').serializer(JSON.stringify).send(problem)

const pathOf = (request: ApiRequest): string => request.url.split('?')[0] ?? ''

/** Everything below the API, and the paths that machines ask for: never the console's page. */
const isMachinePath = (path: string): boolean =>
  path === '/api' || path.startsWith('/api/') || path === '/metrics' || path === '/healthz' || path === '/readyz'

/** A URL that cannot be decoded, before there is a route. */
export function answerBadUrl(_error: unknown, _request: ApiRequest, reply: ApiReply): void {
  // No hook runs for it.
  reply.headers(securityHeaders)
  void send(reply, problemOf('invalid', 'The URL cannot be read', []))
}

export function addErrorAnswers(app: ApiApp, options: ApiOptions): void {
  const { log, people } = options.context
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFrom(error, log, `${request.method} ${request.routeOptions.url ?? ''}`)
    if (problem.code === 'too_many_requests') reply.header('retry-after', '30')
    return send(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const allowed = methodsOf(path)
    const refuse = (code: FaultCode, detail: string) => send(reply, problemOf(code, detail, []))
    if (path.startsWith(basePath) && people.setupRequired()) return refuse('setup_required', 'Set-up comes first')
    if (allowed.length > 0) {
      reply.header('allow', allowed.join(', '))
      return refuse('method_not_allowed', `Allowed here: ${allowed.join(', ')}`)
    }
    const page = request.method === 'GET' && !isMachinePath(path)
    return page ? sendConsolePage(reply, path, options.staticDir) : refuse('not_found', 'There is nothing here')
  })
}
