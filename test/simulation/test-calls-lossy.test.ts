// Test calls on a wire that loses, doubles and delays, toward a gateway that does what chance says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFraction, seededRandom } from '../../src/base/random.ts'
import { answerSdp, gateway1, responseTo, standardRig } from '../kit/call-rig.ts'
import { counts } from '../kit/counts.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'
import { finish, start, stateOf } from '../kit/test-call-rig.ts'

/** Each message is lost, doubled or late; the gateway does what chance says. */
function onLossyWire(rig: EdgeRig, seed: number): void {
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
  let final = 0
  rig.onSend = ({ message }) =>
    wire(() => {
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
  for (let at = 0; at < 60_000; at += 5) {
    rig.advance(5)
    const now = rig.clock.nowMs()
    for (const { deliver } of due.splice(0).flatMap((one) => (one.at <= now ? [one] : (due.push(one), [])))) deliver()
  }
  rig.onSend = undefined
}

test(`a wire that loses, doubles and delays: each of ${counts.testCallWires} test calls has a result and leaves nothing`, () => {
  const results = new Set<string>()
  for (let seed = 1; seed <= counts.testCallWires; seed++) {
    const rig = standardRig()
    const id = start(rig)
    onLossyWire(rig, seed)
    rig.advance(30_000)
    const { state, result } = stateOf(rig, id)
    assert.equal(state, 'ended', `seed ${seed}`)
    results.add(String(result))
    rig.take()
    finish(rig)
    assert.equal(rig.records.length, 1)
    assert.deepEqual(rig.logged, [], `seed ${seed}`)
  }
  assert.deepEqual([...results].toSorted(), ['green', 'red'])
})
