// The ways of a call: TCP, large requests, IPv6, outbound proxies, loops, spirals, our own listener.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import type { Sent } from '../kit/edge-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'
import {
  answerSdp,
  callerAddress,
  CallerSide,
  edgeAddress,
  gateway1,
  gateway2,
  GatewaySide,
  offer,
  standardFile,
  standardRig,
} from '../kit/call-rig.ts'

const methods = (messages: readonly { kind: string; method: string; status: number }[]): string[] =>
  messages.map((message) => (message.kind === 'request' ? message.method : String(message.status)))

const find = (sent: readonly Sent[], method: string, address: string): Sent => {
  const found = sent.find(
    (one) => one.message.kind === 'request' && one.message.method === method && one.address === address,
  )
  assert.ok(found, `${method} to ${address}`)
  return found
}

test('RFC3261-18.2.2: a caller over TCP is answered and hung up on its connection', () => {
  const rig = standardRig()
  rig.connection = 17
  const caller = new CallerSide(rig, { protocol: 'tcp' })
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  const answer = rig.take().find((one) => one.message.status === 200)
  assert.equal(answer?.protocol, 'tcp')
  assert.equal(answer.connection, 17)
  assert.equal(answer.message.value(headerIds.contact), '<sip:10.0.0.1:5060;transport=tcp>')
  caller.toTag = answer.message.toTag ?? ''
  caller.ack()
  gateway.request('BYE', invite)
  const bye = find(rig.take(), 'BYE', callerAddress)
  assert.equal(bye.protocol, 'tcp')
  assert.equal(bye.connection, 17)
  caller.answer(bye.message, 200)
  rig.assertNothingLeft()
})

test('RFC3261-13.3.1.4: our 2xx over TCP is sent again too, until its ACK', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig, { protocol: 'tcp' })
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  rig.advance(1_600)
  assert.deepEqual(caller.statuses(), [100, 200, 200, 200])
  caller.ack()
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('the loss of a TCP connection does not end a call: the next request goes to the Contact', () => {
  const rig = standardRig({ endpoint: { transport: 'tcp' } })
  const caller = new CallerSide(rig, { protocol: 'tcp' })
  const gateway = new GatewaySide(rig, gateway1, 'tcp')
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  rig.peerError(gateway1, 5060, 'reset', 'tcp')
  rig.peerError(callerAddress, 5060, 'closed', 'tcp')
  rig.advance(60_000)
  assert.equal(rig.edge.calls.count, 1)
  assert.equal(rig.records.length, 0)
  rig.connection = 18
  caller.inDialog('INFO')
  const info = find(rig.take(), 'INFO', gateway1)
  assert.equal(info.protocol, 'tcp')
  assert.equal(info.port, 5060)
  gateway.answer(info.message, 200)
  caller.bye()
  gateway.answer(find(rig.take(), 'BYE', gateway1).message, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'caller BYE')
})

test('RFC3261-18.1.1: large INVITEs go over TCP where the entry says so, and over UDP at once if that fails; small ones never', () => {
  const rig = standardRig({ endpoint: { largeToTcp: true } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: [`Subject: ${'x'.repeat(1_400)}`] })
  const tcp = find(rig.take(), 'INVITE', gateway1)
  assert.equal(tcp.protocol, 'tcp')
  assert.equal(tcp.message.topVia.transport, 'TCP')
  assert.equal(tcp.message.value(headerIds.contact), '<sip:10.0.0.1:5060;transport=tcp>')
  rig.peerError(gateway1, 5060, 'refused', 'tcp')
  const udp = find(rig.take(), 'INVITE', gateway1)
  assert.equal(udp.protocol, 'udp')
  assert.equal(udp.message.topVia.transport, 'UDP')
  gateway.answer(udp.message, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.equal(caller.got().at(-1)?.status, 200)
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.attempts.length, 1, 'one attempt')
  assert.equal(rig.records[0]?.outcome, 'answered')
  const small = new CallerSide(rig)
  small.invite()
  assert.equal(find(rig.take(), 'INVITE', gateway1).protocol, 'udp')
  small.cancel()
  small.ack('failure')
  rig.assertNothingLeft()
})

test('without largeToTcp a large INVITE stays on UDP', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  caller.invite({ lines: [`Subject: ${'x'.repeat(4_000)}`] })
  assert.equal(find(rig.take(), 'INVITE', gateway1).protocol, 'udp')
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('both legs over IPv6: hosts in brackets, our Contact of that family', () => {
  const file = standardFile({
    carrier: {
      endpoints: [{ name: 'gw6', direction: 'receives', addresses: ['2001:db8:2::1'], probe: { enabled: false } }],
    },
    customer: { endpoints: [{ name: 'pbx6', direction: 'sends', addresses: ['2001:db8:1::/64'] }] },
  })
  const rig = new EdgeRig(file)
  const caller = new CallerSide(rig, { address: '2001:db8:1::5' })
  const gateway = new GatewaySide(rig, '2001:db8:2::1')
  caller.invite()
  const invite = gateway.one('INVITE')
  assert.equal(invite.requestUri, 'sip:441782000001@[2001:db8:2::1]')
  assert.equal(invite.to.uri, 'sip:441782000001@[2001:db8:2::1]')
  assert.equal(invite.from.uri, 'sip:441000@[2001:db8::1]')
  assert.equal(invite.topVia.host, '[2001:db8::1]')
  assert.equal(invite.value(headerIds.contact), '<sip:[2001:db8::1]:5060>')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.equal(gateway.one('ACK').requestUri, 'sip:gw@[2001:db8:2::1]:5060')
  assert.equal(caller.got().at(-1)?.value(headerIds.contact), '<sip:[2001:db8::1]:5060>')
  caller.ack()
  gateway.request('BYE', invite)
  const bye = caller.got()[0]
  assert.equal(bye?.requestUri, 'sip:alice@[2001:db8:1::5]:5060')
  caller.answer(bye, 200)
  rig.assertNothingLeft()
})

test('IPv4 in, IPv6 out: each leg has its own family', () => {
  const rig = standardRig({
    carrier: {
      endpoints: [{ name: 'gw6', direction: 'receives', addresses: ['2001:db8:2::1'], probe: { enabled: false } }],
    },
  })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig, '2001:db8:2::1')
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.equal(invite.value(headerIds.contact), '<sip:[2001:db8::1]:5060>')
  assert.equal(caller.got().at(-1)?.value(headerIds.contact), '<sip:10.0.0.1:5060>')
  caller.ack()
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('outbound proxy: the carrier in the Request-URI, the proxy in a Route, CANCEL and in-dialog requests the same way', () => {
  const proxy = '10.3.0.1'
  const rig = standardRig({ endpoint: { outboundProxy: [{ uri: `sip:${proxy}:5070`, weight: 1 }] } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig, proxy)
  caller.invite()
  const sent = find(rig.take(), 'INVITE', proxy)
  assert.equal(sent.port, 5070)
  assert.equal(sent.message.requestUri, `sip:441782000001@${gateway1}`)
  assert.deepEqual(sent.message.values(headerIds.route), [`<sip:${proxy}:5070;lr>`])
  gateway.answer(sent.message, 200, {
    body: answerSdp,
    contact: `<sip:gw@${gateway1}>`,
    lines: [`Record-Route: <sip:${proxy}:5070;lr>`],
  })
  const ack = find(rig.take(), 'ACK', proxy)
  assert.equal(ack.port, 5070)
  assert.equal(ack.message.requestUri, `sip:gw@${gateway1}`)
  assert.deepEqual(ack.message.values(headerIds.route), [`<sip:${proxy}:5070;lr>`])
  caller.toTag = rig.edge.calls.values()[0]?.inboundLeg.dialogTag ?? ''
  caller.ack()
  caller.bye()
  const bye = find(rig.take(), 'BYE', proxy)
  assert.deepEqual(bye.message.values(headerIds.route), [`<sip:${proxy}:5070;lr>`])
  gateway.answer(bye.message, 200)
  const second = new CallerSide(rig)
  second.invite()
  const invite = find(rig.take(), 'INVITE', proxy)
  gateway.answer(invite.message, 180)
  rig.take()
  second.cancel()
  const cancel = find(rig.take(), 'CANCEL', proxy)
  assert.equal(cancel.port, 5070)
  assert.deepEqual(cancel.message.values(headerIds.route), [`<sip:${proxy}:5070;lr>`])
  gateway.answer(invite.message, 487)
  second.ack('failure')
  rig.assertNothingLeft()
})

test('several outbound proxies share the calls by weight', () => {
  const rig = standardRig({
    endpoint: {
      outboundProxy: [
        { uri: 'sip:10.3.0.1', weight: 3 },
        { uri: 'sip:10.3.0.2', weight: 1 },
        { uri: 'sip:10.3.0.3', weight: 0 },
      ],
    },
  })
  const counts = new Map<string, number>()
  for (let i = 0; i < 400; i++) {
    const caller = new CallerSide(rig)
    caller.invite()
    const sent = rig.take().find((one) => one.message.method === 'INVITE' && one.message.kind === 'request')
    assert.ok(sent)
    counts.set(sent.address, (counts.get(sent.address) ?? 0) + 1)
    caller.cancel()
    caller.ack('failure')
  }
  assert.equal(counts.get('10.3.0.3'), undefined)
  const first = counts.get('10.3.0.1') ?? 0
  assert.ok(first > 261 && first < 339, `${first} of 400 for 3 of 4`)
  rig.assertNothingLeft()
})

/** A carrier that sends calls as well as it gets them, so that its own calls can come back to us. */
const transit = (): EdgeRig =>
  new EdgeRig({
    system: { realm: 'test' },
    carriers: [
      {
        name: 'A',
        endpoints: [{ name: 'gw-a', direction: 'both', addresses: [gateway1], probe: { enabled: false } }],
      },
      {
        name: 'B',
        endpoints: [{ name: 'gw-b', direction: 'both', addresses: [gateway2], probe: { enabled: false } }],
      },
    ],
    customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress] }] }],
    routes: [
      { prefix: '', from: 'customers', targets: [{ carrier: 'A' }] },
      { prefix: '', from: { carrier: 'A' }, targets: [{ carrier: 'B' }] },
      { prefix: '', from: { carrier: 'B' }, targets: [{ carrier: 'A' }] },
    ],
  })

/** What a proxy does with an INVITE that it sends back to us: its own Via on top, nothing else changes. */
const hairpin = (invite: SipMessage, via: string, requestUri: string): string =>
  invite.bytes
    .toString('latin1')
    .replace(/^INVITE \S+/, `INVITE ${requestUri}`)
    .replace('Via: ', `Via: SIP/2.0/UDP ${via};branch=z9hG4bKproxy${invite.topVia.branch}\r\nVia: `)

test('RFC5393-4.2: a hairpin through a carrier is a spiral, not a loop: it goes on, each turn with a lower Max-Forwards', () => {
  const rig = transit()
  const caller = new CallerSide(rig)
  caller.invite()
  const first = rig.takeTo(gateway1)[0]
  assert.ok(first)
  const uri = `sip:441782000001@${edgeAddress}`
  rig.receive(hairpin(first, gateway1, uri), gateway1)
  assert.deepEqual(methods(rig.takeTo(gateway1)), ['100'])
  const second = rig.takeTo(gateway2)[0]
  assert.equal(second?.method, 'INVITE')
  assert.equal(second.maxForwards, 68)
  rig.receive(hairpin(second, gateway2, uri), gateway2)
  assert.deepEqual(methods(rig.takeTo(gateway2)), ['100'])
  assert.equal(rig.takeTo(gateway1)[0]?.maxForwards, 67)
  for (const call of rig.edge.calls.values()) call.release('operator', 'enough')
  rig.assertNothingLeft()
})

test('RFC3261-16.3 RFC7332-4: the mark of our own Via, seen again with the same Request-URI, From, To and account, is 482', () => {
  const rig = transit()
  const caller = new CallerSide(rig)
  caller.invite()
  const first = rig.takeTo(gateway1)[0]
  assert.ok(first)
  // A proxy that restores what the caller wrote and sends it back from the caller's address.
  const looped = caller
    .request('INVITE', { branch: 'z9hG4bKsecond', toTag: '', body: offer })
    .replace('Via: ', `Via: SIP/2.0/UDP ${callerAddress};branch=z9hG4bKproxy\r\nVia: ${first.topVia.text}\r\nVia: `)
    .replace(/Call-ID: .*/, 'Call-ID: round-again')
  rig.receive(looped, callerAddress)
  const statuses = caller.statuses()
  assert.deepEqual(statuses, [100, 482])
  rig.receive(
    looped
      .replace('sip:441782000001@10.0.0.1:5060 SIP', 'sip:441782000002@10.0.0.1:5060 SIP')
      .replace('z9hG4bKproxy', 'z9hG4bKproxy2'),
    callerAddress,
  )
  assert.deepEqual(caller.statuses(), [100], 'another number: a spiral')
  for (const call of rig.edge.calls.values()) call.release('operator', 'enough')
  rig.advance(80_000)
  rig.assertNothingLeft()
})

test('a gateway that is our own listener is a loop: 482 without an attempt, unless another gateway takes the call', () => {
  const endpoint = (name: string, address: string, weight: number) => ({
    name,
    direction: 'receives' as const,
    addresses: [address],
    weight,
    probe: { enabled: false },
  })
  const alone = standardRig({ carrier: { endpoints: [endpoint('self', edgeAddress, 1)] } })
  const caller = new CallerSide(alone)
  caller.invite()
  assert.deepEqual(caller.statuses(), [482], 'no 100: the INVITE goes nowhere')
  assert.deepEqual(alone.take(), [])
  caller.ack('failure')
  alone.assertNothingLeft()
  assert.match(JSON.stringify(alone.records[0]?.explanation), /self .* skipped: .* is our own listener/)
  const rig = standardRig({
    carrier: { endpoints: [endpoint('self', edgeAddress, 1), endpoint('gw-1', gateway1, 0)] },
  })
  const other = new CallerSide(rig)
  other.invite()
  new GatewaySide(rig).one('INVITE')
  other.cancel()
  other.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-8.1.1.6 RFC7332-5: Max-Forwards is carried over minus one, also inside the dialog; at 0 it is 483', () => {
  const rig = standardRig()
  const zero = new CallerSide(rig)
  zero.send(zero.request('INVITE', { body: offer }).replace('Max-Forwards: 70', 'Max-Forwards: 0'))
  assert.deepEqual(zero.statuses(), [483])
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.send(caller.request('INVITE', { body: offer }).replace('Max-Forwards: 70', 'Max-Forwards: 2'))
  const invite = gateway.one('INVITE')
  assert.equal(invite.maxForwards, 1)
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  caller.cseq += 1
  caller.send(caller.request('INFO').replace('Max-Forwards: 70', 'Max-Forwards: 1'))
  const info = gateway.one('INFO')
  assert.equal(info.maxForwards, 0)
  gateway.answer(info, 200)
  caller.got()
  caller.cseq += 1
  caller.send(caller.request('INFO').replace('Max-Forwards: 70', 'Max-Forwards: 0'))
  assert.deepEqual(caller.statuses(), [483])
  assert.deepEqual(gateway.got(), [])
  caller.cseq += 1
  caller.send(caller.request('BYE').replace('Max-Forwards: 70', 'Max-Forwards: 0'))
  assert.deepEqual(caller.statuses(), [200], 'a BYE is for us')
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})
