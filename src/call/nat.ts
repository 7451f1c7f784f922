// Far-end NAT: whether the peer of a leg is reached where it says (Contact, Via) or where its packets come from
// (RFC 3581, RFC 5626 use the same idea; which one counts is the operator's choice, else what the addresses tell).
import { parseAddress } from '../contract/address.ts'
import type { IpAddress } from '../contract/address.ts'
import type { DirectoryEndpoint } from '../directory/directory.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { responsePort } from '../sip/via.ts'

/** `source`: always where packets come from; `written`: always what Contact and Via say; `automatic`: by the addresses. */
export type NatMode = 'automatic' | 'source' | 'written'

/** A carrier whose Contact and routes show an internal address, which its equipment wants to read in the Request-URI. */
const showsInternalAddresses = (endpoint: DirectoryEndpoint): boolean =>
  endpoint.manufacturer.trim().toLowerCase() === 'bandwidth.com'

/** For answers to requests of this entry; undefined = the caller is known by digest alone. */
export function answerNatMode(endpoint: DirectoryEndpoint | undefined): NatMode {
  if (endpoint?.forceNat === true) return 'source'
  return endpoint?.disableNat === true ? 'written' : 'automatic'
}

/** For requests of ours inside a dialog with this entry. */
export function dialogNatMode(endpoint: DirectoryEndpoint | undefined): NatMode {
  const mode = answerNatMode(endpoint)
  if (mode !== 'automatic' || endpoint === undefined) return mode
  if (showsInternalAddresses(endpoint)) return 'source'
  // A proxy that wants to stay on the way says so by Record-Route; its address says nothing about who is behind it.
  return endpoint.outboundProxy.length > 0 ? 'written' : 'automatic'
}

/** RFC 1918, 6598, 3927, 1122; RFC 4193, 4291: addresses that only mean something where they are used. */
function isPrivate({ family, bytes }: IpAddress): boolean {
  const [a = 0, b = 0] = bytes
  if (family === 6)
    return (
      (a & 0xfe) === 0xfc ||
      (a === 0xfe && (b & 0xc0) === 0x80) ||
      bytes.every((byte, i) => byte === (i === 15 ? 1 : 0))
    )
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  )
}

/** A peer that writes a private host and sends from a public address is behind NAT. */
export function isBehindNat(writtenHost: string, sourceAddress: string): boolean {
  const written = parseAddress(writtenHost)
  const source = parseAddress(sourceAddress)
  return written !== undefined && source !== undefined && isPrivate(written) && !isPrivate(source)
}

/**
 * Where an answer goes if it does not go by its connection: for UDP the source port or that of sent-by (RFC 3581), for
 * a stream that is gone always that of sent-by, because the source port was the caller's outgoing one (18.2.2).
 */
export function answerPort(request: Pick<SipMessage, 'topVia'>, flow: Flow, mode: NatMode): number {
  const via = request.topVia
  if (flow.connection !== 0 || mode === 'written') return via.port ?? 5060
  if (mode === 'source' || isBehindNat(via.host, flow.address)) return flow.port
  return responsePort(via, flow.port)
}
