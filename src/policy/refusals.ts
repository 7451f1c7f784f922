// Builds refusals: status by the fault table, reason phrase and header fields that tell the caller no more than it may
// know, and a sentence for our own record and log.
import { faults, type FaultCode } from '../base/fault.ts'
import type { Directory } from '../directory/directory.ts'
import type { CallerScopes, LimitRefusal } from './limits.ts'
import { escapeUser } from '../sip/uri.ts'
import type { Refusal, WaitFor } from './verdict.ts'

type Headers = Refusal['headers']

/** @param options.detail one sentence for the record; never sent. */
export function refuse(
  code: FaultCode,
  options: Pick<Refusal, 'reasonPhrase' | 'detail' | 'accountId'> & { readonly headers?: Headers },
): Refusal {
  return { kind: 'refuse', code, status: faults[code].sip, headers: [], ...options }
}

/** The text of RFC 3261 20.43 needs a host or token before it; a realm may be any text. */
const warnAgent = (directory: Directory): string =>
  /^[A-Za-z0-9.-]+$/.test(directory.system.realm) ? directory.system.realm : 'tollgate'

const limitWords = {
  channels: { plural: 'channels', state: 'are full', short: 'channels', code: 'limit_channels', retryAfter: '5' },
  callsPerSecond: {
    plural: 'calls per second',
    state: 'are used up',
    short: 'cps',
    code: 'limit_cps',
    retryAfter: '1',
  },
} as const

/**
 * The answer when a limit leaves no room: Warning names the kind of scope and never a name, Reason carries Q.850 cause 34
 * (no circuit available). Retry-After only for the whole system, since a peer stops all its traffic on it.
 */
export function refuseLimit(refusal: LimitRefusal, directory: Directory): Refusal {
  const words = limitWords[refusal.limit]
  const kind = refusal.scope === 'sipUser' ? 'sip user' : refusal.scope
  const scope = refusal.side === 'gateway' ? `gateway ${kind}` : kind
  const system = refusal.scope === 'system'
  const warning = `399 ${warnAgent(directory)} "${words.plural} of the ${scope} ${words.state}"`
  const headers: [string, string][] = [
    ['Warning', warning],
    ['Reason', 'Q.850;cause=34'],
  ]
  if (system) headers.push(['Retry-After', words.retryAfter])
  return refuse(words.code, {
    reasonPhrase: system ? `Request Terminated: Server at max ${words.short}` : 'Service Unavailable',
    headers,
    detail: refusal.detail,
  })
}

/** Where a call waits for calls per second: for the scope that has room first. */
export function findWait(full: readonly LimitRefusal[]): WaitFor | undefined {
  let first: WaitFor | undefined
  for (const { side, scope, id, roomAtMs } of full)
    if (roomAtMs !== undefined && (first === undefined || roomAtMs < first.roomAtMs))
      first = { line: `${side} ${scope} ${id}`, roomAtMs }
  return first
}

/** `sip:host` or `host:port` with the dialled number; a peer that names a user is taken as it is. */
function contactAt(peer: string, userPart: string): string {
  const [, scheme = 'sip:', rest = peer] = /^(sips?:)?(.*)$/i.exec(peer) ?? []
  return `<${scheme}${rest.includes('@') ? '' : `${userPart}@`}${rest}>`
}

/** The caller's side is full: wait, or 302 to the peer that takes the overflow, or the refusal of the limit. */
export function refuseCaller(
  refusal: LimitRefusal,
  { directory, caller }: CallerScopes,
  dialled: { readonly number: string; readonly parameters: string },
): Refusal {
  const plain = { ...refuseLimit(refusal, directory), waitFor: findWait([refusal]) }
  const { scope } = refusal
  const peer =
    scope === 'system' ? directory.system.overflowPeer : scope === 'account' ? caller.account.overflowPeer : null
  if (peer === null) return plain
  const contact = contactAt(peer, `${escapeUser(dialled.number)}${dialled.parameters}`)
  return {
    ...plain,
    status: 302,
    reasonPhrase: 'Moved Temporarily',
    headers: [['Contact', contact], ...plain.headers.filter(([name]) => name !== 'Retry-After')],
    detail: `${refusal.detail}; sent on to ${peer}`,
  }
}
