// interceptReinvite on the whole edge: what is answered here, and what still reaches the other side.
import assert from 'node:assert/strict'
import test from 'node:test'
import { CallerSide, GatewaySide, answerSdp, answeredCall, offer, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const rigWith = (): EdgeRig => standardRig({ endpoint: { interceptReinvite: true } })
const bumped = (sdp: string): string => sdp.replace(/o=- (\d) \d/, 'o=- $1 7')

function hangUp(rig: EdgeRig, caller: CallerSide, gateway: GatewaySide): void {
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
}

test('a refresh of the caller is answered here with what it has from us; the gateway hears nothing', () => {
  const rig = rigWith()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: bumped(offer) })
  const [answer] = caller.got()
  assert.equal(answer?.status, 200)
  assert.equal(answer.body.toString(), answerSdp)
  assert.equal(answer.valueOf('Content-Type'), 'application/sdp')
  assert.ok(answer.contact !== undefined)
  assert.deepEqual(gateway.got(), [])
  caller.ack()
  hangUp(rig, caller, gateway)
})

test('RFC3261-13.3.1.4: the answer of our own is sent again until its ACK; without one the call ends', () => {
  const rig = rigWith()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  rig.advance(1_600)
  assert.deepEqual(caller.statuses(), [200, 200, 200])
  rig.advance(30_500)
  gateway.answer(gateway.one('BYE'), 200)
  assert.equal(rig.edge.calls.count, 1)
  const bye = caller.got().find((message) => message.method === 'BYE' && message.kind === 'request')
  assert.ok(bye !== undefined)
  caller.answer(bye, 200)
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.releaseReason, 'missing ACK')
})

test('a re-INVITE of the gateway without an offer gets the description that it has from us', () => {
  const rig = rigWith()
  const { caller, gateway, invite } = answeredCall(rig)
  gateway.request('INVITE', invite)
  const answer = gateway.one('200')
  assert.equal(answer.body.toString(), offer)
  assert.deepEqual(caller.got(), [])
  gateway.request('ACK', invite, { cseq: gateway.cseq, body: answerSdp })
  hangUp(rig, caller, gateway)
})

test('RFC3264-8.4: hold, another port or codec is relayed, and what was agreed then is the new measure', () => {
  const rig = rigWith()
  const { caller, gateway } = answeredCall(rig)
  const hold = `${offer}a=sendonly\r\n`
  const held = `${answerSdp}a=recvonly\r\n`
  caller.inDialog('INVITE', { body: hold })
  const crossed = gateway.one('INVITE')
  assert.equal(crossed.body.toString(), hold)
  gateway.answer(crossed, 200, { body: held })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  // The old description is a change now, the held one is not.
  caller.inDialog('INVITE', { body: hold })
  assert.equal(caller.got()[0]?.body.toString(), held)
  caller.ack()
  caller.inDialog('INVITE', { body: offer })
  gateway.answer(gateway.one('INVITE'), 488)
  gateway.got()
  assert.equal(caller.got().at(-1)?.status, 488)
  caller.inDialog('INVITE', { body: hold.replace('4000', '4002') })
  gateway.answer(gateway.one('INVITE'), 488)
  gateway.got()
  hangUp(rig, caller, gateway)
})

test('an answer that came in the ACK is the measure too', () => {
  const rig = rigWith()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: '' })
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  caller.got()
  caller.ack('success', offer)
  gateway.one('ACK')
  caller.inDialog('INVITE', { body: offer })
  assert.equal(caller.got()[0]?.body.toString(), answerSdp)
  caller.ack()
  assert.deepEqual(gateway.got(), [])
  hangUp(rig, caller, gateway)
})

test('without the setting every re-INVITE is relayed', () => {
  const rig = standardRig()
  const { caller, gateway } = answeredCall(rig)
  caller.inDialog('INVITE', { body: offer })
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  hangUp(rig, caller, gateway)
})
