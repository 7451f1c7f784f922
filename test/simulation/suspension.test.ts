// Suspended accounts on the whole edge: who hears what, what goes on, and what alerts are told of gateways.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Suspension } from '../../src/policy/suspensions.ts'
import { answeredCall, CallerSide, gateway1, standardFile, standardRig } from '../kit/call-rig.ts'
import { answerTo } from '../kit/digest-caller.ts'
import { ask, challenged, right, rigWith, statusOf } from '../kit/digest-phone.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

function suspend(rig: EdgeRig, accountId: string, kind: Suspension['kind'], seconds = 60): void {
  const until = rig.clock.wallMs() + seconds * 1_000
  rig.edge.suspensions.apply(new Map([[accountId, [{ kind, reason: 'a test', until }]]]))
}

const statusesOfCall = (rig: EdgeRig): readonly number[] => {
  const caller = new CallerSide(rig)
  caller.invite()
  const statuses = caller.got().map(({ status }) => status)
  if (statuses.some((status) => status >= 300)) caller.ack('failure')
  else caller.cancel()
  rig.advance(40_000)
  rig.take()
  return statuses
}

test('a carrier under penalty or without credit gets no new call; its running call is ended by its own BYE', () => {
  for (const kind of ['penalty', 'credit'] as const) {
    const rig = standardRig()
    const { caller, gateway } = answeredCall(rig)
    suspend(rig, 'Acme', kind)
    assert.deepEqual(statusesOfCall(rig), [503])
    assert.equal(rig.edge.leftovers().calls, 1, 'the running call stays')
    caller.bye()
    gateway.answer(gateway.one('BYE'), 200)
    assert.deepEqual(caller.statuses(), [200])
    rig.advance(60_000)
    assert.deepEqual(statusesOfCall(rig), [100], 'over by the clock')
    rig.assertNothingLeft()
  }
})

test('a customer under penalty cannot call; one without credit can', () => {
  const rig = standardRig()
  suspend(rig, 'PBX', 'penalty')
  assert.deepEqual(statusesOfCall(rig), [403])
  suspend(rig, 'PBX', 'credit')
  assert.deepEqual(statusesOfCall(rig), [100])
  rig.assertNothingLeft()
})

test('the right password of a SIP user under penalty is answered like a wrong one', () => {
  const rig = rigWith()
  const challenge = challenged(rig)
  for (const account of rig.edge.directory.accounts) suspend(rig, account.id, 'penalty')
  assert.equal(statusOf(ask(rig, { authorization: answerTo(challenge, right) })), 407)
})

test('alerts hear of gateways that fail; what an operator wants red is none, and what is not heard of is unknown', () => {
  const rig = standardRig()
  const keys = rig.edge.directory.endpoints.flatMap(({ targets }) => targets.map(({ key }) => key))
  const states = (targetKeys: readonly string[]): string[] =>
    rig.ask('watched', { targetKeys }).targets.map(({ state, reason }) => `${state}: ${reason}`)
  assert.deepEqual(states([]), [])
  assert.deepEqual(states(keys), ['unknown: probing is off', 'unknown: probing is off'])
  const caller = new CallerSide(rig)
  caller.invite()
  rig.peerError(gateway1, 5060)
  caller.ack('failure')
  assert.match(states([]).join(), /^failing: .*connection refused/)
  assert.equal(rig.ask('watched', { targetKeys: [] }).failures.get('Acme'), 1)
  rig.publish(standardFile({ endpoint: { state: 'off' } }))
  assert.deepEqual(states([]), [], 'switched off is no failure')
  assert.deepEqual(states(keys), ['off: switched off', 'off: switched off'])
})

test('alerts hear of channels and calls per second of accounts that are in use, and of no others', () => {
  const rig = standardRig()
  assert.equal(rig.ask('watched', { targetKeys: [] }).use.size, 0)
  answeredCall(rig)
  const { use } = rig.ask('watched', { targetKeys: [] })
  const one = { channels: 1, callsPerSecond: 1 }
  assert.deepEqual(
    [...use].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      ['Acme', one],
      ['PBX', one],
    ],
  )
  rig.advance(1_100)
  assert.equal(rig.ask('watched', { targetKeys: [] }).use.get('Acme')?.callsPerSecond, 0)
})
