// Every operation of the HTTP API in one table: who may, and whether it changes something. The role checks, the OpenAPI
// document and the 405 answers come from it; a route without a row stops the start.
import type { Role } from '../control/services.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * `always`: nobody has to sign in, also before set-up. `afterSetup`: nobody has to sign in once it is set up.
 * `metrics`: as the metrics rule says (metrics.ts). Else the roles that may.
 */
type Access = 'always' | 'afterSetup' | 'metrics' | readonly Role[]

export interface Operation {
  readonly method: Method
  readonly path: string
  readonly access: Access
  /** Changes something: it is audited, and a cookie alone does not do it (see authenticate.ts). */
  readonly change: boolean
  readonly tag: string
  readonly summary: string
}

export const basePath = '/api/v1'

const everyone = ['administrator', 'engineer', 'support'] as const
const engineers = ['administrator', 'engineer'] as const
const administrators = ['administrator'] as const

type Row = readonly [method: Method, path: string, access: Access, summary: string]

const table: Readonly<Record<string, readonly Row[]>> = {
  'Set-up and session': [
    ['POST', '/setup', 'always', 'Create the first administrator with the one-time token'],
    ['POST', '/session', 'afterSetup', 'Sign in; sets the session cookie'],
    ['DELETE', '/session', everyone, 'Sign out'],
    [
      'POST',
      '/admin-reset',
      'afterSetup',
      'A new password for an administrator, for whoever can read the data directory',
    ],
    ['GET', '/me', everyone, 'Who is asking'],
    ['POST', '/me/password', everyone, "Change one's own password; all other sessions end"],
    ['GET', '/me/sessions', everyone, "One's own open sessions"],
    ['DELETE', '/me/sessions', everyone, 'Sign out everywhere; ?keepThis: everywhere else'],
  ],
  People: [
    ['GET', '/users', administrators, 'List users'],
    ['POST', '/users', administrators, 'Create a user'],
    ['PATCH', '/users/:id', administrators, 'Change role or password of a user, or disable them'],
    ['DELETE', '/users/:id', administrators, 'Remove a user'],
    ['DELETE', '/users/:id/sessions', administrators, 'End all sessions of a user'],
    ['GET', '/api-keys', administrators, 'List API keys'],
    ['POST', '/api-keys', administrators, 'Create an API key; the answer shows it once'],
    ['DELETE', '/api-keys/:id', administrators, 'Revoke an API key'],
    ['GET', '/audit', everyone, 'List changes: who, when, from where, before and after'],
  ],
  Carriers: [
    ['GET', '/carriers', everyone, 'List carriers'],
    ['POST', '/carriers', engineers, 'Create a carrier'],
    ['PATCH', '/carriers', engineers, 'Make the same change to several carriers, all or none'],
    ['GET', '/carriers/:id', everyone, 'One carrier, by id or name'],
    ['PUT', '/carriers/:id', engineers, 'Replace a carrier; absent fields take their defaults'],
    ['PATCH', '/carriers/:id', engineers, 'Change the given fields of a carrier'],
    ['DELETE', '/carriers/:id', engineers, 'Remove a carrier'],
    [
      'POST',
      '/carriers/:id/reset-failures',
      engineers,
      'Set the consecutive failures of a carrier and its gateways to 0',
    ],
    ['POST', '/carriers/:id/lift-suspension', engineers, 'Let a suspended carrier take calls again'],
    ['GET', '/carriers/:id/payments', everyone, 'List the payments of a carrier, newest first'],
    ['POST', '/carriers/:id/payments', engineers, 'Enter a payment of a carrier'],
    ['GET', '/carriers/:id/balance', everyone, 'Completed payments, cost of calls and balance of a carrier'],
    ['GET', '/carriers/:id/summary', everyone, 'Figures of a carrier: last 24 hours, day, week, month'],
    ['GET', '/carriers/:id/failover-report', everyone, 'Calls that failed at a carrier and were answered elsewhere'],
    ['GET', '/carriers/:id/endpoints', everyone, 'List the endpoints of a carrier'],
    ['POST', '/carriers/:id/endpoints', engineers, 'Create an endpoint of a carrier'],
    ['POST', '/carriers/:id/endpoints/bulk', engineers, 'Enter many endpoints of a carrier at once, or preview them'],
    ['GET', '/carriers/:id/reply-rules', everyone, 'The reply rules of a carrier'],
    ['PUT', '/carriers/:id/reply-rules', engineers, 'Replace the reply rules of a carrier'],
    ['GET', '/carriers/:id/sip-users', everyone, 'List the SIP users of a carrier'],
    ['POST', '/carriers/:id/sip-users', engineers, 'Create a SIP user of a carrier'],
  ],
  Customers: [
    ['GET', '/customers', everyone, 'List customers'],
    ['POST', '/customers', engineers, 'Create a customer'],
    ['PATCH', '/customers', engineers, 'Make the same change to several customers, all or none'],
    ['GET', '/customers/:id', everyone, 'One customer, by id or name'],
    ['PUT', '/customers/:id', engineers, 'Replace a customer; absent fields take their defaults'],
    ['PATCH', '/customers/:id', engineers, 'Change the given fields of a customer'],
    ['DELETE', '/customers/:id', engineers, 'Remove a customer'],
    [
      'POST',
      '/customers/:id/reset-failures',
      engineers,
      'Set the consecutive failures of a customer and its gateways to 0',
    ],
    ['POST', '/customers/:id/lift-suspension', engineers, 'Let a suspended customer take calls again'],
    ['GET', '/customers/:id/payments', everyone, 'List the payments of a customer, newest first'],
    ['POST', '/customers/:id/payments', engineers, 'Enter a payment of a customer'],
    ['GET', '/customers/:id/balance', everyone, 'Completed payments, cost of calls and balance of a customer'],
    ['GET', '/customers/:id/summary', everyone, 'Figures of a customer: last 24 hours, day, week, month'],
    ['GET', '/customers/:id/failover-report', everyone, 'Calls that failed at a customer and were answered elsewhere'],
    ['GET', '/customers/:id/endpoints', everyone, 'List the endpoints of a customer'],
    ['POST', '/customers/:id/endpoints', engineers, 'Create an endpoint of a customer'],
    ['POST', '/customers/:id/endpoints/bulk', engineers, 'Enter many endpoints of a customer at once, or preview them'],
    ['GET', '/customers/:id/reply-rules', everyone, 'The reply rules of a customer'],
    ['PUT', '/customers/:id/reply-rules', engineers, 'Replace the reply rules of a customer'],
    ['GET', '/customers/:id/sip-users', everyone, 'List the SIP users of a customer'],
    ['POST', '/customers/:id/sip-users', engineers, 'Create a SIP user of a customer'],
  ],
  Payments: [
    ['GET', '/payments/:id', everyone, 'One payment'],
    ['PATCH', '/payments/:id', engineers, 'Change the description or status of a payment; none is ever removed'],
  ],
  Statistics: [
    ['GET', '/stats', everyone, 'Figures by the minute or hour, of the system, an account or a gateway'],
    ['GET', '/stats/codes', everyone, 'How often each final status came'],
  ],
  Endpoints: [
    ['GET', '/endpoints', everyone, 'List all endpoints; ?contains=ADDRESS finds those that list it'],
    ['PATCH', '/endpoints', engineers, 'Make the same change to several endpoints, all or none'],
    ['GET', '/endpoints/:id', everyone, 'One endpoint'],
    ['PUT', '/endpoints/:id', engineers, 'Replace an endpoint; a password that is left out stays'],
    ['PATCH', '/endpoints/:id', engineers, 'Change the given fields of an endpoint'],
    ['DELETE', '/endpoints/:id', engineers, 'Remove an endpoint'],
    ['POST', '/rewrites/try', everyone, 'What rewrite rules make of given numbers; nothing is stored'],
  ],
  'SIP users': [
    ['GET', '/sip-users', everyone, 'List all SIP users'],
    ['PATCH', '/sip-users', engineers, 'Make the same change to several SIP users, all or none'],
    ['GET', '/sip-users/:id', everyone, 'One SIP user, by id or username'],
    ['PUT', '/sip-users/:id', engineers, 'Replace a SIP user; a password that is left out stays'],
    ['PATCH', '/sip-users/:id', engineers, 'Change the given fields of a SIP user'],
    ['DELETE', '/sip-users/:id', engineers, 'Remove a SIP user'],
    ['POST', '/sip-users/:id/password', engineers, 'Set or generate a password; a generated one is shown once'],
  ],
  Routes: [
    ['GET', '/routes', everyone, 'List routes'],
    ['POST', '/routes', engineers, 'Create a route'],
    ['GET', '/routes/:id', everyone, 'One route'],
    ['PUT', '/routes/:id', engineers, 'Replace a route'],
    ['PATCH', '/routes/:id', engineers, 'Change the given fields of a route'],
    ['DELETE', '/routes/:id', engineers, 'Remove a route'],
  ],
  Blocks: [
    ['GET', '/blocks', everyone, 'List blocked addresses'],
    ['POST', '/blocks', engineers, 'Block an address or range'],
    ['DELETE', '/blocks/:id', engineers, 'Lift a block'],
  ],
  System: [
    ['GET', '/system', everyone, 'Settings of the whole system'],
    ['PUT', '/system', engineers, 'Replace the settings'],
    ['PATCH', '/system', engineers, 'Change the given settings'],
    ['GET', '/status', everyone, 'Version, revision in force, listeners, readiness'],
  ],
  Configuration: [
    ['POST', '/config/apply', engineers, 'Apply a declarative file (JSON or YAML)'],
    ['POST', '/config/diff', everyone, 'What applying a declarative file would change'],
    ['GET', '/config/export', everyone, 'The configuration as a declarative file, without secrets'],
    ['GET', '/config/revisions', everyone, 'List revisions, newest first; ?object=ID: the history of one object'],
    ['GET', '/config/revisions/:revision', everyone, 'One revision with everything that it changed'],
    ['POST', '/backup', administrators, 'A backup as tar: database and key file'],
    ['POST', '/restore', administrators, 'Put a backup in force; calls go on, everybody signs in again'],
    ['POST', '/config/rollback', engineers, 'Restore a revision as a new one'],
  ],
  Gateways: [
    ['GET', '/gateways', everyone, 'All gateway targets with share, green or red, and why'],
    ['POST', '/gateways/:id/probe', everyone, 'Send an OPTIONS probe now'],
    ['POST', '/gateways/:id/reset-failures', engineers, 'Set the consecutive failures of a gateway to 0'],
    ['GET', '/gateways/:id/history', everyone, 'Changes of colour, newest first'],
    ['GET', '/registrations', everyone, 'Registrations: ours at carriers, devices of SIP users here'],
  ],
  Alerts: [
    ['GET', '/alerts', everyone, 'Alerts that were raised, newest first, with what became of telling somebody'],
    ['POST', '/alerts/test', engineers, 'Send what a rule would send, marked as a test'],
    ['POST', '/webhook-secret', engineers, 'A new secret that signs webhooks; the answer shows it once'],
  ],
  Calls: [
    ['POST', '/simulate', everyone, 'What would happen to a call, and why; nothing is sent'],
    [
      'POST',
      '/test-calls',
      everyone,
      'Test a gateway with an OPTIONS or INVITE of our own; support people call test numbers only',
    ],
    ['GET', '/test-calls', everyone, 'List the last test calls, newest first'],
    ['GET', '/test-calls/:id', everyone, 'A test call as it stands: result, durations, the messages so far'],
    ['GET', '/calls', everyone, 'List live calls'],
    ['GET', '/calls/:id', everyone, 'One live call with everything known of it'],
    ['DELETE', '/calls/:id', engineers, 'End a live call'],
    ['GET', '/call-records', everyone, 'List call records, newest first'],
    ['GET', '/call-records.csv', everyone, 'The matching call records as CSV'],
    ['GET', '/call-records/:id', everyone, 'One call record'],
    [
      'GET',
      '/traces/:id',
      everyone,
      'The SIP messages of a call, by its id or a Call-ID; with .txt as ladder, .pcap as packets',
    ],
    ['GET', '/limits', everyone, 'Every limit with what is used and by which calls'],
    ['GET', '/rejections', everyone, 'Sources that were refused before a call existed'],
    [
      'GET',
      '/events',
      everyone,
      'Server-sent events: gateways (the whole board, once), gatewaysChanged, health, alert',
    ],
  ],
}

/** POST and DELETE that only read or only ask. */
const readsOnly = new Set(['POST /simulate', 'POST /rewrites/try', 'POST /config/diff'])

const rowsOf = ([tag, rows]: readonly [string, readonly Row[]]): Operation[] =>
  rows.map(([method, path, access, summary]) => ({
    method,
    path: `${basePath}${path}`,
    access,
    change: method !== 'GET' && !readsOnly.has(`${method} ${path}`),
    tag,
    summary,
  }))

const get = (path: string, access: Access, tag: string, summary: string): Operation => ({
  method: 'GET',
  path,
  access,
  change: false,
  tag,
  summary,
})

export const operations: readonly Operation[] = [
  ...Object.entries(table).flatMap(rowsOf),
  get(`${basePath}/openapi.json`, 'afterSetup', 'Observability', 'This document'),
  get('/healthz', 'always', 'Observability', 'The process is alive'),
  get('/readyz', 'always', 'Observability', 'SIP listens and a directory is loaded'),
  get('/metrics', 'metrics', 'Observability', 'Prometheus metrics'),
  get('/*', 'always', 'Console', 'The console'),
]

const byKey = new Map(operations.map((operation) => [`${operation.method} ${operation.path}`, operation]))

/** The row of a route as Fastify names it (`GET /api/v1/carriers/:id`). */
export const findOperation = (method: string, path: string): Operation | undefined => byKey.get(`${method} ${path}`)

const patterns = operations
  .filter((operation) => operation.tag !== 'Console')
  .map((operation) => ({
    method: operation.method,
    pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/:[a-z]+/g, '[^/]+')}$`),
  }))

/** Methods that exist for this path, for `Allow`; empty = there is no such path. */
export const methodsOf = (path: string): Method[] =>
  patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
