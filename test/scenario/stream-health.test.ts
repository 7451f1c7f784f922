// Gateways over TCP and TLS that fail in different ways: each turns red, each with a reason of its own.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Authority } from '../kit/certificates.ts'
import { openTcpPeer } from '../kit/sockets.ts'
import { openTlsPeer } from '../kit/tls-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'

const authority = new Authority()
const net = '127.0.40'
const own = authority.issue('DNS:tollgate.example')

interface Row {
  readonly name: string
  readonly status: string
  readonly reason: string
}

/** A TCP server that does with each connection what it is told. */
async function serve(t: TestContext, then: 'ends' | 'talks' | 'waits'): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (then === 'ends') socket.once('data', () => socket.destroy())
    if (then === 'talks') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  server.listen(0, `${net}.11`)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function portsOf(t: TestContext): Promise<Readonly<Record<string, number>>> {
  const closed = await openTcpPeer(t, `${net}.11`)
  await closed.close()
  const expired = await openTlsPeer(t, `${net}.11`, authority.issue('DNS:sip.acme.example', { days: -1 }))
  const old = await openTlsPeer(t, `${net}.11`, authority.issue('DNS:sip.acme.example'), {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  return {
    'tcp-closed': closed.port,
    'tcp-ends': await serve(t, 'ends'),
    'tcp-silent': await serve(t, 'waits'),
    'tls-closed': closed.port,
    'tls-silent': await serve(t, 'waits'),
    'tls-not': await serve(t, 'talks'),
    'tls-expired': expired.port,
    'tls-old': old.port,
  }
}

const reasons: Readonly<Record<string, RegExp>> = {
  'tcp-closed': /^OPTIONS failed: connection refused$/,
  'tcp-ends': /^OPTIONS failed: .*(?:closed|reset|ECONNRESET)/i,
  'tcp-silent': /^OPTIONS timed out$/,
  'tls-closed': /^OPTIONS failed: connection refused$/,
  'tls-silent': /^OPTIONS failed: TLS: no TLS handshake within 2000 ms$/,
  'tls-not': /^OPTIONS failed: TLS: the peer does not speak TLS$/,
  'tls-expired': /^OPTIONS failed: TLS: certificate has expired$/,
  'tls-old': /^OPTIONS failed: TLS: no common TLS version/,
}

test('refused, ended, silent, no TLS, no handshake, an expired certificate, an old version: each is red with its reason', async (t) => {
  const ports = await portsOf(t)
  const probe = { intervalSeconds: 1, intervalDownSeconds: 30, failuresDown: 1, timeoutMs: 4_000 }
  const endpoints = Object.entries(ports).map(([name, port]) => ({
    name,
    direction: 'receives' as const,
    addresses: [`${net}.11`],
    transport: name.startsWith('tls') ? ('tls' as const) : ('tcp' as const),
    port,
    tls: { serverName: 'sip.acme.example' },
    probe,
  }))
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: { carriers: [{ name: 'Acme', endpoints }] },
    environment: {
      TOLLGATE_SIP_LISTEN: `tcp:${net}.1:5060,tls:${net}.1:5061`,
      TOLLGATE_TLS_CERT: own.certFile,
      TOLLGATE_TLS_KEY: own.keyFile,
      TOLLGATE_TLS_CA: authority.caFile,
    },
  })
  t.after(() => tollgate.stop())
  const rows = await tollgate.eventually(
    'all are red',
    () => tollgate.get<readonly Row[]>('/gateways'),
    (found) => found.length === endpoints.length && found.every(({ status }) => status === 'red'),
  )
  for (const { name, reason } of rows) assert.match(reason, reasons[name] ?? /never/, name)
})
