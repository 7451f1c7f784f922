// When names are looked up and what becomes of the answers, on a clock that the test moves.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { nextTurn } from '../../test/kit/inbox.ts'
import type { GatewayName, NameAnswer } from '../directory/name-answers.ts'
import { nameKey } from '../directory/name-answers.ts'
import type { Located } from '../transport/resolve.ts'
import { Names } from './names.ts'

const gw: GatewayName = { name: 'gw.example', protocol: 'udp', port: null }

const found = (address: string, more: { ttlSeconds?: number; partial?: boolean } = {}): Located => ({
  kind: 'found',
  targets: [{ address, port: 5060, tier: 0, share: 1 }],
  ttlSeconds: 60,
  partial: false,
  ...more,
})

class Rig {
  readonly clock = new FakeClock()
  readonly asked: { readonly name: string; readonly at: number }[] = []
  readonly logged: string[] = []
  readonly names: Names
  changes = 0
  answer: (name: string) => Located | Promise<Located> = () => found('192.0.2.1')
  readonly #startedAt = this.clock.nowMs()

  constructor(t: TestContext) {
    const say = (event: string): unknown => this.logged.push(event)
    this.names = new Names({
      clock: this.clock,
      log: { debug: say, info: say, warn: say, error: say },
      locate: ({ name }) => {
        this.asked.push({ name, at: this.clock.nowMs() - this.#startedAt })
        return Promise.resolve(this.answer(name))
      },
      onChange: () => {
        this.changes += 1
      },
    })
    t.after(() => this.names.close())
  }

  /** Moves time on in steps and lets answers arrive. */
  async advance(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left--) {
      this.clock.advance(1_000)
      this.names.tick()
      await nextTurn()
    }
  }

  async use(...names: readonly GatewayName[]): Promise<void> {
    this.names.use(names)
    await nextTurn()
  }

  /** The first address, or the reason. */
  get shown(): string | undefined {
    const answer: NameAnswer | undefined = this.names.answers.get(nameKey(gw))
    return answer === undefined || 'reason' in answer ? answer?.reason : answer[0]?.address
  }
}

test('a new name is asked for at once and again after its time to live, within 30 and 300 s', async (t) => {
  for (const [ttlSeconds, wanted] of [
    [60, 60],
    [0, bound('dnsTtlMinSeconds')],
    [86_400, bound('dnsTtlMaxSeconds')],
  ] as const) {
    const rig = new Rig(t)
    rig.answer = () => found('192.0.2.1', { ttlSeconds })
    await rig.use(gw)
    assert.equal(rig.shown, '192.0.2.1')
    await rig.advance(wanted + 1)
    assert.deepEqual(
      rig.asked.map(({ at }) => at),
      [0, wanted * 1_000],
    )
    assert.equal(rig.changes, 1, 'the same answer is no change')
  }
})

test('while DNS is down the last answer stays, for hours, and is said once; then the new one counts', async (t) => {
  const rig = new Rig(t)
  await rig.use(gw)
  rig.answer = () => ({ kind: 'failed' })
  await rig.advance(3 * 3_600)
  assert.equal(rig.shown, '192.0.2.1')
  assert.equal(rig.changes, 1)
  assert.equal(rig.logged.filter((event) => event === 'DNS does not answer, the last addresses stay').length, 1)
  rig.answer = () => found('192.0.2.9')
  await rig.advance(6)
  assert.equal(rig.shown, '192.0.2.9')
  assert.equal(rig.changes, 2)
})

test('half an answer does not replace a whole one, but serves where there is none', async (t) => {
  const rig = new Rig(t)
  rig.answer = () => found('192.0.2.5', { partial: true })
  await rig.use(gw)
  assert.equal(rig.shown, '192.0.2.5')
  rig.answer = () => found('192.0.2.1')
  await rig.advance(6)
  assert.equal(rig.shown, '192.0.2.1')
  rig.answer = () => found('192.0.2.5', { partial: true })
  await rig.advance(70)
  assert.equal(rig.shown, '192.0.2.1')
})

test('a name that does not exist has no address and is asked for again after 30 s; one without answer after 5 s', async (t) => {
  const rig = new Rig(t)
  rig.answer = () => ({ kind: 'failed' })
  rig.names.use([gw])
  assert.equal(rig.shown, 'DNS: not asked yet')
  await nextTurn()
  assert.equal(rig.shown, 'DNS: no answer')
  rig.answer = () => ({ kind: 'none', reason: 'name not found' })
  await rig.advance(5)
  assert.equal(rig.shown, 'DNS: name not found')
  rig.answer = () => found('192.0.2.1')
  await rig.advance(29)
  assert.equal(rig.shown, 'DNS: name not found')
  await rig.advance(1)
  assert.equal(rig.shown, '192.0.2.1')
  rig.answer = () => ({ kind: 'none', reason: 'name not found' })
  await rig.advance(60)
  assert.equal(rig.shown, 'DNS: name not found', 'what DNS says counts, also that the name is gone')
})

test('a slow look-up holds up no other name, and so many at a time as the bound allows', async (t) => {
  const rig = new Rig(t)
  const many = Array.from({ length: 100 }, (_, i): GatewayName => ({ ...gw, name: `gw${i}.example` }))
  rig.answer = () => new Promise(() => undefined)
  await rig.use(...many)
  assert.equal(rig.asked.length, bound('dnsLookupsMax'))
  const other = new Rig(t)
  other.answer = (name) => (name === gw.name ? found('192.0.2.1') : new Promise(() => undefined))
  await other.use(...many.slice(0, 10), gw)
  assert.equal(other.shown, '192.0.2.1')
  await other.advance(100)
  assert.equal(other.asked.filter(({ name }) => name === 'gw0.example').length, 1, 'it is not asked twice at a time')
})

test('names of a new directory keep their answers, others are forgotten with what still comes for them', async (t) => {
  const rig = new Rig(t)
  let settle: ((located: Located) => void) | undefined
  rig.answer = (name) =>
    name === gw.name
      ? found('192.0.2.1')
      : new Promise((resolve) => {
          settle = resolve
        })
  const late: GatewayName = { ...gw, name: 'late.example' }
  await rig.use(gw, late)
  await rig.use(gw)
  assert.equal(rig.asked.length, 2)
  settle?.(found('192.0.2.66'))
  await nextTurn()
  assert.deepEqual([...rig.names.answers.keys()], [nameKey(gw)])
  assert.equal(rig.changes, 1)
})
