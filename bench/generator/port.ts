// One UDP socket of the load generator: receives and sends in batches through the product's system calls, without copies of what
// comes in. Sending on loopback puts a datagram into the receiver's queue at once, so that nothing waits here.
import { MessageVector } from '../../src/transport/message-vector.ts'
import {
  socketAddressBytes,
  socketAddressLength,
  socketFamily,
  writeSocketAddress,
} from '../../src/transport/socket-address.ts'
import { systemError } from '../../src/transport/system-calls.ts'
import type { SystemCalls } from '../../src/transport/system-calls.ts'
import type { Place } from './messages.ts'

const datagramNoWaitCloseOnExec = 2 | 0o4000 | 0o2000000
const socketLevel = 1
/** SO_SNDBUF and SO_RCVBUF. */
const buffers = [7, 8]
const bufferBytes = 4_194_304
const slots = 64
const slotBytes = 4_096
const noWait = 0x40
/** A send that the kernel has no room for is tried so often before the datagram counts as not sent. */
const triesMax = 1_000

/** An address as the kernel writes it. */
export type Target = Uint8Array

export function targetOf(place: Place): Target {
  const target = new Uint8Array(socketAddressBytes)
  if (!writeSocketAddress(target, 0, { family: 4, ...place })) throw new Error(`${place.address} is no IPv4 address`)
  return target
}

export class Port {
  readonly place: Place
  readonly descriptor: number
  readonly #calls: SystemCalls
  readonly #received: MessageVector
  readonly #outgoing: MessageVector
  readonly #targets = new Map<number, Target>()
  #waiting = 0
  /** Datagrams that the kernel did not take. */
  unsent = 0

  private constructor(calls: SystemCalls, place: Place, descriptor: number) {
    this.#calls = calls
    this.place = place
    this.descriptor = descriptor
    const options = { slots, slotBytes, controlBytes: 0 }
    this.#received = new MessageVector(calls, options)
    this.#outgoing = new MessageVector(calls, options)
  }

  static open(calls: SystemCalls, place: Place): Port {
    const descriptor = calls.socket(socketFamily(4), datagramNoWaitCloseOnExec, 0)
    if (descriptor < 0) throw systemError(calls.errno(), 'socket')
    for (const name of buffers) {
      const value = new Uint8Array(Int32Array.of(bufferBytes).buffer)
      calls.setsockopt(descriptor, socketLevel, name, value, value.length)
    }
    if (calls.bind(descriptor, targetOf(place), socketAddressLength(4)) !== 0) {
      const error = systemError(calls.errno(), 'bind')
      calls.close(descriptor)
      throw error
    }
    return new Port(calls, place, descriptor)
  }

  send(text: string, target: Target): void {
    const out = this.#outgoing
    if (this.#waiting === out.slots) this.flush()
    const slot = this.#waiting
    const length = out.data.write(text, out.dataAt(slot), slotBytes, 'latin1')
    const at = out.nameAt(slot)
    for (let i = 0; i < 8; i++) out.names[at + i] = target[i] as number
    out.fill(slot, length, socketAddressLength(4))
    this.#waiting = slot + 1
  }

  flush(): void {
    let first = 0
    for (let tries = 0; first < this.#waiting && tries < triesMax; tries++) {
      const sent = this.#calls.sendmmsg(this.descriptor, this.#outgoing.from(first), this.#waiting - first, noWait)
      if (sent > 0) first += sent
    }
    this.unsent += this.#waiting - first
    this.#waiting = 0
  }

  /** Hands up one batch; says how many datagrams it had. */
  receive(onMessage: (text: string, from: Target) => void): number {
    const received = this.#received
    const count = this.#calls.recvmmsg(this.descriptor, received.headers, received.slots, noWait, null)
    for (let slot = 0; slot < count; slot++) {
      const at = received.dataAt(slot)
      const text = received.data.toString('latin1', at, at + received.receivedLength(slot))
      onMessage(text, this.#targetAt(received.nameAt(slot)))
      received.expect(slot)
    }
    return Math.max(0, count)
  }

  /** The same object for the same address. */
  #targetAt(at: number): Target {
    const { names } = this.#received
    let key = 0
    for (let i = 2; i < 8; i++) key = key * 256 + (names[at + i] as number)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const target = names.slice(at, at + socketAddressBytes)
    this.#targets.set(key, target)
    return target
  }

  close(): void {
    this.#calls.close(this.descriptor)
  }
}
