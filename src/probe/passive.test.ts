// What calls alone decide: suspicion, three misses over 10 s, the way back with probing off, holds by Retry-After.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProbeRig } from '../../test/kit/probe-rig.ts'

const start = (rig: ProbeRig, ms = 60_000): void => {
  rig.useOne()
  rig.clock.advance(ms)
  rig.sent.length = 0
}

test('a call that misses the gateway starts 5 s probing at once; a dead one is red long before its next regular probes', () => {
  const rig = new ProbeRig()
  start(rig)
  while (rig.sent.length === 0) rig.clock.advance(5)
  rig.clock.advance(6_000)
  rig.sent.length = 0
  rig.answers('gw', 'refused')
  const from = rig.nowMs
  rig.board.onCallError('gw', { kind: 'refused', detail: 'ECONNREFUSED' })
  assert.equal(rig.state().status, 'green')
  const tookMs = rig.advanceUntil('red', 10_020)
  assert.deepEqual(
    rig.sent.map(({ at }) => Math.round((at - from) / 1_000)),
    [0, 5, 10],
  )
  assert(tookMs >= 10_000)
  assert.equal(rig.state().reason, 'OPTIONS failed 3 times: connection refused')
})

test('suspicion never makes probes slower than they are', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 2, intervalDownSeconds: 60, timeoutMs: 1_000 })
  rig.clock.advance(10_000)
  rig.answers('gw', 'silent')
  rig.board.onCallTimeout('gw', 3_000)
  rig.advanceUntil('red', 3 * 2_000 + 1_000 + 10)
})

test('the first good answer ends the suspicion and the regular rhythm returns', () => {
  const rig = new ProbeRig()
  start(rig)
  rig.board.onCallTimeout('gw', 3_000)
  assert.equal(rig.state().reason, 'a call failed, OPTIONS are sent faster until it answers')
  rig.clock.advance(5_005)
  assert.equal(rig.sent.length, 1)
  assert.equal(rig.state().reason, 'answers OPTIONS')
  rig.clock.advance(24_000)
  assert.equal(rig.sent.length, 1)
  rig.clock.advance(1_005)
  assert.equal(rig.sent.length, 2)
})

test('a hundred lost calls within one second do not turn a probed gateway red', () => {
  const rig = new ProbeRig()
  start(rig)
  for (let i = 0; i < 100; i++) {
    rig.board.onCallTimeout('gw', 3_000)
    rig.clock.advance(10)
  }
  rig.clock.advance(120_000)
  assert.deepEqual(rig.changes, [])
})

test('three misses of calls over 10 s without any reply in between turn it red, whatever the slow probes say later', () => {
  const rig = new ProbeRig()
  rig.useOne({ failuresDown: 20, intervalDownSeconds: 60, intervalSeconds: 60 })
  rig.clock.advance(70_000)
  rig.answers('gw', 'silent')
  rig.board.onCallTimeout('gw', 3_000)
  rig.clock.advance(9_000)
  rig.board.onCallTimeout('gw', 3_000)
  assert.equal(rig.state().status, 'green')
  rig.clock.advance(1_000)
  rig.board.onCallError('gw', { kind: 'unreachable', detail: 'no route to host' })
  assert.deepEqual(
    [rig.state().kind, rig.state().reason],
    ['transport', '3 calls within 10 s failed, the last one: no route to host'],
  )
})

test('two misses over 10 s are not enough, and a reply to a call or an OPTIONS in between starts the count again', () => {
  const open = (): ProbeRig => {
    const rig = new ProbeRig()
    rig.useOne({ failuresDown: 20, intervalDownSeconds: 3_600, intervalSeconds: 3_600 })
    rig.clock.advance(6_000)
    rig.board.onCallTimeout('gw', 3_000)
    rig.clock.advance(6_000)
    rig.board.onCallTimeout('gw', 3_000)
    rig.clock.advance(6_000)
    return rig
  }
  const far = new ProbeRig()
  far.useOne({ intervalDownSeconds: 3_600, intervalSeconds: 3_600 })
  far.clock.advance(6_000)
  far.board.onCallTimeout('gw', 3_000)
  far.clock.advance(12_000)
  far.board.onCallTimeout('gw', 3_000)
  assert.equal(far.state().status, 'green')
  const two = open()
  assert.equal(two.state().status, 'green')
  two.board.onCallTimeout('gw', 3_000)
  assert.equal(two.state().status, 'red')
  const called = open()
  called.board.onCallReply('gw')
  called.board.onCallTimeout('gw', 3_000)
  assert.equal(called.state().status, 'green')
  const probed = open()
  probed.board.probeNow('gw')
  probed.board.onCallTimeout('gw', 3_000)
  assert.equal(probed.state().status, 'green')
})

test('a gateway that answers OPTIONS but loses calls stays green: only its calls fail over', () => {
  const rig = new ProbeRig()
  start(rig)
  for (let i = 0; i < 600; i++) {
    rig.board.onCallTimeout('gw', 3_000)
    rig.clock.advance(100)
  }
  assert.deepEqual(rig.changes, [])
  assert(rig.sent.length <= 13, `${rig.sent.length} probes in a minute`)
})

test('while red, replies to calls do not turn it green: probes decide', () => {
  const rig = new ProbeRig()
  start(rig)
  rig.answers('gw', 503)
  rig.advanceUntil('red', 100_000)
  for (let i = 0; i < 10; i++) rig.board.onCallReply('gw')
  assert.equal(rig.state().status, 'red')
})

test('with probing off nothing is sent, one missed call turns it red, and a reply turns it green', () => {
  const rig = new ProbeRig()
  rig.useOne({ enabled: false })
  rig.clock.advance(600_000)
  assert.deepEqual([rig.sent.length, rig.state().reason], [0, 'probing is off'])
  assert.equal(rig.clock.timers.count, 0)
  rig.board.onCallReply('gw')
  assert.equal(rig.state().reason, 'answers calls')
  rig.board.onCallError('gw', { kind: 'refused', detail: '' })
  assert.deepEqual(rig.board.find('gw'), {
    status: 'red',
    reason: 'a call failed: connection refused (probing is off)',
  })
  rig.board.onCallReply('gw')
  assert.equal(rig.board.find('gw')?.status, 'green')
  assert.deepEqual(rig.colours(), ['red', 'green'])
  assert.equal(rig.clock.timers.count, 0)
})

test('with probing off a red gateway is tried by one call after each pause of intervalDownSeconds', () => {
  const rig = new ProbeRig()
  rig.useOne({ enabled: false })
  rig.board.onCallTimeout('gw', 3_000)
  for (let round = 0; round < 3; round++) {
    rig.clock.advance(4_995)
    assert.equal(rig.board.find('gw')?.status, 'red')
    rig.clock.advance(5)
    assert.equal(rig.board.find('gw')?.status, 'green', 'one call may try')
    assert.equal(rig.state().status, 'red', 'the board still shows red')
    assert.match(rig.state().reason, /the next call may try it$/)
    rig.board.onAttempt('gw')
    assert.equal(rig.board.find('gw')?.status, 'red', 'and no second one')
    rig.clock.advance(3_000)
    if (round < 2) rig.board.onCallTimeout('gw', 3_000)
  }
  rig.clock.advance(2_000)
  assert.equal(rig.board.find('gw')?.status, 'green', 'the third call was cancelled: another may try')
  rig.board.onAttempt('gw')
  rig.board.onCallReply('gw')
  assert.equal(rig.board.find('gw')?.status, 'green')
  assert.deepEqual(rig.colours(), ['red', 'green'], 'one alert for one failure')
  assert.equal(rig.clock.timers.count, 0)
})

test('with probing off a trial that nobody reports as begun ends with the next miss', () => {
  const rig = new ProbeRig()
  rig.useOne({ enabled: false })
  rig.board.onCallTimeout('gw', 3_000)
  rig.clock.advance(5_000)
  assert.equal(rig.board.find('gw')?.status, 'green')
  rig.board.onCallTimeout('gw', 3_000)
  assert.equal(rig.board.find('gw')?.status, 'red')
})

test('a probe that an operator asks for is sent at once, also with probing off, where it can only do good', () => {
  const rig = new ProbeRig()
  assert.equal(rig.board.probeNow('gw'), false)
  rig.useOne({ enabled: false })
  rig.answers('gw', 'silent')
  for (let i = 0; i < 5; i++) {
    assert.equal(rig.board.probeNow('gw'), true)
    rig.clock.advance(2_000)
  }
  assert.equal(rig.sent.length, 5)
  assert.deepEqual([rig.state().status, rig.state().lastProbe?.result], ['green', 'no answer within 2000 ms'])
  rig.board.onCallTimeout('gw', 3_000)
  assert.equal(rig.state().status, 'red')
  rig.answers('gw', 200)
  rig.board.probeNow('gw')
  assert.equal(rig.state().status, 'green')
})

test('RFC3261-21.5.4: Retry-After holds it red for min(value, 300 s) with the end shown, and it ends by itself', () => {
  for (const [seconds, heldMs] of [
    [5, 5_000],
    [300, 300_000],
    [86_400, 300_000],
    [1e12, 300_000],
  ] as const) {
    const rig = new ProbeRig()
    start(rig, 6_000)
    const from = rig.clock.wallMs()
    rig.board.hold('gw', seconds)
    assert.deepEqual([rig.state().status, rig.state().kind, rig.state().heldUntil], ['red', 'held', from + heldMs])
    assert.equal(
      rig.board.find('gw')?.reason,
      `held by Retry-After until ${new Date(from + heldMs).toISOString().slice(0, 19)}Z`,
    )
    rig.clock.advance(heldMs - 5)
    assert.equal(rig.state().status, 'red', 'good probes do not end it')
    rig.clock.advance(10)
    assert.deepEqual([rig.state().status, rig.state().heldUntil], ['green', null])
    assert.deepEqual(rig.colours(), ['red', 'green'])
  }
})

test('a hold is never shortened, and nonsense holds nothing', () => {
  const rig = new ProbeRig()
  start(rig, 6_000)
  for (const seconds of [0, -5, Number.NaN]) rig.board.hold('gw', seconds)
  assert.equal(rig.state().status, 'green')
  rig.board.hold('gw', 60)
  rig.board.hold('gw', 10)
  rig.clock.advance(59_995)
  rig.board.onCallReply('gw')
  assert.equal(rig.state().kind, 'held')
  rig.board.hold('gw', 60)
  rig.clock.advance(59_000)
  assert.equal(rig.state().kind, 'held')
  rig.clock.advance(2_000)
  assert.equal(rig.state().status, 'green')
})

test('a 503 with Retry-After to an OPTIONS holds too and still counts as a miss; when the hold ends the failure shows', () => {
  const rig = new ProbeRig()
  rig.useOne({ intervalSeconds: 10, failuresDown: 2 })
  rig.answers('gw', { status: 503, retryAfter: 30 })
  rig.clock.advance(9_000)
  assert.equal(rig.state().kind, 'held')
  rig.answers('gw', 503)
  rig.clock.advance(11_000)
  assert.equal(rig.state().kind, 'held')
  rig.clock.advance(20_000)
  assert.deepEqual([rig.state().kind, rig.state().reason], ['reply', 'OPTIONS failed 2 times: answered with 503'])
  rig.answers('gw', { status: 200, retryAfter: 30 })
  rig.advanceUntil('green', 20_000)
})
