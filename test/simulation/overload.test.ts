// More comes than the thread can do: a share of the new requests gets 503 at once, each source its fair part; what runs, what
// is repeated and what is an emergency passes; and it is over soon after.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fairShare } from '../../src/edge/overload.ts'
import { headerIds } from '../../src/sip/header.ts'
import { answeredCall, callerAddress, CallerSide, gateway1, GatewaySide, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const behindMs = 400
const otherAddress = '10.1.0.2'
const wide = { channelsMax: 1_000_000, callsPerSecondMax: 1_000_000 }

const overloadRig = (system = {}): EdgeRig =>
  standardRig({
    system,
    customer: {
      ...wide,
      endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress, otherAddress] }],
    },
    carrier: wide,
    endpoint: wide,
  })

/** New INVITEs of one source; how many of them got 503. */
function refusedOf(rig: EdgeRig, count: number, parts: { address?: string; number?: string } = {}): number {
  let refused = 0
  for (let i = 0; i < count; i++) {
    const caller = new CallerSide(rig, parts)
    caller.invite()
    const answer = caller.got()[0]
    // A 503 without it says that no gateway answers, which is so here after a while.
    if (answer?.status === 503 && /^[2-5]$/.test(answer.value(headerIds.retryAfter) ?? '')) refused += 1
    rig.takeTo(gateway1)
  }
  return refused
}

/** Windows in a row with 40 calls of one source; the share that was refused in the last of them. */
function flood(rig: EdgeRig, windows: number): number {
  let refused = 0
  for (let window = 0; window < windows; window++) {
    refused = refusedOf(rig, 40) / 40
    rig.advance(50)
  }
  return refused
}

test('fair shares: who asks for less than its part gets all of it, the others the same', () => {
  assert.equal(fairShare([100, 2, 2], 54), 50)
  assert.equal(fairShare([30, 30, 30], 45), 15)
  assert.equal(fairShare([3, 4], 20), Number.POSITIVE_INFINITY)
  assert.equal(fairShare([10, 10], 0), 0)
  assert.equal(fairShare([], 5), Number.POSITIVE_INFINITY)
})

test('RFC3261-21.5.4: behind for longer and longer, more and more new calls get 503 with Retry-After; not behind, none', () => {
  const rig = overloadRig()
  assert.equal(flood(rig, 4), 0)
  rig.queueAgeMs = behindMs
  const [early, late] = [flood(rig, 9), flood(rig, 15)]
  assert.ok(early > 0.2 && early < 0.8, `${early} after nine windows`)
  assert.ok(late > 0.9, `${late} after 24`)
  assert.match(rig.logged.join('\n'), /warn overload/)
  const shed = rig.edge.metrics.snapshot().find(({ metric }) => metric === 'overloadShed')?.values[0] ?? 0
  assert.ok(shed > 300, `${shed} are counted`)
  rig.queueAgeMs = 0
  rig.advance(6_000)
  assert.equal(flood(rig, 4), 0)
  assert.match(rig.logged.join('\n'), /info overload is over/)
})

test('a pause of the thread or a burst that is worked off within 300 ms is no overload', () => {
  const rig = overloadRig()
  flood(rig, 3)
  rig.queueAgeMs = behindMs
  for (let window = 0; window < 6; window++) assert.equal(flood(rig, 1), 0)
  rig.queueAgeMs = 0
  assert.equal(flood(rig, 3), 0)
})

test('a source that asks for little passes while another one floods', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  let [small, large] = [0, 0]
  for (let window = 0; window < 16; window++) {
    large += refusedOf(rig, 60)
    small += refusedOf(rig, 2, { address: otherAddress })
    rig.advance(50)
  }
  assert.ok(large > 200, `${large} of the flood refused`)
  assert.equal(small, 0)
})

test('what belongs to a call or a transaction passes, and so does an emergency call', () => {
  const rig = overloadRig({ emergencyNumbers: ['112'] })
  const { caller, gateway } = answeredCall(rig)
  const pending = new CallerSide(rig)
  pending.invite()
  const invite = gateway.one('INVITE')
  rig.queueAgeMs = behindMs
  assert.ok(flood(rig, 26) > 0.9)
  pending.got()
  pending.invite()
  assert.deepEqual(pending.statuses(), [100])
  gateway.answer(invite, 486)
  assert.deepEqual(pending.statuses(), [486])
  pending.ack('failure')
  caller.bye()
  assert.deepEqual(caller.statuses(), [200])
  rig.takeTo(gateway1)
  assert.equal(refusedOf(rig, 40, { number: '112' }), 0)
  const asking = new CallerSide(rig)
  for (let i = 0; i < 20; i++) asking.send(asking.request('OPTIONS', { toTag: '' }))
  assert.ok(asking.statuses().includes(503))
})

test('a long queue that new requests do not fill is no reason to refuse them; many of them are refused before it is full', () => {
  const rig = overloadRig()
  rig.isQueueLong = true
  rig.queueAgeMs = 50
  let refused = 0
  for (let window = 0; window < 20; window++) {
    refused += refusedOf(rig, 20)
    rig.advance(50)
  }
  assert.equal(refused, 0)
  assert.ok(flood(rig, 30) > 0.2)
  assert.ok(refusedOf(rig, 40) <= 15)
  rig.isQueueLong = false
  rig.advance(1_000)
  assert.equal(flood(rig, 10), 0)
})

test('a flood of strangers, dropped at the door, is no reason to refuse the calls of those who are known', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  let refused = 0
  for (let window = 0; window < 20; window++) {
    refused += refusedOf(rig, 4)
    for (let i = 0; i < 200; i++) rig.receive(`REGISTER sip:x SIP/2.0\r\nCall-ID: ${i}\r\n\r\n`, '192.0.2.66')
    rig.advance(50)
  }
  assert.equal(refused, 0)
})

/** Requests of 30 strangers, in each window others, so that none of them is blocked; how many got 503. */
function strangersRefused(rig: EdgeRig, window: number): number {
  let refused = 0
  for (let i = 1; i <= 30; i++) {
    const caller = new CallerSide(rig, { address: `198.18.${window}.${i}` })
    caller.send(caller.request('REGISTER', { toTag: '' }))
    if (caller.got()[0]?.status === 503) refused += 1
  }
  return refused
}

test('requests of many strangers, who may still be answered, are no reason to refuse the calls of those who are known', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  let refused = 0
  for (let window = 0; window < 40; window++) {
    strangersRefused(rig, window)
    refused += refusedOf(rig, 1)
    rig.advance(50)
  }
  assert.equal(refused, 0)
})

test('in an overload all strangers together have the part of one source', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  let [known, strangers] = [0, 0]
  for (let window = 0; window < 11; window++) {
    strangers += strangersRefused(rig, window)
    known += refusedOf(rig, 5)
    rig.advance(50)
  }
  assert.ok(strangers > 50, `${strangers} of the strangers refused`)
  assert.equal(known, 0)
})

test('an overload that has become a flood of strangers refuses no more calls of those who are known', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  assert.ok(flood(rig, 30) > 0.9)
  const refused: number[] = []
  for (let window = 0; window < 5; window++) {
    refused.push(refusedOf(rig, 4))
    for (let i = 0; i < 600; i++) rig.receive(`REGISTER sip:x SIP/2.0\r\nCall-ID: ${i}\r\n\r\n`, '192.0.2.66')
    rig.advance(50)
  }
  assert.deepEqual(refused.slice(1), [0, 0, 0, 0])
})

test('nothing of what was refused stays', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  flood(rig, 30)
  const before = rig.edge.transactions.count
  const passed = 40 - refusedOf(rig, 40)
  assert.ok(passed <= 2, `${passed} passed`)
  // One from the caller, one to the gateway.
  assert.equal(rig.edge.transactions.count, before + 2 * passed)
  const gateway = new GatewaySide(rig)
  assert.deepEqual(gateway.got(), [])
})

test('in an overload new requests are refused, and their ACKs dropped, before they are parsed; they are counted all the same', () => {
  const rig = overloadRig()
  rig.queueAgeMs = behindMs
  flood(rig, 30)
  // This one takes what passes in this window.
  refusedOf(rig, 2)
  const received = (method: string): number =>
    rig.edge.metrics
      .snapshot()
      .filter(({ metric, labels }) => metric === 'sipMessages' && labels.includes('in') && labels.includes(method))
      .reduce((sum, { values }) => sum + (values[0] ?? 0), 0)
  const before = [received('INVITE'), received('ACK')]
  const caller = new CallerSide(rig)
  // Whoever parses it answers 400.
  const broken = caller.request('INVITE', { toTag: '' }).replace('Max-Forwards: 70', 'Max-Forwards: many')
  for (let i = 0; i < 20; i++) caller.send(broken)
  const answers = caller.got()
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503])
  const last = answers.at(-1)
  caller.toTag = last?.toTag ?? ''
  caller.send(caller.request('ACK').replace('Max-Forwards: 70', 'Max-Forwards: many'))
  assert.deepEqual([received('INVITE'), received('ACK')], [(before[0] ?? 0) + 20, (before[1] ?? 0) + 1])
})
