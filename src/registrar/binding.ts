// One contact of a SIP user as it was registered, with the flow it came by: that is the way back through its NAT.
import { addressText, parseAddress } from '../contract/address.ts'
import type { Protocol } from '../sip/flow.ts'
import { parseUri, serializeUri, uriParameter } from '../sip/uri.ts'

/** The path a REGISTER came by. */
export interface BindingFlow {
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  /** Name of our listener. */
  readonly listener: string
  /** 0 for UDP; else the connection's number, which is void after a restart. */
  readonly connection: number
}

/** Plain data: it crosses threads and lies in the database. Times are milliseconds since 1970. */
export interface Binding {
  readonly userId: string
  /** The URI that the device gave. */
  readonly contact: string
  readonly callId: string
  readonly cseq: number
  readonly registeredAt: number
  readonly expiresAt: number
  /** Route to the device, the nearest proxy first (RFC 3327). */
  readonly path: readonly string[]
  readonly userAgent: string
  readonly flow: BindingFlow
}

/**
 * Where the device is reached: by the flow that it registered by, which is open through any NAT. Only a UDP device that
 * gave the very address it sends from may name another port to be called at.
 */
export function reachOf({ contact, path, flow }: Binding): { readonly address: string; readonly port: number } {
  const uri = parseUri(contact)
  const host = parseAddress(uri?.host ?? '')
  const isOpen =
    flow.protocol === 'udp' && path.length === 0 && host !== undefined && addressText(host) === flow.address
  return { address: flow.address, port: isOpen ? (uri?.port ?? 5_060) : flow.port }
}

/** Equal for URIs that mean the same contact (RFC 3261 19.1.4, as far as devices differ in spelling). */
export function contactKey(contact: string): string {
  const uri = parseUri(contact)
  if (uri === undefined) return contact
  const transport = uriParameter(uri, 'transport')?.toLowerCase() ?? ''
  return `${serializeUri({ ...uri, password: undefined, parameters: '', headers: '' })};${transport}`
}
