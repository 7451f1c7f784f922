// Why the system does not let a listener send to an address, and what to do about it, in plain words. They stand as the
// reason of a red gateway, in attempts of calls and in test calls.
import { parseAddress } from '../contract/address.ts'
import type { ListenerInfo, Peer } from '../sip/flow.ts'
import { isLoopback } from './local-address.ts'
import { errorCode } from './peer-errors.ts'

type Place = Pick<ListenerInfo, 'address' | 'port'>

const placeText = ({ address, port }: Place): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

const loopback = (address: string): boolean => {
  const parsed = parseAddress(address)
  return parsed !== undefined && isLoopback(parsed)
}

const otherListener =
  'let calls leave by a listener with an address of the right network (TOLLGATE_SIP_LISTEN, `listener` of the entry)'

/** What is wrong, after "the listener A cannot send to B: ". */
const texts: Readonly<Record<string, string>> = {
  EINVAL: `its address does not suit that network (EINVAL); ${otherListener}`,
  EADDRNOTAVAIL: `this machine does not have its address any more (EADDRNOTAVAIL); ${otherListener}`,
  EAFNOSUPPORT: `one is IPv4 and the other IPv6; ${otherListener}`,
  ENETUNREACH:
    'this machine has no route there (ENETUNREACH); check the address of the entry and the routes of this machine',
  ENETDOWN: 'the network interface is down (ENETDOWN)',
  EHOSTUNREACH:
    'that machine is not there, or a router on the way refuses (EHOSTUNREACH); check the address of the entry and the network',
  EHOSTDOWN: 'that machine is down (EHOSTDOWN)',
  EACCES: 'the system forbids it (EACCES); is it a broadcast address, or does a policy of this machine refuse it?',
  EPERM: 'a firewall of this machine drops what is sent there (EPERM); allow it in the outgoing rules',
  EMSGSIZE: 'the message is too large for the network on the way (EMSGSIZE); use TCP for this entry (`largeToTcp`)',
}

/** In plain words if we know any, else as the system says it. */
export function sendFaultText(error: Error, from: Place, to: Pick<Peer, 'address'>): string {
  const text = texts[errorCode(error)]
  if (text === undefined) return error.message
  const bound = loopback(from.address) && !loopback(to.address)
  const why = bound ? `it is bound to loopback, which reaches this machine only; ${otherListener}` : text
  return `the listener ${placeText(from)} cannot send to ${to.address}: ${why}`
}
