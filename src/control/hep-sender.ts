// Sends copies of SIP messages to a HEP collector: UDP, one packet each, secrets masked. What the kernel does not take in
// time is dropped and counted; a collector that is not there changes nothing else.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { HepMessage } from '../edge/seam.ts'
import { encodeHep } from '../trace/hep.ts'
import { maskSecrets } from '../trace/mask.ts'

export interface HepTarget {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
  /** Number of this agent, as the collector knows it. */
  readonly captureId: number
}

export class HepSender {
  readonly #target: HepTarget
  readonly #log: Log
  readonly #socket: Socket
  #outstanding = 0
  #sent = 0
  #dropped = 0
  #said = false

  constructor(target: HepTarget, log: Log) {
    this.#target = target
    this.#log = log
    this.#socket = createSocket({ type: target.family === 6 ? 'udp6' : 'udp4', lookup: numericLookup })
    this.#socket.on('error', (error) => this.#onError(error))
    this.#socket.unref()
  }

  add(messages: readonly HepMessage[]): void {
    const { captureId } = this.#target
    for (const { message, correlationId } of messages) {
      const packet =
        this.#outstanding < bound('hepQueueMax')
          ? encodeHep({ ...message, text: maskSecrets(message.text) }, { captureId, correlationId })
          : undefined
      if (packet === undefined) this.#dropped += 1
      else this.#send(packet)
    }
  }

  #send(packet: Buffer): void {
    this.#outstanding += 1
    this.#socket.send(packet, this.#target.port, this.#target.address, (error) => {
      this.#outstanding -= 1
      if (error === null) {
        this.#sent += 1
        this.#said = false
      } else {
        this.#dropped += 1
        this.#onError(error)
      }
    })
  }

  /** Once, until a packet goes out again. */
  #onError(error: Error): void {
    if (!this.#said) this.#log.warn('HEP packets cannot be sent', { error: error.message })
    this.#said = true
  }

  samples(): Sample[] {
    return [
      { metric: 'hepPackets', labels: [], values: [this.#sent] },
      { metric: 'traceDropped', labels: ['hep_queue'], values: [this.#dropped] },
    ]
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(resolve)
    })
  }
}

/** The target is a number: no name service is ever asked. */
const numericLookup = (
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void => callback(null, address, address.includes(':') ? 6 : 4)
