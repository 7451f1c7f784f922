// Reliable provisional responses (RFC 3262): offered only if the caller offers them, RSeq and RAck mapped for each leg,
// PRACK relayed or answered, and sent again by the leg that sent the 18x.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answerSdp, CallerSide, GatewaySide, standardRig } from '../kit/call-rig.ts'

const supported = { lines: ['Supported: 100rel'] }
const required = { lines: ['Require: 100rel'] }

test('RFC3262-4: 100rel is offered to the gateway only if the caller offers it', () => {
  const rig = standardRig()
  for (const [lines, expected] of [
    [[], 'timer'],
    [supported.lines, '100rel, timer'],
    [required.lines, '100rel, timer'],
  ] as const) {
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite({ lines })
    const invite = gateway.one('INVITE')
    assert.equal(invite.valueOf('supported'), expected)
    assert.equal(invite.value(headerIds.require), undefined)
    caller.cancel()
    caller.ack('failure')
    rig.take()
  }
  rig.assertNothingLeft()
})

test('RFC3262-3: a reliable 18x goes on with an RSeq of ours, its PRACK with the RAck of the gateway, its answer back', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite(supported)
  const invite = gateway.one('INVITE')
  const reliable = { lines: ['Require: 100rel', 'RSeq: 7001'], body: answerSdp }
  gateway.answer(invite, 183, reliable)
  const progress = caller.got().at(-1)
  const rseq = progress?.value(headerIds.rseq)
  assert.equal(progress?.value(headerIds.require), '100rel')
  assert.notEqual(rseq, '7001')
  assert.equal(progress.body.toString(), answerSdp)
  gateway.answer(invite, 183, reliable)
  assert.deepEqual(caller.got(), [], 'a repeated one goes nowhere')
  caller.inDialog('PRACK', { lines: [`RAck: ${rseq} 1 INVITE`] })
  const prack = gateway.one('PRACK')
  assert.equal(prack.value(headerIds.rack), `7001 ${invite.cseq.number} INVITE`)
  gateway.answer(prack, 200)
  assert.equal(caller.got()[0]?.status, 200)
  gateway.answer(invite, 180, { lines: ['Require: 100rel', 'RSeq: 7002'] })
  assert.equal(caller.got()[0]?.value(headerIds.rseq), String(Number(rseq) + 1))
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3262-3: without its PRACK the 18x is sent again, doubling, and after 32 s the INVITE is refused', () => {
  const rig = standardRig({ carrier: { timeouts: { ringMs: 120_000 } } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite(supported)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180, { lines: ['Require: 100rel', 'RSeq: 1'] })
  rig.advance(31_990)
  assert.equal(caller.statuses().filter((status) => status === 180).length, 7)
  rig.advance(20)
  assert.deepEqual(caller.statuses(), [500])
  assert.ok(gateway.got().some((message) => message.method === 'CANCEL'))
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('a caller that requires 100rel gets it from us, whatever the gateway does; its PRACK ends here', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite(required)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 183, { body: answerSdp })
  const progress = caller.got().at(-1)
  assert.equal(progress?.value(headerIds.require), '100rel')
  gateway.answer(invite, 180)
  assert.deepEqual(caller.got(), [], 'the next one waits for the PRACK of the first')
  gateway.answer(invite, 200, { body: answerSdp })
  assert.deepEqual(caller.got(), [], 'so does the 2xx, because a description is not acknowledged')
  caller.inDialog('PRACK', { lines: [`RAck: ${progress.value(headerIds.rseq)} 1 INVITE`] })
  assert.deepEqual(
    caller.got().map((message) => message.status),
    [200, 180, 200],
  )
  assert.deepEqual(
    gateway.got().map((message) => message.method),
    ['ACK'],
  )
  caller.cseq = 1
  caller.ack()
  caller.cseq = 2
  caller.bye()
  rig.advance(40_000)
  rig.assertNothingLeft()
})

test('a PRACK that acknowledges nothing of ours gets 481', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite(supported)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180, { lines: ['Require: 100rel', 'RSeq: 1'] })
  const rseq = Number(caller.got().at(-1)?.value(headerIds.rseq))
  for (const rack of [`${rseq + 1} 1 INVITE`, `${rseq} 2 INVITE`, `${rseq} 1 BYE`, 'x']) {
    caller.inDialog('PRACK', { lines: [`RAck: ${rack}`] })
    assert.deepEqual(caller.statuses(), [481], rack)
  }
  assert.deepEqual(gateway.got(), [])
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3262-4: a gateway that sends reliably unasked gets its PRACK from us, the caller an ordinary 18x', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180, { lines: ['Require: 100rel', 'RSeq: 9'] })
  assert.equal(gateway.one('PRACK').value(headerIds.rack), `9 ${invite.cseq.number} INVITE`)
  const ringing = caller.got().at(-1)
  assert.equal(ringing?.status, 180)
  assert.equal(ringing.value(headerIds.rseq), undefined)
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3261-8.1.3.5: a gateway that answers 420 to the offer of 100rel is called once more without it', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite(supported)
  gateway.answer(gateway.one('INVITE'), 420, { lines: ['Unsupported: 100rel'] })
  const [, second] = gateway.got()
  assert.ok(second)
  assert.equal(second.valueOf('supported'), 'timer')
  gateway.answer(second, 420, { lines: ['Unsupported: 100rel'] })
  gateway.one('ACK')
  assert.equal(caller.statuses().at(-1), 420)
  caller.ack('failure')
  rig.assertNothingLeft()
})
