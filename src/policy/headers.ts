// Which header fields of a caller's request may cross to a gateway: identity only from those who may assert it
// (RFC 3325), X-* only if kept by rule, nothing that the operator removes, and the essential ones always.
import type { DirectoryAccount } from '../directory/directory.ts'
import { findHeaderId, headerIds, type HeaderId } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerSet } from '../sip/serialize.ts'
import { asksPrivacy } from './privacy.ts'
import type { Caller } from './verdict.ts'

export interface CrossingRules {
  /** For fields the parser has no number for: true = stays here. */
  readonly drop: (lowerName: string) => boolean
  /** Numbers of known fields that stay here, on top of what each leg writes itself. */
  readonly except: Uint8Array
  /** Fields to write for the gateway. */
  readonly add: readonly (readonly [name: string, value: string])[]
  /** The From display name goes on. */
  readonly keepDisplayName: boolean
}

const assertedIds = [headerIds.pAssertedIdentity, headerIds.remotePartyId]
/** Who diverted a call is a claim as well. A signed Identity (RFC 8224) proves itself and always crosses. */
const diversionIds = [headerIds.diversion, headerIds.historyInfo]

/** No rule can remove these: without them a message is none, or means something else. */
const essential: ReadonlySet<HeaderId> = new Set([
  headerIds.via,
  headerIds.from,
  headerIds.to,
  headerIds.callId,
  headerIds.cseq,
  headerIds.contact,
  headerIds.maxForwards,
  headerIds.route,
  headerIds.recordRoute,
  headerIds.contentType,
  headerIds.contentLength,
  headerIds.contentEncoding,
  headerIds.contentDisposition,
  headerIds.contentLanguage,
  headerIds.mimeVersion,
  headerIds.authorization,
  headerIds.proxyAuthorization,
  headerIds.require,
  headerIds.proxyRequire,
  headerIds.supported,
  headerIds.event,
  headerIds.referTo,
  headerIds.expires,
])

/** A field that no `remove` rule may name; whole name, any case, compact forms too. */
export const isEssentialHeader = (name: string): boolean => {
  const id = findHeaderId(name)
  return essential.has(id) || /^content-/i.test(name)
}

function makeDrop(keep: readonly string[], remove: readonly string[]): CrossingRules['drop'] {
  const kept = new Set(keep.map((name) => name.toLowerCase()))
  const removed = new Set(remove.filter((name) => !isEssentialHeader(name)).map((name) => name.toLowerCase()))
  return (lowerName) => removed.has(lowerName) || (lowerName.startsWith('x-') && !kept.has(lowerName))
}

function makeRules(caller: DirectoryAccount, gateway: DirectoryAccount, anonymous: boolean): CrossingRules {
  const remove = [...caller.headerRules.remove, ...gateway.headerRules.remove]
  const removedIds = remove.filter((name) => !isEssentialHeader(name)).map((name) => findHeaderId(name))
  // P-Preferred-Identity is a wish of a user to its own proxy and ends here (RFC 3325 9.2).
  const identity: HeaderId[] = [headerIds.pPreferredIdentity]
  const untold = !caller.trustIdentity || (anonymous && !gateway.trustIdentity)
  if (untold) identity.push(...assertedIds, ...diversionIds)
  else if (caller.assertedIdentity === 'remove' || gateway.assertedIdentity === 'remove') identity.push(...assertedIds)
  // Who wants a P-Asserted-Identity wants it alone.
  else if (gateway.assertedIdentity !== 'default') identity.push(headerIds.remotePartyId)
  return {
    drop: makeDrop(gateway.headerRules.keep, remove),
    except: headerSet(...identity, ...removedIds.filter((id) => id !== headerIds.unknown)),
    add: [],
    keepDisplayName: gateway.propagateDisplayName,
  }
}

type ByGateway = WeakMap<DirectoryAccount, CrossingRules>
/** Made once for each pair of accounts and privacy; goes with the directory that holds them. */
const open = new WeakMap<DirectoryAccount, ByGateway>()
const anonymous = new WeakMap<DirectoryAccount, ByGateway>()

/** What crosses from this caller to this gateway's account. */
export function crossingRules(caller: Caller, gateway: DirectoryAccount, request: SipMessage): CrossingRules {
  const hidden = asksPrivacy(request)
  const cache = hidden ? anonymous : open
  let byGateway = cache.get(caller.account)
  if (byGateway === undefined) {
    byGateway = new WeakMap()
    cache.set(caller.account, byGateway)
  }
  let rules = byGateway.get(gateway)
  if (rules === undefined) {
    rules = makeRules(caller.account, gateway, hidden)
    byGateway.set(gateway, rules)
  }
  return rules
}
