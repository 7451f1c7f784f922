// Which of our listeners a call leaves by, and whether an address is our own: known without the sockets themselves, so that
// every signalling thread can say it.
import { parseAddress } from '../contract/address.ts'
import type { ListenerInfo, Protocol } from '../sip/flow.ts'
import { hostPort } from './listener.ts'
import type { LocalAddress } from './local-address.ts'
import { fitOf, ownAddress } from './local-address.ts'

export class OwnListeners {
  readonly #listeners: readonly ListenerInfo[]
  readonly #local: readonly LocalAddress[]
  readonly #own: ReadonlySet<string>

  /** @param local the machine's addresses. */
  constructor(listeners: readonly ListenerInfo[], local: readonly LocalAddress[]) {
    this.#listeners = listeners
    this.#local = listeners.map((info) => ownAddress(info.address, local))
    this.#own = new Set(
      listeners.flatMap((info) => [
        hostPort(info.address, info.port),
        `${info.sentByHost.toLowerCase()}:${info.sentByPort}`,
      ]),
    )
  }

  /**
   * The listener by which calls to `address` leave: among those of that protocol and family (and name, if given) the
   * one whose address is the peer's, else loopback for loopback, else the same subnet, else the first that is not
   * loopback. Undefined: none of that protocol, family and name.
   */
  find(protocol: Protocol, address: string, name: string | null): ListenerInfo | undefined {
    const peer = parseAddress(address)
    if (peer === undefined) return undefined
    let best: ListenerInfo | undefined
    let bestFit = -1
    for (const [index, info] of this.#listeners.entries()) {
      if (info.protocol !== protocol || info.family !== peer.family) continue
      if (name !== null && info.name !== name) continue
      const fit = fitOf(this.#local[index] as LocalAddress, peer)
      if (fit <= bestFit) continue
      best = info
      bestFit = fit
    }
    return best
  }

  /** Whether a peer that writes this address and port means us: a listener's own or its advertised one. */
  isOwn(address: string, port: number): boolean {
    return this.#own.has(hostPort(address, port).toLowerCase())
  }
}
