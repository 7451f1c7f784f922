// A transport with a TLS listener and certificates of a test authority, for the tests of TLS.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { ListenerInfo, Target, TlsPeer } from '../../src/sip/flow.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { Authority } from './certificates.ts'
import type { RecordingReceiver } from './transport.ts'
import { openTransport, specOf } from './transport.ts'

export const authority = new Authority()
export const own = authority.issue('DNS:tollgate.example,IP:127.0.0.1')
export const files = { ...own, caFile: authority.caFile }
export const ca = authority.pem
export const address = '127.0.0.1'

/** One whole request. */
export const message = (label: string): string =>
  `OPTIONS sip:${label} SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n`

export interface Opened {
  readonly transport: Transport
  readonly receiver: RecordingReceiver
  readonly listener: ListenerInfo
}

/** A transport with one TLS listener. */
export async function open(t: TestContext, limits: Record<string, number> = {}): Promise<Opened> {
  const opened = await openTransport(t, [specOf('tls', address)], { tls: files, limits })
  const [listener] = opened.transport.listeners
  assert.ok(listener !== undefined)
  return { ...opened, listener }
}

/** What a target has to prove; equal arguments give equal identities. */
export const expecting = (serverName: string | null, more: Partial<TlsPeer> = {}): TlsPeer => {
  const rest = { verify: 'strict', ca: null, clientCertificateFile: null, ...more } as const
  return { serverName, identity: JSON.stringify([serverName, rest]), ...rest }
}

export const targetOf = (listener: ListenerInfo, port: number, tls?: TlsPeer): Target => ({
  protocol: 'tls',
  address,
  port,
  listener,
  tls,
})
