// Our registration at a registrar, on a fake clock: refresh, 423, back-off, the end of trying, unregistering.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { bound } from '../base/limits.ts'
import { seededRandom } from '../base/random.ts'
import { OutboundRegistration } from './outbound-registration.ts'
import type { OutboundPort, OutboundView, RegisterFate } from './outbound-registration.ts'

class Rig implements OutboundPort {
  readonly clock = new FakeClock()
  readonly registration: OutboundRegistration
  readonly views: OutboundView[] = []
  /** Each REGISTER: seconds since the start, number, Expires. */
  sent: { readonly at: number; readonly number: number; readonly expires: number }[] = []
  readonly #startedAt = this.clock.nowMs()

  constructor(expiresSeconds = 3_600, seed = 1) {
    const { clock } = this
    const context = { clock, timers: clock.timers, random: seededRandom(seed), port: this }
    this.registration = new OutboundRegistration(context, { key: 'gw', expiresSeconds })
  }

  sendRegister(_key: string, number: number, expires: number): void {
    this.sent.push({ at: (this.clock.nowMs() - this.#startedAt) / 1_000, number, expires })
  }

  onRegistration(_key: string, view: OutboundView): void {
    this.views.push(view)
  }

  get last(): { at: number; number: number; expires: number } {
    const last = this.sent.at(-1)
    assert.ok(last !== undefined, 'a REGISTER was sent')
    return last
  }

  get state(): string {
    return this.registration.view.state
  }

  advance(seconds: number): void {
    this.clock.advance(seconds * 1_000)
  }

  fate(fate: RegisterFate): void {
    this.registration.onFate(this.last.number, fate)
  }

  /** Waits for the next REGISTER; seconds it took. */
  next(): number {
    const { length } = this.sent
    const from = this.clock.nowMs()
    for (let i = 0; i < 100_000 && this.sent.length === length; i++) this.advance(0.1)
    assert.equal(this.sent.length, length + 1, 'one REGISTER follows')
    return (this.clock.nowMs() - from) / 1_000
  }
}

function registered(expiresSeconds = 3_600, seed = 1): Rig {
  const rig = new Rig(3_600, seed)
  rig.next()
  rig.fate({ kind: 'granted', expiresSeconds })
  return rig
}

const forbidden: RegisterFate = { kind: 'rejected', detail: '403 Forbidden' }

test('RFC3261-10.2.4: it is refreshed after 80 to 90 % of what was granted, again and again', () => {
  for (const granted of [60, 600, 3_600])
    for (const seed of [1, 2, 3]) {
      const rig = registered(granted, seed)
      assert.equal(rig.state, 'registered')
      assert.equal(rig.last.expires, 3_600)
      for (let i = 0; i < 3; i++) {
        const seconds = rig.next()
        assert.ok(seconds >= granted * 0.8 && seconds <= granted * 0.9 + 0.2, `${seconds} of ${granted}`)
        rig.fate({ kind: 'granted', expiresSeconds: granted })
      }
    }
})

test('the first REGISTER leaves within a second, not all at the same moment', () => {
  const delays = [1, 2, 3, 4, 5].map((seed) => new Rig(3_600, seed).next())
  assert.ok(delays.every((seconds) => seconds <= 1.1))
  assert.ok(new Set(delays).size > 2, delays.join(' '))
})

test('RFC3261-10.2.8: 423 is honoured at once with Min-Expires, also for the following ones', () => {
  const rig = new Rig(60)
  rig.next()
  rig.fate({ kind: 'tooBrief', minExpiresSeconds: 900 })
  assert.equal(rig.last.expires, 900)
  rig.fate({ kind: 'granted', expiresSeconds: 900 })
  rig.next()
  assert.equal(rig.last.expires, 900)
})

test('a 423 that asks for no more than we asked for is a rejection, and does not go on for ever', () => {
  const rig = new Rig(3_600)
  for (let i = 0; i < 3; i++) {
    rig.next()
    rig.fate({ kind: 'tooBrief', minExpiresSeconds: 60 })
  }
  assert.equal(rig.state, 'refused')
})

test('failures are spaced wider and wider, with jitter, up to a bound, and never end it', () => {
  const rig = new Rig()
  rig.next()
  const delays: number[] = []
  for (let i = 0; i < 12; i++) {
    rig.fate({ kind: 'failed', detail: 'no answer' })
    assert.equal(rig.state, 'failing')
    delays.push(rig.next())
  }
  for (const [i, seconds] of delays.entries()) {
    const full = Math.min(bound('registerRetryMsMax') / 1_000, 5 * 2 ** i)
    assert.ok(seconds >= full / 2 && seconds <= full + 0.2, `${seconds} s, the ${i}th of at most ${full}`)
  }
  assert.ok(new Set(delays.slice(-5).map((seconds) => seconds.toFixed(1))).size > 2, 'jitter')
  rig.fate({ kind: 'granted', expiresSeconds: 600 })
  rig.next()
  rig.fate({ kind: 'failed', detail: 'no answer' })
  assert.ok(rig.next() <= 5.1, 'success starts the spacing anew')
})

test('Retry-After of a failure is waited for, up to the bound for pauses', () => {
  const rig = new Rig()
  rig.next()
  rig.fate({ kind: 'failed', detail: '503', retryAfterSeconds: 120 })
  const seconds = rig.next()
  assert.ok(seconds >= 120 && seconds < 121)
  rig.fate({ kind: 'failed', detail: '503', retryAfterSeconds: 86_400 })
  assert.ok(rig.next() <= bound('retryAfterSecondsMax') + 0.2)
})

test('three rejections in a row end it with a plain reason; nothing more is sent', () => {
  const rig = new Rig()
  for (let i = 0; i < 3; i++) {
    rig.next()
    rig.fate(forbidden)
  }
  assert.deepEqual([rig.state, rig.registration.view.reason], ['refused', 'registration refused: 403 Forbidden'])
  assert.equal(rig.registration.view.nextAt, null)
  rig.advance(100_000)
  assert.equal(rig.sent.length, 3)
  assert.equal(rig.registration.timerCount, 0)
})

test('two rejections and a success start the count anew', () => {
  const rig = new Rig()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 2; i++) {
      rig.next()
      rig.fate(forbidden)
    }
    rig.next()
    rig.fate({ kind: 'granted', expiresSeconds: 600 })
    assert.equal(rig.state, 'registered')
  }
})

test('RFC3261-10.2.2: ending it takes the Contact back once, and is over whatever comes', () => {
  for (const fate of [{ kind: 'granted', expiresSeconds: 0 }, forbidden, { kind: 'failed', detail: 'x' }] as const) {
    const rig = registered()
    rig.registration.end()
    assert.equal(rig.last.expires, 0)
    assert.equal(rig.state, 'ending')
    rig.registration.end()
    assert.equal(rig.sent.length, 2)
    rig.fate(fate)
    assert.equal(rig.state, 'ended')
    rig.advance(10_000)
    assert.equal(rig.sent.length, 2)
    assert.equal(rig.registration.timerCount, 0)
  }
})

test('what was never registered is not taken back', () => {
  const rig = new Rig()
  rig.registration.end()
  rig.advance(10)
  assert.deepEqual([rig.state, rig.sent.length], ['ended', 0])
})

test('the fate of an older REGISTER changes nothing', () => {
  const rig = registered(60)
  const old = rig.last.number
  rig.next()
  rig.registration.onFate(old, forbidden)
  assert.equal(rig.state, 'registered')
})

test('it shows since when, until when, and when the next one leaves', () => {
  const rig = registered(100)
  const { since, expiresAt, nextAt } = rig.registration.view
  assert.equal(since, rig.clock.wallMs())
  assert.equal(expiresAt, rig.clock.wallMs() + 100_000)
  assert.ok(nextAt !== null && nextAt > since + 79_000 && nextAt < since + 91_000)
  rig.advance(101)
  assert.equal(rig.registration.view.expiresAt, null, 'past')
})
