// Builds refusals: status by the fault table, reason phrase and header fields that tell the caller no more than it may
// know, and a sentence for our own record and log.
import { faults, type FaultCode } from '../base/fault.ts'
import type { Directory } from '../directory/directory.ts'
import type { LimitRefusal } from './limits.ts'
import type { Refusal } from './verdict.ts'

type Headers = Refusal['headers']

/** @param options.detail one sentence for the record; never sent. */
export function refuse(
  code: FaultCode,
  options: { readonly reasonPhrase: string; readonly detail: string; readonly headers?: Headers },
): Refusal {
  const { reasonPhrase, detail, headers = [] } = options
  return { kind: 'refuse', code, status: faults[code].sip, reasonPhrase, headers, detail }
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
  const scope = refusal.side === 'gateway' ? `gateway ${refusal.scope}` : refusal.scope
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
