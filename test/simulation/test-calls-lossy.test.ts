// Test calls on a wire that loses, doubles and delays, toward a gateway that does what chance says; and mistakes planted in
// them, each of which must be seen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFraction, seededRandom } from '../../src/base/random.ts'
import { OwnCall } from '../../src/call/own-call.ts'
import { answerSdp, gateway1, responseTo, standardRig } from '../kit/call-rig.ts'
import { counts } from '../kit/counts.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'
import { finish, start, stateOf } from '../kit/test-call-rig.ts'

/** What came to the gateway. */
interface Seen {
  acknowledged: boolean
  ended: boolean
}

const timeLimitMs = 10_000
const tickMs = 5

/** Runs 60 s: each message is lost, doubled or late; the gateway is silent, trying, ringing, busy, or answers some time. */
function onLossyWire(rig: EdgeRig, seed: number): Seen {
  const random = seededRandom(seed)
  const chance = (): number => randomFraction(random)
  const due: { at: number; deliver: () => void }[] = []
  const later = (ms: number, deliver: () => void): void => {
    due.push({ at: rig.clock.nowMs() + ms, deliver })
  }
  const wire = (deliver: () => void): void => {
    if (chance() < 0.25) return
    later(chance() * 300, deliver)
    if (chance() < 0.2) later(chance() * 900, deliver)
  }
  const kind = Math.floor(chance() * 5)
  const answerAfterMs = chance() * 12_000
  const answered = new Set<string>()
  const seen = { acknowledged: false, ended: false }
  let final = 0
  rig.onSend = ({ message }) =>
    wire(() => {
      if (message.method === 'ACK' && final === 200) seen.acknowledged = true
      if (message.method === 'BYE') seen.ended = true
      if (message.kind !== 'request' || message.method === 'ACK') return
      const say = (status: number, body = ''): void => {
        const answer = responseTo(message, status, { body, contact: `<sip:gw@${gateway1}:5060>` })
        wire(() => rig.receive(answer, gateway1))
      }
      if (message.method !== 'INVITE') say(200)
      else if (final !== 0) say(final, final === 200 ? answerSdp : '')
      else if (kind > 0) {
        say(kind === 1 ? 100 : 180)
        if (kind < 3 || answered.has(message.callId)) return
        answered.add(message.callId)
        later(answerAfterMs, () => {
          final = kind === 3 ? 486 : 200
          for (let i = 0; i < 4; i++) later(i * 500, () => say(final, final === 200 ? answerSdp : ''))
        })
      }
    })
  for (let at = 0; at < 60_000; at += tickMs) {
    rig.advance(tickMs)
    const now = rig.clock.nowMs()
    for (const one of due.splice(0))
      if (one.at <= now) one.deliver()
      else due.push(one)
  }
  rig.onSend = undefined
  return seen
}

/** One test call; throws when it has no result, left something, lasted too long, or left a gateway with an open call. */
function runOne(seed: number, plant: Plant = () => undefined): string {
  const rig = standardRig()
  const undo = plant(rig)
  try {
    const id = start(rig)
    const { acknowledged, ended } = onLossyWire(rig, seed)
    rig.advance(30_000)
    const { state, result } = stateOf(rig, id)
    assert.equal(state, 'ended', `seed ${seed}`)
    rig.take()
    finish(rig)
    const [record] = rig.records
    assert.equal(rig.records.length, 1)
    assert.ok(
      (record?.endedAt ?? 0) - (record?.startedAt ?? 0) <= timeLimitMs + tickMs,
      `seed ${seed}: it lasted too long`,
    )
    assert.ok(ended || !acknowledged, `seed ${seed}: the gateway heard no BYE`)
    assert.deepEqual(rig.logged, [], `seed ${seed}`)
    return String(result)
  } finally {
    undo?.()
  }
}

test(`a wire that loses, doubles and delays: each of ${counts.testCallWires} test calls has a result and leaves nothing`, () => {
  const results = new Set<string>()
  for (let seed = 1; seed <= counts.testCallWires; seed++) results.add(runOne(seed))
  assert.deepEqual([...results].toSorted(), ['green', 'red'])
})

type Plant = (rig: EdgeRig) => (() => void) | undefined

/** The caller that is played forgets one of its timers. */
const deafTo =
  (kind: number): Plant =>
  () => {
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its object below
    const { onTimer } = OwnCall.prototype
    OwnCall.prototype.onTimer = function (this: OwnCall, which) {
      if (which !== kind) onTimer.call(this, which)
    }
    return () => {
      OwnCall.prototype.onTimer = onTimer
    }
  }

const keptRoom =
  (name: 'admitSystem' | 'admitGateway'): Plant =>
  ({ edge: { limits } }) => {
    const admit = limits[name].bind(limits) as (...facts: unknown[]) => ReturnType<typeof limits.admitSystem>
    const keeping = (...facts: unknown[]): ReturnType<typeof limits.admitSystem> => {
      const permit = admit(...facts)
      return 'kind' in permit ? permit : { release: () => undefined }
    }
    limits[name] = keeping
    return undefined
  }

const withoutBye: Plant = ({ edge: { context } }) => {
  const send = context.transport.send.bind(context.transport)
  context.transport.send = (bytes, target) => {
    if (!bytes.toString('latin1', 0, 4).startsWith('BYE ')) send(bytes, target)
  }
  return undefined
}

const planted: readonly (readonly [name: string, plant: Plant])[] = [
  ['its time is never over', deafTo(1)],
  ['nobody hangs up at the answer', deafTo(2)],
  ['the room of the system is kept', keptRoom('admitSystem')],
  ['the room of the gateway is kept', keptRoom('admitGateway')],
  ['the BYE is lost for good', withoutBye],
]

test('every planted fault is found', (context) => {
  const missed = planted.filter(([name, plant]) => {
    for (let seed = 1; seed <= counts.testCallWires; seed++)
      try {
        runOne(seed, plant)
      } catch {
        context.diagnostic(`${name}: seed ${seed}`)
        return false
      }
    return true
  })
  context.diagnostic(`${planted.length - missed.length} of ${planted.length} faults found`)
  assert.deepEqual(
    missed.map(([name]) => name),
    [],
  )
})
