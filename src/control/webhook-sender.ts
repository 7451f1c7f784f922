// Webhooks of alerts: one signed POST of JSON, no redirects, five seconds in all. The address is checked where the connection
// is made (webhook-guard.ts). Headers: `Tollgate-Timestamp` (seconds since 1970) and `Tollgate-Signature: v1=HEX`, the
// HMAC-SHA256 of `TIMESTAMP.BODY` under the webhook secret.
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Cidr } from '../contract/address.ts'
import { DeliveryFault } from './deliveries.ts'
import type { AlertMessage, Channel } from './deliveries.ts'
import { findRefusal, findUrlRefusal } from './webhook-guard.ts'

const isoOf = (ms: number): string => new Date(ms).toISOString()

export interface WebhookOptions {
  readonly clock: Clock
  /** Ranges that may be asked although they are private (TOLLGATE_WEBHOOK_ALLOW). */
  readonly allowed: readonly Cidr[]
  readonly secret: () => Promise<string>
  /** For all of it; the bound if left out. */
  readonly timeoutMs?: number
  /** All addresses of a name; the system's resolver if left out. */
  readonly resolve?: Resolve
}

type Resolve = (name: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void

const resolveBySystem: Resolve = (name, callback) => lookup(name, { all: true, verbatim: true }, callback)

const signatureOf = (secret: string, timestamp: number, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`

const partOf = ({ alert, text, at }: AlertMessage) => {
  const { id, accountId, account, accountKind, name, kind, subject, value, threshold, openedAt } = alert
  return {
    id,
    at: isoOf(at),
    account: { id: accountId, name: account, kind: accountKind },
    alert: { name, kind, subject, value, threshold, openedAt: isoOf(openedAt) },
    text,
  }
}

/** The body of a webhook; its fields only ever grow. `others`: gateways that turned at the same time. */
function webhookBody(message: AlertMessage): string {
  const { id, ...part } = partOf(message)
  const others = message.others?.map((other) => partOf(other))
  return JSON.stringify({ id, event: message.event, ...part, others })
}

/** Hands on only what may be asked; one refused address of a name refuses the name. */
function guardedLookup({ allowed, resolve = resolveBySystem }: WebhookOptions): LookupFunction {
  return (name, options, callback) =>
    resolve(name, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const refusal = addresses.map(({ address }) => findRefusal(address, allowed)).find((one) => one !== undefined)
      const [first] = addresses
      if (refusal !== undefined || first === undefined)
        return callback(new DeliveryFault(`${name}: ${refusal ?? 'has no address'}`, refusal !== undefined), '')
      if (options.all === true) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
}

function judgeAnswer(response: IncomingMessage): string | DeliveryFault {
  const { statusCode = 0 } = response
  if (statusCode >= 200 && statusCode < 300) return `HTTP ${statusCode}`
  if (statusCode >= 300 && statusCode < 400)
    return new DeliveryFault(`HTTP ${statusCode}: redirects are not followed`, true)
  const passes = statusCode === 408 || statusCode === 429 || statusCode >= 500
  return new DeliveryFault(`HTTP ${statusCode}`, !passes)
}

function post(url: URL, options: RequestOptions & { readonly timeoutMs: number }, body: string): Promise<string> {
  const { timeoutMs, ...rest } = options
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { ...rest, signal })
    request.on('response', (response) => {
      const said = judgeAnswer(response)
      // What else it says is of no interest, however long it is.
      response.on('error', () => undefined).destroy()
      if (typeof said === 'string') resolve(said)
      else reject(said)
    })
    request.on('error', (error) => {
      const late = signal.aborted
      reject(late ? new DeliveryFault(`no answer within ${timeoutMs} ms`, false) : error)
    })
    request.end(body)
  })
}

export function webhookChannel(options: WebhookOptions): Channel {
  return async (to, message) => {
    const refusal = findUrlRefusal(to, options.allowed)
    if (refusal !== undefined) throw new DeliveryFault(refusal, true)
    const body = webhookBody(message)
    const timestamp = Math.floor(options.clock.wallMs() / 1_000)
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Tollgate',
      'tollgate-event': `${message.alert.id}.${message.event}`,
      'tollgate-timestamp': timestamp,
      'tollgate-signature': signatureOf(await options.secret(), timestamp, body),
    }
    // A connection of its own each time, so that no earlier check is relied on.
    const { timeoutMs = bound('webhookMs') } = options
    const request = { method: 'POST', headers, agent: false, lookup: guardedLookup(options), timeoutMs } as const
    return post(new URL(to), request, body)
  }
}
