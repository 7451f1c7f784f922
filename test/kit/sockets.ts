// Peers for tests over real sockets: a UDP socket and TCP ends that remember what came, and a transport that is
// closed when its test ends. Nothing here shares code with the transport room.
import type { TestContext } from 'node:test'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Inbox, until } from './inbox.ts'

export interface Datagram {
  readonly text: string
  readonly address: string
  readonly port: number
}

export interface UdpPeer {
  readonly address: string
  readonly port: number
  readonly inbox: Inbox<Datagram>
  send(bytes: Buffer | string, address: string, port: number): void
  close(): Promise<void>
}

/** A UDP socket on `address`; closed when the test ends. */
export async function openUdpPeer(t: TestContext, address: string, port = 0): Promise<UdpPeer> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' })
  const inbox = new Inbox<Datagram>(`UDP peer ${address}`)
  socket.on('message', (bytes, from) =>
    inbox.push({ text: bytes.toString('latin1'), address: from.address, port: from.port }),
  )
  socket.on('error', () => undefined)
  socket.bind(port, address)
  await once(socket, 'listening')
  let open = true
  const close = async (): Promise<void> => {
    if (!open) return
    open = false
    socket.close()
    await once(socket, 'close')
  }
  t.after(close)
  return {
    address,
    port: socket.address().port,
    inbox,
    send: (bytes, to, toPort) => socket.send(bytes, toPort, to),
    close,
  }
}

/** One end of a TCP connection. */
export class TcpEnd {
  readonly socket: Socket
  /** Everything that came, joined. */
  text = ''
  error: Error | undefined
  #isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1')
    })
    socket.on('error', (error) => {
      this.error = error
    })
    socket.on('close', () => {
      this.#isClosed = true
    })
  }

  closed(): Promise<void> {
    return until('the connection is closed', () => this.#isClosed)
  }

  /** Closes with RST. */
  reset(): void {
    this.socket.resetAndDestroy()
  }
}

/** Starts a TCP connection, which may be refused or reset; destroyed when the test ends. */
export function startTcp(t: TestContext, to: { readonly address: string; readonly port: number }): TcpEnd {
  const end = new TcpEnd(connect({ host: to.address, port: to.port, noDelay: true }))
  t.after(() => end.socket.destroy())
  return end
}

/** A TCP connection that is open; destroyed when the test ends. */
export async function connectTcp(
  t: TestContext,
  to: { readonly address: string; readonly port: number },
): Promise<TcpEnd> {
  const end = startTcp(t, to)
  await once(end.socket, 'connect')
  return end
}

export interface TcpPeer {
  readonly address: string
  readonly port: number
  /** Ends of accepted connections, in order. */
  readonly accepted: Inbox<TcpEnd>
  close(): Promise<void>
}

/** A TCP server on `address`; it and its connections are closed when the test ends. */
export async function openTcpPeer(t: TestContext, address: string, port = 0): Promise<TcpPeer> {
  const server = createServer({ noDelay: true })
  const accepted = new Inbox<TcpEnd>(`TCP peer ${address}`)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    accepted.push(new TcpEnd(socket))
  })
  server.listen(port, address)
  await once(server, 'listening')
  let open = true
  const close = async (): Promise<void> => {
    if (!open) return
    open = false
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  t.after(close)
  return { address, port: (server.address() as AddressInfo).port, accepted, close }
}
