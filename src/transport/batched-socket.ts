// One UDP socket of our own: receives and sends in batches, and reads the ICMP errors that the kernel keeps for it, with
// the address they are about. Nothing is sent before `flush`, which its loop calls at the end of each turn.
import { constants } from 'node:os'
import type { MessageVector } from './message-vector.ts'
import { readSocketAddress, readSocketPort, socketAddressLength, writeSocketAddress } from './socket-address.ts'
import type { SystemCalls } from './system-calls.ts'
import { systemError } from './system-calls.ts'
import type { LoopMember, UdpLoop } from './udp-loop.ts'

const { EAGAIN, ECONNREFUSED, EINTR, ENOBUFS, ENOMEM } = constants.errno
const noWait = 0x40
const errorQueue = 0x2000
/** Batches of errors read in one turn; more wait for the next. */
const errorBatchesMax = 4

/** What the sockets of one Transport share, because no two of them are served at once. */
export interface Batching {
  readonly calls: SystemCalls
  readonly loop: UdpLoop
  readonly received: MessageVector
  readonly errors: MessageVector
  readonly makeOutgoing: () => MessageVector
}

export interface BatchedReceiver {
  onDatagram(bytes: Buffer, address: string, port: number): void
  /** A send failed at once, or (`isIcmp`) the far end's machine said so later. */
  onSendError(error: Error, address: string, port: number, isIcmp: boolean): void
  onSocketError(error: Error): void
}

interface Waiting {
  readonly bytes: Buffer
  readonly address: string
  readonly port: number
}

export class BatchedSocket implements LoopMember {
  readonly descriptor: number
  readonly #batching: Batching
  readonly #receiver: BatchedReceiver
  readonly #family: 4 | 6
  readonly #queueBytesMax: number
  readonly #outgoing: MessageVector
  readonly #addresses: string[] = []
  readonly #ports: Uint16Array
  /** Slots from `#first` to `#next` wait to be sent; what finds no slot waits in `#backlog`. */
  #first = 0
  #next = 0
  #backlog: Waiting[] = []
  #backlogBytes = 0
  #closed = false

  constructor(
    descriptor: number,
    batching: Batching,
    receiver: BatchedReceiver,
    options: { readonly family: 4 | 6; readonly queueBytesMax: number },
  ) {
    this.descriptor = descriptor
    this.#batching = batching
    this.#receiver = receiver
    this.#family = options.family
    this.#queueBytesMax = options.queueBytesMax
    this.#outgoing = batching.makeOutgoing()
    this.#ports = new Uint16Array(this.#outgoing.slots)
    batching.loop.add(this)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.flush()
    this.#batching.loop.remove(this)
    this.#batching.calls.close(this.descriptor)
  }

  /** Takes a datagram to be sent at the end of the turn. False: too much waits, it was dropped. */
  send(bytes: Buffer, address: string, port: number): boolean {
    if (this.#next === this.#outgoing.slots) this.flush()
    if (this.#next < this.#outgoing.slots && this.#backlog.length === 0) {
      this.#put(bytes, address, port)
      return true
    }
    if (this.#backlogBytes + bytes.length > this.#queueBytesMax) return false
    this.#backlog.push({ bytes, address, port })
    this.#backlogBytes += bytes.length
    return true
  }

  #put(bytes: Buffer, address: string, port: number): void {
    const out = this.#outgoing
    const slot = this.#next
    if (!writeSocketAddress(out.names, out.nameAt(slot), { family: this.#family, address, port })) {
      this.#receiver.onSendError(systemError(constants.errno.EAFNOSUPPORT, 'sendmmsg'), address, port, false)
      return
    }
    bytes.copy(out.data, out.dataAt(slot))
    out.fill(slot, bytes.length, socketAddressLength(this.#family))
    this.#addresses[slot] = address
    this.#ports[slot] = port
    this.#next += 1
  }

  flush(): boolean {
    if (this.#next === 0) return true
    while (this.#sendSlots()) {
      if (this.#backlog.length === 0) return true
      const waiting = this.#backlog.splice(0, this.#outgoing.slots)
      for (const { bytes, address, port } of waiting) {
        this.#backlogBytes -= bytes.length
        this.#put(bytes, address, port)
      }
    }
    return false
  }

  /** False: the kernel has no room for all of them now. */
  #sendSlots(): boolean {
    const { calls } = this.#batching
    const out = this.#outgoing
    let isRepeated = false
    let told = 0
    while (this.#first < this.#next) {
      const sent = calls.sendmmsg(this.descriptor, out.from(this.#first), this.#next - this.#first, noWait)
      if (sent > 0) {
        this.#first += sent
        isRepeated = false
        continue
      }
      const errno = calls.errno()
      if (errno === EINTR) continue
      if (errno === EAGAIN || errno === ENOBUFS || errno === ENOMEM) return false
      // That nobody listens is never about this datagram, which has not left: an ICMP error of an earlier one is told
      // instead of sending it, and more of them may come while it is tried again.
      if (errno === ECONNREFUSED) {
        this.#readErrors()
        told += 1
        if (told > out.slots) return false
        continue
      }
      // Other errors may be an earlier datagram's, too; the second time it is this one's own.
      if (isRepeated) this.#skip(errno)
      else this.#readErrors()
      isRepeated = !isRepeated
    }
    this.#first = 0
    this.#next = 0
    return true
  }

  #skip(errno: number): void {
    const slot = this.#first
    this.#first += 1
    const [address = '', port = 0] = [this.#addresses[slot], this.#ports[slot]]
    this.#receiver.onSendError(systemError(errno, 'sendmmsg'), address, port, false)
  }

  onReadable(): void {
    const { calls, loop, received } = this.#batching
    const count = calls.recvmmsg(this.descriptor, received.headers, received.slots, noWait, null)
    if (count < 0) {
      const errno = calls.errno()
      if (errno === EAGAIN || errno === EINTR) return
      // The kernel tells an ICMP error this way, too; what it was about stands in the queue of errors.
      if (this.#readErrors() === 0) this.#receiver.onSocketError(systemError(errno, 'recvmmsg'))
      return
    }
    if (count > 0) loop.noteBatch(count, count === received.slots)
    for (let slot = 0; slot < count && !this.#closed; slot++) this.#deliver(received, slot)
    for (let slot = 0; slot < count; slot++) received.expect(slot)
  }

  /** The memory of a vector is used again: what is handed up is a copy. */
  #deliver(received: MessageVector, slot: number): void {
    const length = received.receivedLength(slot)
    if (length < 0) return
    const at = received.dataAt(slot)
    const bytes = Buffer.allocUnsafe(length)
    received.data.copy(bytes, 0, at, at + length)
    const name = received.nameAt(slot)
    this.#receiver.onDatagram(bytes, readSocketAddress(received.names, name), readSocketPort(received.names, name))
  }

  /** Clears also the error that the kernel would tell the next caller. */
  onErrors(): void {
    if (this.#readErrors() === 0) this.onReadable()
  }

  #readErrors(): number {
    const { calls, errors } = this.#batching
    let all = 0
    for (let batch = 0; batch < errorBatchesMax; batch++) {
      const count = calls.recvmmsg(this.descriptor, errors.headers, errors.slots, noWait | errorQueue, null)
      for (let slot = 0; slot < count; slot++) this.#tellError(errors, slot)
      if (count > 0) all += count
      if (count < errors.slots) break
    }
    return all
  }

  /** Only that nobody listens there is worth telling: the rest passes or is told by the send. */
  #tellError(errors: MessageVector, slot: number): void {
    const errno = errors.errorNumber(slot)
    const name = errors.nameAt(slot)
    const address = readSocketAddress(errors.names, name)
    const port = readSocketPort(errors.names, name)
    errors.expect(slot)
    if (errno === ECONNREFUSED) this.#receiver.onSendError(systemError(errno, 'recvmmsg'), address, port, true)
  }
}
