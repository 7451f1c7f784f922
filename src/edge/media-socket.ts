// The UDP socket toward rtpengine. What it brings from elsewhere is dropped; errors of it look like silence, which the
// time-outs of the questions handle.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Log } from '../base/log.ts'

/** Where rtpengine listens for ng commands. */
export interface MediaAddress {
  readonly address: string
  readonly port: number
}

export class MediaSocket {
  readonly #socket
  readonly #to: MediaAddress
  /** Told of each datagram of the relay. */
  onDatagram: (bytes: Buffer) => void = () => undefined

  private constructor(to: MediaAddress, log: Log) {
    this.#to = to
    this.#socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4')
    this.#socket.on('message', (bytes, from) => {
      if (from.address === to.address && from.port === to.port) this.onDatagram(bytes)
    })
    this.#socket.on('error', (error) => log.warn('media relay socket', { error: error.message }))
  }

  static async open(to: MediaAddress, log: Log): Promise<MediaSocket> {
    const opened = new MediaSocket(to, log)
    opened.#socket.bind(0)
    await once(opened.#socket, 'listening')
    return opened
  }

  send(bytes: Buffer): void {
    this.#socket.send(bytes, this.#to.port, this.#to.address)
  }

  close(): void {
    this.#socket.close()
  }
}
