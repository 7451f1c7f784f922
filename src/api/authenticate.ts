// Who asks and whether they may: set-up gate, API key or session cookie, cross-site requests, role. Runs before the body
// is read, on every route; a route without a row of the operations table does not start.
import { Fault } from '../base/fault.ts'
import type { Identity } from '../control/services.ts'
import { addressOf, type ApiApp, type ApiReply, type ApiRequest } from './app.ts'
import { jsonType, tarType, yamlTypes } from './body.ts'
import type { ApiContext, ApiOptions } from './context.ts'
import { mayReadMetrics } from './metrics.ts'
import { findOperation, type Operation } from './operations.ts'

const cookieName = 'tollgate_session'
const hostCookieName = '__Host-tollgate_session'

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** The browser says in Origin whether the page came over TLS, also where a proxy ends the TLS. */
const overTls = (request: ApiRequest): boolean =>
  request.protocol === 'https' || (headerText(request.headers.origin)?.startsWith('https://') ?? false)

export function setSessionCookie(request: ApiRequest, reply: ApiReply, session: string): void {
  const secure = overTls(request)
  reply.setCookie(secure ? hostCookieName : cookieName, session, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
  })
}

export function clearSessionCookie(reply: ApiReply): void {
  reply.clearCookie(cookieName, { path: '/', httpOnly: true, sameSite: 'strict' })
  reply.clearCookie(hostCookieName, { path: '/', httpOnly: true, sameSite: 'strict', secure: true })
}

/** The host that an Origin names; undefined = `null` or unreadable. */
const originHost = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

/**
 * A request that changes something must come from our own page: Sec-Fetch-Site or Origin say so. `strict` (a cookie
 * signs the request): one of the two must be there. Without a cookie, programs that send neither are welcome.
 */
function checkSameSite(request: ApiRequest, strict: boolean): void {
  const site = headerText(request.headers['sec-fetch-site'])
  const origin = headerText(request.headers.origin)
  if (site !== undefined && site !== 'same-origin') throw new Fault('forbidden', 'Cross-site request refused')
  if (origin !== undefined && originHost(origin) !== request.headers.host)
    throw new Fault('forbidden', 'Cross-site request refused: Origin is another host')
  if (strict && site === undefined && origin === undefined)
    throw new Fault('forbidden', 'A session needs Origin or Sec-Fetch-Site; programs use an API key')
}

/** Forms cannot send these types, so a page of another site cannot without being asked first (CORS). */
function checkContentType(request: ApiRequest): void {
  const type = headerText(request.headers['content-type'])?.split(';')[0]?.trim().toLowerCase()
  if (type !== jsonType && type !== tarType && !yamlTypes.includes(type ?? ''))
    throw new Fault('unsupported_media_type', `Content-Type must be ${jsonType}`)
}

async function identify(request: ApiRequest, context: ApiContext): Promise<Identity | undefined> {
  const authorization = request.headers.authorization
  if (authorization !== undefined) {
    const key = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1]
    return key === undefined ? undefined : context.people.findApiKey(key, addressOf(request))
  }
  const session = request.cookies[hostCookieName] ?? request.cookies[cookieName]
  if (session === undefined) return undefined
  request.session = session
  return context.people.findSession(session, addressOf(request))
}

/** True while this request's key or session is still good; for answers that last (server-sent events). */
export const stillValid = async (request: ApiRequest, context: ApiContext): Promise<boolean> =>
  (await identify(request, context)) !== undefined

async function checkAccess(request: ApiRequest, operation: Operation, options: ApiOptions): Promise<void> {
  const { context, host } = options
  const { access, change } = operation
  if (access === 'always' && !change) return
  if (access === 'metrics' && mayReadMetrics(request, host)) return
  if (access !== 'always' && context.people.setupRequired())
    throw new Fault('setup_required', 'Create the first administrator: POST /api/v1/setup with the one-time token')
  if (access === 'always' || access === 'afterSetup') {
    if (change) checkSameSite(request, false)
    return
  }
  request.identity = (await identify(request, context)) ?? null
  if (request.identity === null) throw new Fault('unauthenticated', 'Sign in, or send Authorization: Bearer KEY')
  if (access !== 'metrics' && !access.includes(request.identity.role))
    throw new Fault('forbidden', `The role ${request.identity.role} may not do this`)
  if (request.method !== 'GET' && request.session !== null) {
    checkSameSite(request, true)
    if (request.method !== 'DELETE') checkContentType(request)
  }
}

export function addAuthentication(app: ApiApp, options: ApiOptions): void {
  app.decorateRequest('identity', null)
  app.decorateRequest('session', null)
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat().filter((method) => method !== 'HEAD')
    const [method = 'GET'] = methods
    const operation = methods.length > 1 ? undefined : findOperation(method, route.url)
    if (operation === undefined) throw new Fault('internal', `no operation for ${methods.join('+')} ${route.url}`)
    route.config = { ...route.config, operation }
  })
  app.addHook('onRequest', async (request, reply) => {
    const { operation } = request.routeOptions.config
    if (operation === undefined) return
    try {
      await checkAccess(request, operation, options)
    } catch (error) {
      if (error instanceof Fault && error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
      throw error
    }
  })
}
