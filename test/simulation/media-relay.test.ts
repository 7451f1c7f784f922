// Calls whose media is relayed, on the whole edge with a relay that answers when the test says so.
import assert from 'node:assert/strict'
import test from 'node:test'
import { CallerSide, GatewaySide, answerSdp, gateway2, offer, standardFile } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'
import { FakeRelay, relayAddress } from '../kit/fake-relay.ts'

const secureAnswer = answerSdp.replace('RTP/AVP', 'RTP/SAVP')

function rigs(endpoint: object = { mediaEncryption: 'srtp' }): { rig: EdgeRig; relay: FakeRelay } {
  const rig = new EdgeRig(standardFile({ endpoint }))
  return { rig, relay: new FakeRelay(rig) }
}

function callUp(rig: EdgeRig, relay: FakeRelay): { caller: CallerSide; gateway: GatewaySide } {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  relay.answer()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: secureAnswer })
  relay.answer()
  gateway.one('ACK')
  caller.got()
  caller.ack()
  return { caller, gateway }
}

function end(rig: EdgeRig, relay: FakeRelay, sides: { caller: CallerSide; gateway: GatewaySide }): void {
  sides.caller.bye()
  sides.gateway.answer(sides.gateway.one('BYE'), 200)
  relay.answer()
  assert.deepEqual(relay.held, { calls: 0, deleted: 1 })
  rig.assertNothingLeft()
  assert.equal(rig.mediaQuestions.length, 0)
}

test('the INVITE waits for the relay; the gateway is offered SRTP, the caller RTP, and neither sees the other', () => {
  const { rig, relay } = rigs()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [100])
  assert.deepEqual(gateway.got(), [])
  relay.answer()
  const invite = gateway.one('INVITE')
  assert.match(invite.body.toString(), /m=audio 4000 RTP\/SAVP 8/)
  assert.ok(!invite.body.toString().includes('10.1.0.1'))
  gateway.answer(invite, 183, { body: secureAnswer })
  gateway.answer(invite, 200, { body: secureAnswer })
  assert.deepEqual(caller.statuses(), [])
  relay.answer()
  const answers = caller.got()
  assert.deepEqual(
    answers.map(({ status, body }) => `${status} ${body.toString().includes(`IN IP4 ${relayAddress}`)}`),
    ['183 true', '200 true'],
  )
  assert.match(answers[1]?.body.toString() ?? '', /RTP\/AVP 8/)
  assert.ok(!answers[1]?.body.toString().includes('10.2.0.1'))
  gateway.one('ACK')
  caller.ack()
  assert.deepEqual(relay.asked, ['offer', 'answer'])
  end(rig, relay, { caller, gateway })
})

test('calls that need no relay never ask it, and others do not wait while one does', () => {
  const { rig, relay } = rigs({})
  const caller = new CallerSide(rig)
  caller.invite()
  new GatewaySide(rig).one('INVITE')
  caller.cancel()
  assert.equal(rig.mediaQuestions.length, 0)
  rig.assertNothingLeft()
  assert.deepEqual(relay.asked, [])
})

test('a CANCEL while the relay is asked: no INVITE leaves, the room is back at once, the relay forgets', () => {
  const { rig, relay } = rigs()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  caller.cancel()
  assert.deepEqual(caller.statuses(), [100, 200, 487])
  caller.ack('failure')
  relay.answer()
  assert.deepEqual(gateway.got(), [])
  relay.answer()
  assert.deepEqual(relay.asked, ['offer', 'delete'])
  assert.deepEqual(relay.held, { calls: 0, deleted: 1 })
  rig.assertNothingLeft()
})

test('a relay that does not answer: 503 with the reason after its second, the next call at once', () => {
  const { rig } = rigs()
  const caller = new CallerSide(rig)
  caller.invite()
  rig.advance(900)
  assert.deepEqual(caller.statuses(), [100])
  // Each gateway of the carrier needs it: the first one found it silent, the second is not asked for any more.
  rig.advance(200)
  assert.deepEqual(caller.statuses(), [503])
  caller.ack('failure')
  const next = new CallerSide(rig)
  next.invite()
  assert.deepEqual(next.statuses(), [503])
  next.ack('failure')
  rig.advance(1_000)
  rig.assertNothingLeft()
  assert.match(rig.records[0]?.detail ?? '', /the media relay does not answer/)
  assert.ok(rig.logged.some((line) => line.includes('media relay')))
})

test('a description that the relay refuses is 488; a 2xx that it refuses is ended and the next gateway tried', () => {
  const { rig, relay } = rigs()
  const refused = new CallerSide(rig)
  refused.invite()
  relay.answer(true)
  relay.answer(true)
  assert.deepEqual(refused.statuses(), [100, 488])
  refused.ack('failure')
  const caller = new CallerSide(rig)
  const first = new GatewaySide(rig)
  caller.invite()
  relay.answer()
  first.answer(first.one('INVITE'), 200, { body: secureAnswer })
  relay.answer(true)
  const [ack, bye] = first.got()
  assert.deepEqual([ack?.method, bye?.method], ['ACK', 'BYE'])
  assert.ok(bye !== undefined)
  first.answer(bye, 200)
  relay.answer()
  const second = new GatewaySide(rig, gateway2)
  second.answer(second.one('INVITE'), 486)
  second.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 486])
  caller.ack('failure')
  relay.answer()
  assert.equal(relay.held.calls, 0)
  rig.assertNothingLeft()
})

test('a gateway that answers without SRTP is no answer', () => {
  const { rig, relay } = rigs()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  relay.answer()
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.deepEqual([ack?.method, bye?.method], ['ACK', 'BYE'])
  assert.ok(bye !== undefined)
  gateway.answer(bye, 200)
  caller.cancel()
  relay.answer()
  relay.answer()
  assert.equal(relay.held.calls, 0)
  rig.assertNothingLeft()
})

test('a re-INVITE goes through the relay both ways; one that it refuses leaves the call as it was', () => {
  const { rig, relay } = rigs()
  const sides = callUp(rig, relay)
  const { caller, gateway } = sides
  caller.inDialog('INVITE', { body: offer.replace('4000', '4002') })
  assert.deepEqual(gateway.got(), [])
  relay.answer()
  const again = gateway.one('INVITE')
  assert.match(again.body.toString(), new RegExp(`${relayAddress}[^]*4002 RTP/SAVP`))
  gateway.answer(again, 200, { body: secureAnswer })
  relay.answer()
  gateway.one('ACK')
  assert.match(caller.got().at(-1)?.body.toString() ?? '', new RegExp(`${relayAddress}[^]*RTP/AVP`))
  caller.ack()
  caller.inDialog('INVITE', { body: offer })
  relay.answer(true)
  assert.equal(caller.got().at(-1)?.status, 488)
  assert.deepEqual(gateway.got(), [])
  end(rig, relay, sides)
})

test('a late offer and its answer in the ACK go through the relay', () => {
  const { rig, relay } = rigs()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: '' })
  gateway.answer(gateway.one('INVITE'), 200, { body: secureAnswer })
  relay.answer()
  assert.match(caller.got().at(-1)?.body.toString() ?? '', new RegExp(`${relayAddress}[^]*RTP/AVP`))
  caller.ack('success', offer)
  assert.deepEqual(gateway.got(), [])
  relay.answer()
  assert.match(gateway.one('ACK').body.toString(), new RegExp(`${relayAddress}[^]*RTP/SAVP`))
  end(rig, relay, { caller, gateway })
})

test('a call that ends while the relay is asked about its re-INVITE leaves nothing behind', () => {
  const { rig, relay } = rigs()
  const sides = callUp(rig, relay)
  sides.caller.inDialog('INVITE', { body: offer.replace('4000', '4002') })
  sides.caller.bye()
  sides.gateway.answer(sides.gateway.one('BYE'), 200)
  relay.answer()
  relay.answer()
  assert.ok(sides.caller.statuses().includes(481))
  assert.deepEqual(relay.held, { calls: 0, deleted: 1 })
  rig.assertNothingLeft()
})
