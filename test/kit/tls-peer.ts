// TLS ends for tests over real sockets: a server that shows a given certificate and a client, both remembering what came.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions, TlsOptions, TLSSocket } from 'node:tls'
import type { CertificateFiles } from './certificates.ts'
import { Inbox } from './inbox.ts'
import { TcpEnd } from './sockets.ts'

export interface TlsPeer {
  readonly address: string
  readonly port: number
  /** Ends of accepted connections whose handshake is done, in order. */
  readonly accepted: Inbox<TcpEnd>
  /** All of them, also those taken from `accepted`. */
  readonly ends: readonly TcpEnd[]
  /** Names that clients asked for (SNI); '' = none. */
  readonly askedNames: string[]
  close(): Promise<void>
}

export const tlsFilesOf = ({ certFile, keyFile }: CertificateFiles): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
})

/** A TLS server on `address`; it and its connections are closed when the test ends. */
export async function openTlsPeer(
  t: TestContext,
  address: string,
  files: CertificateFiles,
  more: TlsOptions & { port?: number } = {},
): Promise<TlsPeer> {
  const server = createServer({ ...tlsFilesOf(files), ...more })
  const accepted = new Inbox<TcpEnd>(`TLS peer ${address}`)
  const ends: TcpEnd[] = []
  const askedNames: string[] = []
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('secureConnection', (socket) => {
    askedNames.push(typeof socket.servername === 'string' ? socket.servername : '')
    const end = new TcpEnd(socket)
    ends.push(end)
    accepted.push(end)
  })
  server.on('tlsClientError', () => undefined)
  server.listen(more.port ?? 0, address)
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
  return { address, port: (server.address() as AddressInfo).port, accepted, ends, askedNames, close }
}

/** A TLS connection whose handshake is done; destroyed when the test ends. */
export async function connectTls(
  t: TestContext,
  to: { readonly address: string; readonly port: number },
  options: ConnectionOptions,
): Promise<{ end: TcpEnd; socket: TLSSocket }> {
  const socket = connect({ host: to.address, port: to.port, checkServerIdentity: () => undefined, ...options })
  const end = new TcpEnd(socket)
  t.after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return { end, socket }
}
