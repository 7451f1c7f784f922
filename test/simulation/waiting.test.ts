// Calls that wait for calls per second: 100, their turn, exact limits, CANCEL, the end of their time; and where calls go
// that find no room at all.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { CallerSide, callerAddress, gateway1, GatewaySide, standardFile, standardRig } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const cps = (queueMs: number, most = 2) => ({ customer: { queueMs, callsPerSecondMax: most } })

const seenBy = new WeakMap<EdgeRig, Set<string>>()

function seenOf(rig: EdgeRig): Set<string> {
  const seen = seenBy.get(rig) ?? new Set<string>()
  seenBy.set(rig, seen)
  return seen
}

/** Numbers of the new INVITEs that reached the gateway since the last time; all get 486, which ends them. */
function arrived(rig: EdgeRig): string[] {
  const gateway = new GatewaySide(rig, gateway1)
  const seen = seenOf(rig)
  const isNew = ({ callId }: SipMessage): boolean => !seen.has(callId) && seen.add(callId).size > 0
  return gateway
    .got()
    .filter((request) => request.method === 'INVITE' && isNew(request))
    .map((invite) => {
      gateway.answer(invite, 486)
      return /sip:(\d+)@/.exec(invite.requestUri)?.[1] ?? ''
    })
}

/** The same, and they ring. */
function hold(rig: EdgeRig): string[] {
  const gateway = new GatewaySide(rig, gateway1)
  return gateway.got().map((invite) => {
    seenOf(rig).add(invite.callId)
    gateway.answer(invite, 180)
    return /sip:(\d+)@/.exec(invite.requestUri)?.[1] ?? ''
  })
}

function callsTo(rig: EdgeRig, ...numbers: string[]): CallerSide[] {
  return numbers.map((number) => {
    const caller = new CallerSide(rig, { number })
    caller.invite()
    return caller
  })
}

const phrases = (caller: CallerSide, rig: EdgeRig): string[] =>
  rig
    .takeTo(callerAddress)
    .filter((answer) => answer.callId === caller.callId)
    .map((answer) => `${answer.status} ${answer.reasonPhrase}`)

test('the third call in a second waits with 100, goes at the very moment there is room, and holds nothing meanwhile', () => {
  const rig = standardRig(cps(2_000))
  const held = callsTo(rig, '1', '2')
  assert.deepEqual(hold(rig), ['1', '2'])
  rig.take()
  const [third] = callsTo(rig, '3')
  assert.ok(third)
  assert.deepEqual(phrases(third, rig), ['100 Trying (High CPS, Buffering)'])
  assert.equal(rig.edge.context.waiting.count, 1)
  const gauge = rig.ask('metrics', null).find(({ metric }) => metric === 'callsWaiting')
  assert.deepEqual(gauge?.values, [1])
  assert.equal(rig.edge.limits.usedChannels('account', 'PBX'), 2)
  rig.advance(995)
  assert.deepEqual(arrived(rig), [])
  rig.advance(5)
  assert.deepEqual(arrived(rig), ['3'])
  assert.deepEqual(phrases(third, rig), ['486 Phrase 486'])
  third.ack('failure')
  assert.equal(rig.edge.context.waiting.count, 0)
  rig.advance(200)
  const steps = rig.records.find(({ dialled }) => dialled === '3')?.explanation.map(({ text }) => text) ?? []
  assert.ok(steps.some((text) => text.startsWith('waits up to 2000 ms: account PBX is too fast')))
  assert.ok(steps.includes('waited 1000 ms'))
  for (const caller of held) caller.cancel()
  rig.assertNothingLeft()
})

test('first come, first served: nobody who comes later overtakes, and no second has more than the limit', () => {
  const rig = standardRig(cps(5_000, 5))
  const order: string[] = []
  const starts: number[] = []
  const look = (): void => {
    for (const number of arrived(rig)) {
      order.push(number)
      starts.push(rig.clock.nowMs())
    }
  }
  const numbers = Array.from({ length: 24 }, (_, i) => String(100 + i))
  for (const number of numbers) {
    callsTo(rig, number)
    look()
    rig.advance(50)
    look()
  }
  for (let i = 0; i < 1_000; i++) {
    rig.advance(5)
    look()
  }
  assert.deepEqual(order, numbers)
  for (const [i, at] of starts.entries()) assert.ok(i < 5 || at - (starts[i - 5] ?? 0) >= 1_000, `call ${i} at ${at}`)
})

test('its time over, the call is refused as it would have been; a limit of channels is not waited for', () => {
  const rig = standardRig({ customer: { queueMs: 500, callsPerSecondMax: 1 } })
  callsTo(rig, '1')
  rig.take()
  const [late] = callsTo(rig, '2')
  assert.ok(late)
  rig.advance(495)
  assert.deepEqual(phrases(late, rig), ['100 Trying (High CPS, Buffering)'])
  rig.advance(10)
  assert.deepEqual(phrases(late, rig), ['503 Service Unavailable'])
  late.ack('failure')
  const full = standardRig({ customer: { queueMs: 500, channelsMax: 1, callsPerSecondMax: 1 } })
  callsTo(full, '1')
  full.take()
  const [refused] = callsTo(full, '2')
  assert.ok(refused)
  assert.deepEqual(phrases(refused, full), ['503 Service Unavailable'])
})

test('RFC3261-9.2: a CANCEL while waiting gets 200 and 487, and the call never goes out', () => {
  const rig = standardRig(cps(2_000, 1))
  const held = callsTo(rig, '1')
  assert.deepEqual(hold(rig), ['1'])
  rig.take()
  const [waiting, next] = callsTo(rig, '2', '3')
  assert.ok(waiting && next)
  waiting.cancel()
  assert.deepEqual(waiting.statuses(), [100, 100, 200, 487])
  waiting.ack('failure')
  rig.advance(1_000)
  assert.deepEqual(arrived(rig), ['3'])
  next.ack('failure')
  rig.advance(2_000)
  assert.deepEqual(arrived(rig), [])
  for (const caller of held) caller.cancel()
  rig.assertNothingLeft()
})

test('calls also wait for a gateway that is too fast', () => {
  const rig = standardRig({
    customer: { queueMs: 3_000 },
    carrier: { callsPerSecondMax: 1, gatewayFailoverMax: 0 },
  })
  callsTo(rig, '1', '2')
  assert.deepEqual(arrived(rig), ['1'])
  rig.advance(1_015)
  assert.deepEqual(arrived(rig), [])
  rig.advance(10)
  assert.deepEqual(arrived(rig), ['2'])
})

const twoCustomers = (): DeclarativeInput => {
  const file = standardFile({ system: { callsPerSecondMax: 2 }, customer: { queueMs: 5_000 } })
  const other = {
    name: 'Other',
    queueMs: 5_000,
    endpoints: [{ name: 'other', direction: 'sends' as const, addresses: ['10.1.0.2'] }],
  }
  return { ...file, customers: [...(file.customers ?? []), other] }
}

test('accounts that wait in one line take turns: the one with many calls does not keep the other waiting', () => {
  const rig = new EdgeRig(twoCustomers())
  callsTo(rig, '10', '11', '12', '13', '14', '15')
  assert.deepEqual(arrived(rig), ['10', '11'])
  for (const number of ['20', '21']) {
    const caller = new CallerSide(rig, { number })
    rig.receive(caller.request('INVITE', { toTag: '' }), '10.1.0.2')
  }
  rig.advance(1_000)
  assert.deepEqual(arrived(rig).toSorted(), ['12', '20'])
  rig.advance(1_000)
  assert.deepEqual(arrived(rig).toSorted(), ['13', '21'])
})

test('a call that comes in the moment of room, before any timer, does not overtake', () => {
  const rig = standardRig(cps(2_000, 1))
  callsTo(rig, '1', '2')
  assert.deepEqual(arrived(rig), ['1'])
  rig.clock.advance(1_000)
  callsTo(rig, '3')
  assert.deepEqual(arrived(rig), ['2'])
  rig.advance(1_000)
  assert.deepEqual(arrived(rig), ['3'])
})

test('a raised limit lets those who wait go at once', () => {
  const rig = standardRig(cps(5_000, 1))
  callsTo(rig, '1', '2', '3')
  assert.deepEqual(arrived(rig), ['1'])
  rig.publish(standardFile({ customer: { queueMs: 5_000, callsPerSecondMax: 3 } }))
  assert.deepEqual(arrived(rig), ['2', '3'])
})

test('an emergency call neither waits nor is refused', () => {
  const rig = standardRig({
    system: { emergencyNumbers: ['112'], callsPerSecondMax: 1, channelsMax: 1 },
    customer: { queueMs: 5_000, callsPerSecondMax: 1 },
    carrier: { callsPerSecondMax: 1, channelsMax: 1 },
    endpoint: { callsPerSecondMax: 1, channelsMax: 1 },
  })
  callsTo(rig, '1', '112', '112')
  assert.deepEqual(arrived(rig), ['1', '112', '112'])
})

test('the whole system full: 503 with the text, or 302 to the peer with the number as it was dialled', () => {
  const plain = standardRig({ system: { callsPerSecondMax: 1 } })
  callsTo(plain, '1')
  plain.take()
  const [refused] = callsTo(plain, '2')
  assert.deepEqual(
    refused?.got().map((answer) => answer.reasonPhrase),
    ['Request Terminated: Server at max cps'],
  )
  const rig = standardRig({ system: { channelsMax: 1, overflowPeer: 'sip:192.0.2.200:5070' } })
  callsTo(rig, '1')
  rig.take()
  const [moved] = callsTo(rig, '2')
  const [answer] = moved?.got() ?? []
  assert.deepEqual(
    [answer?.status, answer?.value(headerIds.contact), answer?.value(headerIds.retryAfter)],
    [302, '<sip:2@192.0.2.200:5070>', undefined],
  )
})

test('an account that is full sends its overflow to its own peer; a carrier that is full does not', () => {
  const rig = standardRig({ customer: { channelsMax: 1, overflowPeer: 'spare@192.0.2.201' } })
  callsTo(rig, '1')
  rig.take()
  const [moved] = callsTo(rig, '2')
  assert.equal(moved?.got()[0]?.value(headerIds.contact), '<sip:spare@192.0.2.201>')
  const carrier = standardRig({ carrier: { channelsMax: 1, overflowPeer: 'sip:192.0.2.202' } })
  callsTo(carrier, '1')
  carrier.take()
  const [refused] = callsTo(carrier, '2')
  assert.equal(refused?.got()[0]?.status, 503)
})
