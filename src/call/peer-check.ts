// Whether a message may speak for a dialog: it comes from the dialog's own addresses, or from any address of the same
// account or its proxies (carrier farms answer from several addresses, and switch over in mid-call).
import { parseAddress } from '../contract/address.ts'
import { findAll } from '../directory/cidr-trie.ts'
import type { Directory } from '../directory/directory.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseUri } from '../sip/uri.ts'
import type { Leg } from './leg.ts'

/** Users of client transactions that know where their answers may come from. */
export interface PeerCheck {
  acceptsFrom(address: string): boolean
}

function accountHasAddress(directory: Directory, accountId: string, address: string): boolean {
  const ip = parseAddress(address)
  if (ip === undefined) return false
  const sets: number[] = []
  findAll(directory.sources, ip, sets)
  return sets.some((set) =>
    (directory.sourceSets[set] ?? []).some((index) => directory.endpoints[index]?.accountId === accountId),
  )
}

function accountHasProxy(directory: Directory, accountId: string, address: string): boolean {
  return directory.endpoints.some(
    (endpoint) =>
      endpoint.accountId === accountId &&
      endpoint.outboundProxy.some((proxy) => parseUri(parseNameAddr(proxy.uri)?.uri ?? proxy.uri)?.host === address),
  )
}

/** RFC 3261 leaves the source open; we bind it to the account. */
export function acceptsFrom(leg: Leg, address: string): boolean {
  if (leg.ownsAddress(address)) return true
  const { call, account } = leg
  return [call.directory, call.context.directory()].some(
    (directory) => accountHasAddress(directory, account.id, address) || accountHasProxy(directory, account.id, address),
  )
}
