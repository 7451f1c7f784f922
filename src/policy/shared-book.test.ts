// Several threads count together: limits stay exact whoever asks when, and nothing is left when all have given back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { directoryOf } from '../../test/kit/directory.ts'
import type { HammerOrder, HammerReport } from '../../test/kit/limit-hammer.ts'
import { Metrics } from '../base/metrics.ts'
import { seededRandom, randomBelow } from '../base/random.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import type { Directory, GatewayTarget } from '../directory/directory.ts'
import { Failures } from './backoff.ts'
import { SharedFailureRows } from './failure-rows.ts'
import { Limits } from './limits.ts'
import { SharedBook, sharedBookMemory } from './shared-book.ts'
import { SlidingLog } from './sliding-log.ts'

const fileOf = (
  limits: { channelsMax?: number; callsPerSecondMax?: number },
  carrier: object = {},
): DeclarativeInput => ({
  carriers: [
    {
      name: 'Acme',
      ...carrier,
      endpoints: [{ name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], ...limits }],
    },
  ],
})

const threads = 2

interface Hammered {
  readonly reports: readonly HammerReport[]
  /** Most calls that lived at the same time, as the callers counted. */
  readonly peak: number
  readonly memory: SharedArrayBuffer
}

async function hammer(order: Omit<HammerOrder, 'memory' | 'seen' | 'threads'>): Promise<Hammered> {
  const memory = sharedBookMemory()
  const seen = new SharedArrayBuffer(16)
  const url = new URL('../../test/kit/limit-hammer.ts', import.meta.url)
  const workerData: HammerOrder = { ...order, memory, seen, threads }
  const reports = await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(url, { workerData })
      const [[report]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [
        [HammerReport],
        unknown,
      ]
      return report
    }),
  )
  return { reports, memory, peak: new Int32Array(seen)[2] as number }
}

const targetOf = (directory: Directory): GatewayTarget => directory.endpoints[0]?.targets[0] as GatewayTarget

test('two threads take the same channels as fast as they can: never one more than the limit, and none is left', async () => {
  const file = fileOf({ channelsMax: 7 })
  const { reports, memory, peak } = await hammer({ file, rounds: 60_000, forMs: 20_000, heldMax: 8 })
  assert.ok(peak <= 7, `${peak} of 7 channels were taken at the same time`)
  const refused = reports.reduce((sum, report) => sum + report.refused, 0)
  const taken = reports.reduce((sum, report) => sum + report.admittedAtMs.length, 0)
  assert.ok(refused > 0, 'the limit was met')
  const limits = new Limits(new FakeClock(), new Metrics(), new SharedBook(memory, 0))
  limits.use(directoryOf(file, 1))
  const left = limits.states(0).filter((row) => row.kind === 'channels')
  assert.deepEqual(new Set(left.map(({ used }) => used)), new Set([0]))
  const directory = directoryOf(file, 1)
  const use = limits.takeUse().find((row) => row.scope === 'endpoint')
  assert.deepEqual([use?.id, use?.channelsPeak, use?.breaches], [directory.endpoints[0]?.id, 7, refused])
  const failures = new Failures(
    new FakeClock(),
    undefined,
    new SharedFailureRows(new FakeClock(), new SharedBook(memory, 0)),
  )
  assert.equal(failures.count('endpoint', directory.endpoints[0]?.id ?? ''), taken, 'every failure was counted')
})

test('two threads ask for calls as fast as they can: no window of a second holds more than the limit', async () => {
  const most = 40
  const file = fileOf({}, { callsPerSecondMax: most })
  const { reports } = await hammer({ file, rounds: Infinity, forMs: 2_500, heldMax: 0 })
  const times = reports.flatMap((report) => report.admittedAtMs).toSorted((a, b) => a - b)
  assert.ok(times.length >= 2 * most, `${times.length} calls: after a second there is room again`)
  // Clocks of two threads are compared to within some microseconds.
  for (let i = most; i < times.length; i++)
    assert.ok((times[i] as number) - (times[i - most] as number) >= 1_020 - 0.1, `call ${i} came too early`)
})

test('the shared log says what the one of a single thread says, whatever is asked of it', () => {
  const random = seededRandom(5)
  const book = new SharedBook(sharedBookMemory(), 1e6)
  const shared = Array.from({ length: 5 }, (_, i) => book.logOf(book.slotOf('account', `a${i}`)))
  const own = shared.map(() => new SlidingLog())
  let nowMs = 0
  for (let step = 0; step < 20_000; step++) {
    nowMs += randomBelow(random, 10) === 0 ? randomBelow(random, 900) : randomBelow(random, 3)
    const i = randomBelow(random, shared.length)
    const [a, b] = [shared[i], own[i]]
    const most = 1 + randomBelow(random, 200)
    const room = b?.hasRoom(nowMs, 1_000, most)
    assert.equal(a?.hasRoom(nowMs, 1_000, most), room)
    assert.equal(a?.roomAtMs(nowMs, 1_000, most), b?.roomAtMs(nowMs, 1_000, most))
    assert.equal(a?.countSince(nowMs, 1_000), b?.countSince(nowMs, 1_000))
    a?.add(nowMs)
    b?.add(nowMs)
  }
})

test('what one thread takes the other sees at once, also in lists, and counts of failures are one', () => {
  const clock = new FakeClock()
  const memory = sharedBookMemory()
  const [one, other] = [0, 50].map((offsetMs) => new SharedBook(memory, offsetMs)) as [SharedBook, SharedBook]
  const directory = directoryOf(fileOf({ channelsMax: 1 }), 1)
  const limits = [one, other].map((book) => new Limits(clock, new Metrics(), book)) as [Limits, Limits]
  for (const each of limits) each.use(directory)
  const permit = limits[0].admitGateway('call-1', targetOf(directory), directory, false)
  assert.ok(!('kind' in permit))
  const refusal = limits[1].admitGateway('call-2', targetOf(directory), directory, false)
  assert.equal('kind' in refusal && refusal.detail, 'endpoint acme-1 is full: 1 of 1 channels used')
  const [account, endpoint] = [directory.accounts[0], directory.endpoints[0]]
  assert.equal(limits[1].usesOfAccounts().get(account?.id ?? '')?.channels, 1)
  assert.equal(limits[1].usedChannels('endpoint', endpoint?.id ?? ''), 1)
  permit.release()
  permit.release()
  assert.equal(limits[1].usedChannels('endpoint', endpoint?.id ?? ''), 0)
  assert.ok(!('kind' in limits[1].admitGateway('call-3', targetOf(directory), directory, false)))

  const said: string[] = []
  const failures = [one, other].map(
    (book) => new Failures(clock, ({ scope, on }) => said.push(`${scope} ${on}`), new SharedFailureRows(clock, book)),
  ) as [Failures, Failures]
  assert.ok(account !== undefined && endpoint !== undefined)
  for (let i = 0; i < 50; i++) failures[i % 2]?.onFailure(endpoint, account)
  assert.deepEqual(said, ['endpoint true', 'account true'])
  assert.match(failures[1].findHoldOn(endpoint, account)?.detail ?? '', /50 failures now/)
  assert.deepEqual([...failures[0].counts('account')], [[account.id, 50]])
  failures[1].onSuccess(endpoint, account)
  assert.equal(failures[0].count('endpoint', endpoint.id), 0)
  assert.equal(failures[0].findHoldOn(endpoint, account), undefined)
  assert.deepEqual(said.slice(2), ['endpoint false', 'account false'])
})
