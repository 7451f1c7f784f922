// A real rtpengine between RTP of a customer and SRTP of a carrier: keys, packets both ways, hidden addresses.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { rtpengineVersion, startRtpengine } from '../kit/rtpengine.ts'
import { openUdpPeer } from '../kit/sockets.ts'
import type { Datagram, UdpPeer } from '../kit/sockets.ts'
import { protect, unprotect } from '../kit/srtp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.61'
const edge = `${net}.1`
const callerAddress = `${net}.2`
const gatewayAddress = `${net}.3`
const relayAddress = `${net}.4`
const suite = 'AES_CM_128_HMAC_SHA1_80'

before(() => console.log(rtpengineVersion()))

const field = (text: string, name: string): string => new RegExp(`^${name}:\\s*(.*)\\r$`, 'im').exec(text)?.[1] ?? ''
const mediaPort = (text: string): number => Number(/^m=audio (\d+)/m.exec(text)?.[1])
const keyIn = (text: string): Buffer =>
  Buffer.from(new RegExp(`^a=crypto:\\d+ ${suite} inline:([^\\s|]+)`, 'm').exec(text)?.[1] ?? '', 'base64')

const sdp = (address: string, port: number, protocol: string, more = ''): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} ${protocol} 8\r\n${more}`

/** A voice packet of PCMA (RFC 3550 5.1). */
function voice(sequence: number, ssrc: number): Buffer {
  const header = Buffer.alloc(12)
  header[0] = 0x80
  header[1] = 8
  header.writeUInt16BE(sequence, 2)
  header.writeUInt32BE(sequence * 160, 4)
  header.writeUInt32BE(ssrc, 8)
  return Buffer.concat([header, Buffer.from(`voice ${sequence} `.repeat(12))])
}

function request(method: string, to: string, parts: { cseq: number; toTag?: string; body?: string }): string {
  const { cseq, toTag = '', body = '' } = parts
  return [
    `${method} sip:441782000001@${edge} SIP/2.0`,
    `Via: SIP/2.0/UDP ${to};rport;branch=z9hG4bK${method}${cseq}`,
    'Max-Forwards: 70',
    `From: <sip:441000@${to}>;tag=caller`,
    `To: <sip:441782000001@${edge}>${toTag}`,
    `Call-ID: srtp@${to}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:${to}>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

function answer(text: string, body = ''): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(text, name)}`)
  const to = field(text, 'To')
  return [
    'SIP/2.0 200 OK',
    ...copied,
    `To: ${to}${to.includes('tag=') ? '' : ';tag=gateway'}`,
    `Contact: <sip:${gatewayAddress}:5060>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** The next datagram that starts so; others (100, repeated ones) are passed over. */
async function nextFrom(peer: UdpPeer, start: string): Promise<Datagram> {
  const datagram = await peer.inbox.next()
  return datagram.text.startsWith(start) ? datagram : nextFrom(peer, start)
}

/** Sends until something arrives: the relay learns where each side is from its packets. */
async function firstVoice(
  from: UdpPeer,
  to: UdpPeer,
  packets: { port: number; make: (n: number) => Buffer },
): Promise<Buffer> {
  for (let n = 1; n <= 20; n++) from.send(packets.make(n), relayAddress, packets.port)
  const { text, address } = await to.inbox.next()
  assert.equal(address, relayAddress)
  return Buffer.from(text, 'latin1')
}

async function peers(t: TestContext): Promise<Record<'caller' | 'gateway' | 'callerMedia' | 'gatewayMedia', UdpPeer>> {
  const caller = await openUdpPeer(t, callerAddress, 5060)
  const gateway = await openUdpPeer(t, gatewayAddress, 5060)
  const callerMedia = await openUdpPeer(t, callerAddress, 40_000)
  return { caller, gateway, callerMedia, gatewayMedia: await openUdpPeer(t, gatewayAddress, 40_000) }
}

const file = {
  system: { realm: 'test' },
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        {
          name: 'secure',
          direction: 'receives' as const,
          addresses: [gatewayAddress],
          mediaEncryption: 'srtp' as const,
          probe: { enabled: false },
        },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [callerAddress] }] }],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
}

test('RFC3711-3.3: rtpengine bridges RTP and SRTP, each side sees its address only, and forgets the call at its end', async (t) => {
  const relay = await startRtpengine(relayAddress, 2_223)
  const environment = { TOLLGATE_RTPENGINE: `udp:${relayAddress}:2223` }
  const tollgate = await Tollgate.start({ sip: `${edge}:5060`, file, environment })
  const { caller, gateway, callerMedia, gatewayMedia } = await peers(t)
  try {
    const own = `${callerAddress}:5060`
    caller.send(request('INVITE', own, { cseq: 1, body: sdp(callerAddress, 40_000, 'RTP/AVP') }), edge, 5060)
    const invite = (await nextFrom(gateway, 'INVITE')).text
    assert.match(invite, /^m=audio \d+ RTP\/SAVP 8/m)
    assert.match(invite, new RegExp(`^c=IN IP4 ${relayAddress}\r$`, 'm'))
    assert.ok(!invite.includes(callerAddress), invite)
    assert.ok(!invite.includes('NULL_HMAC'), 'no suite that encrypts nothing')
    const gatewayKey = randomBytes(30)
    const tag = new RegExp(`^a=crypto:(\\d+) ${suite} `, 'm').exec(invite)?.[1] ?? ''
    const crypto = `a=crypto:${tag} ${suite} inline:${gatewayKey.toString('base64')}\r\n`
    gateway.send(answer(invite, sdp(gatewayAddress, 40_000, 'RTP/SAVP', crypto)), edge, 5060)
    const answered = (await nextFrom(caller, 'SIP/2.0 200')).text
    assert.match(answered, /^m=audio \d+ RTP\/AVP 8/m)
    assert.ok(!answered.includes(gatewayAddress) && !answered.includes('a=crypto'), answered)
    const toTag = /;tag=[^;\r]+/.exec(field(answered, 'To'))?.[0] ?? ''
    caller.send(request('ACK', own, { cseq: 1, toTag }), edge, 5060)

    const toGateway = { port: mediaPort(answered), make: (n: number) => voice(n, 0x1111) }
    const secured = await firstVoice(callerMedia, gatewayMedia, toGateway)
    const sequence = secured.readUInt16BE(2)
    const opened = unprotect(keyIn(invite), secured)
    assert.deepEqual(opened?.subarray(12), voice(sequence, 0x1111).subarray(12))
    assert.ok(!secured.includes('voice'), 'the payload is encrypted')

    const toCaller = { port: mediaPort(invite), make: (n: number) => protect(gatewayKey, voice(n, 0x2222)) }
    const plain = await firstVoice(gatewayMedia, callerMedia, toCaller)
    assert.deepEqual(plain.subarray(12), voice(plain.readUInt16BE(2), 0x2222).subarray(12))

    caller.send(request('BYE', own, { cseq: 2, toTag }), edge, 5060)
    gateway.send(answer((await nextFrom(gateway, 'BYE')).text), edge, 5060)
    await tollgate.assertNothingHeld()
    const deletes = (): number => relay.log().split("Received command 'delete'").length - 1
    await tollgate.eventually(
      'deleted',
      () => Promise.resolve(deletes()),
      (count) => count === 1,
    )
    await tollgate.eventually(
      'its record',
      () => tollgate.records(),
      (rows) => rows[0]?.outcome === 'answered',
    )
  } finally {
    await tollgate.stop()
    await relay.stop()
  }
})

test('rtpengine gone: the call gets 503 within two seconds, the record says why', async (t) => {
  const environment = { TOLLGATE_RTPENGINE: `udp:${relayAddress}:2224` }
  const tollgate = await Tollgate.start({ sip: `${edge}:5060`, file, environment })
  const { caller } = await peers(t)
  try {
    const own = `${callerAddress}:5060`
    const from = performance.now()
    caller.send(request('INVITE', own, { cseq: 1, body: sdp(callerAddress, 40_000, 'RTP/AVP') }), edge, 5060)
    await nextFrom(caller, 'SIP/2.0 503')
    assert.ok(performance.now() - from < 2_000)
    const [record] = await tollgate.eventually(
      'a record',
      () => tollgate.records(),
      (rows) => rows.length === 1,
    )
    assert.equal(record?.attempts.length, 0)
  } finally {
    await tollgate.stop()
  }
})
