// A stranger floods the real socket while a known source calls: every call succeeds, the flood is dropped and counted, and
// saving the stranger's address makes it known at once.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { whenRead } from '../kit/bound-ports.ts'
import { oneGateway } from '../kit/one-gateway.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.44'
const stranger = `${net}.66`
const packets = 20_000
const calls = 100
const burst = 100
/** Of the kernel's buffer of the receiving socket. A fuller one could lose the packets of known sources, too. */
const waitingBytesMax = 1_000_000

const request = (i: number): string =>
  [
    `REGISTER sip:${net}.1 SIP/2.0`,
    `Via: SIP/2.0/UDP ${stranger}:5090;branch=z9hG4bKflood${i}`,
    'Max-Forwards: 70',
    `From: <sip:x@${stranger}>;tag=${i}`,
    `To: <sip:x@${stranger}>`,
    `Call-ID: flood-${i}`,
    `CSeq: 1 REGISTER`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

const send = (socket: Socket, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send(text, 5060, `${net}.1`, (error) => (error === null ? resolve() : reject(error)))
  })

/** As fast as it is read. */
async function flood(socket: Socket): Promise<void> {
  for (let sent = 0; sent < packets; sent += burst) {
    await whenRead(`${net}.1`, 5060, waitingBytesMax)
    await Promise.all(Array.from({ length: burst }, (_, i) => send(socket, request(sent + i))))
  }
}

test('SIPp: 100 calls of a known source succeed while a stranger sends 20,000 packets', async () => {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: oneGateway(net) })
  const gateway = startSipp({ scenario: 'uas', address: `${net}.11`, port: 5080 })
  const socket = createSocket('udp4')
  let answered = 0
  socket.on('message', () => {
    answered += 1
  })
  try {
    socket.bind(5090, stranger)
    await Promise.all([once(socket, 'listening'), gateway.ready])
    const calling = runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote: `${net}.1:5060`,
      calls,
      callsPerSecond: 50,
      pauseMs: 100,
    })
    await flood(socket)
    const caller = await calling
    assert.deepEqual([caller.successful, caller.failed], [calls, 0])
    const dropped =
      (await tollgate.metric('tollgate_auth_rejections_total', 'flood')) +
      (await tollgate.metric('tollgate_auth_rejections_total', 'auto_blocked'))
    console.log(`${packets} packets of a stranger: ${answered} answered, ${dropped} dropped and counted`)
    // What the kernel dropped before us is not ours to count.
    assert.ok(dropped > packets / 2 && dropped < packets)
    assert.ok(answered <= 300, `${answered} answers`)
    const { body } = await tollgate.request('GET', '/api/v1/blocks')
    assert.deepEqual(
      (body as { items: { address: string; automatic: boolean }[] }).items.map((row) => [row.address, row.automatic]),
      [[stranger, true]],
    )
    await admitStranger(tollgate)
    // A gateway that answers no BYE holds its channel for the 32 s of timer F.
    await tollgate.assertNothingHeld(60_000)
  } finally {
    socket.close()
    await gateway.kill()
    await tollgate.stop()
  }
})

/** The blocked source becomes a customer: its next packet is answered. */
async function admitStranger(tollgate: Tollgate): Promise<void> {
  const file = { customers: [{ name: 'New', endpoints: [{ name: 'new', direction: 'sends', addresses: [stranger] }] }] }
  assert.equal((await tollgate.request('POST', '/api/v1/config/apply', file)).status, 200)
  const welcome = await WireCaller.open(stranger, { address: `${net}.1`, port: 5060 })
  try {
    assert.equal((await welcome.request({ method: 'OPTIONS' })).status, 200)
  } finally {
    welcome.close()
  }
  const { body } = await tollgate.request('GET', '/api/v1/blocks')
  assert.deepEqual((body as { items: unknown[] }).items, [])
}
