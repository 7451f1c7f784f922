// Whether a message may speak for a dialog: Call-ID and tags fit, and it comes from the dialog's own addresses, or from any
// address of the same account or its proxies (carrier farms answer from several addresses, and switch over in mid-call).
import { parseAddress } from '../contract/address.ts'
import { someAround } from '../directory/cidr-lists.ts'
import type { Directory } from '../directory/directory.ts'
import { isFrontProxy } from '../directory/front-proxies.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Leg } from './leg.ts'

/** Users of client transactions that know whose answers they are; asked before the transaction sees one. */
export interface PeerCheck {
  acceptsResponse(response: SipMessage, address: string): boolean
}

/** Told apart by shape: a client transaction's user may be anything. */
export const isPeerCheck = <User extends object>(user: User): user is User & PeerCheck => 'acceptsResponse' in user

function accountHasAddress(directory: Directory, accountId: string, address: string): boolean {
  const ip = parseAddress(address)
  if (ip === undefined) return false
  const isOwn = (index: number): boolean => directory.endpoints[index]?.accountId === accountId
  return [directory.sources, directory.resolved].some((lists) => someAround(lists, ip, isOwn))
}

function accountHasProxy(directory: Directory, accountId: string, address: string): boolean {
  return directory.endpoints.some(
    (endpoint) => endpoint.accountId === accountId && endpoint.proxies.some((proxy) => proxy.address === address),
  )
}

/** Proxies in front of us may take over from each other. */
function speaksForAll(directory: Directory, address: string): boolean {
  const ip = parseAddress(address)
  return ip !== undefined && isFrontProxy(directory, ip)
}

/** RFC 3261 leaves the source open; we bind it to the account. */
export function acceptsFrom(leg: Leg, address: string): boolean {
  if (leg.ownsAddress(address)) return true
  const { call, account } = leg
  return [call.directory, call.context.directory()].some(
    (directory) =>
      accountHasAddress(directory, account.id, address) ||
      accountHasProxy(directory, account.id, address) ||
      speaksForAll(directory, address),
  )
}

/** The tags of a request of ours inside a dialog, which every answer to it repeats (8.2.6.2, 12.2.1.1). */
export interface SentTags {
  readonly local: string
  readonly remote: string
}

/** An answer to a request that was sent on `leg`: anything else is ignored in silence. */
export const acceptsAnswer = (leg: Leg, tags: SentTags, response: SipMessage, address: string): boolean =>
  response.callId === leg.callId &&
  response.fromTag === tags.local &&
  // A peer of RFC 2543 has no tag; its answers may bring one.
  (tags.remote === '' || response.toTag === tags.remote) &&
  acceptsFrom(leg, address)
