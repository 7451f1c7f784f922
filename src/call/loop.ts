// Loop detection for a B2BUA: a mark in our own Via branch says which request we made it for. The same mark coming back
// is the same request on its second turn (482); a changed one is a spiral and goes on (RFC 3261 16.3, RFC 5393).
import { md5Hex } from '../base/hash.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseVia } from '../sip/via.ts'

const separator = '.'

/** Eight hexadecimal digits over Request-URI, From, To (without tags) and the account that calls. */
export const loopMark = (request: SipMessage, accountId: string): string =>
  md5Hex(`${request.requestUri}\n${request.from.uri}\n${request.to.uri}\n${accountId}`).slice(0, 8)

export const markBranch = (branch: string, mark: string): string => `${branch}${separator}${mark}`

/** True when a Via of ours in `request` carries the mark that this request would get now. */
export function isLoop(request: SipMessage, accountId: string, listeners: readonly ListenerInfo[]): boolean {
  let mark: string | undefined
  for (const value of request.values(headerIds.via)) {
    const via = parseVia(value)
    if (via?.branch === undefined || !via.branch.includes(separator)) continue
    const ours = listeners.some((own) => own.sentByHost === via.host && own.sentByPort === (via.port ?? 5060))
    if (!ours) continue
    mark ??= loopMark(request, accountId)
    if (via.branch.endsWith(separator + mark)) return true
  }
  return false
}
