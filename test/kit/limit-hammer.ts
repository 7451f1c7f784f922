// A thread that takes and gives back room of the same limits as its siblings, as fast as it can (shared-book.test.ts).
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../src/base/clock.ts'
import type { Clock } from '../../src/base/clock.ts'
import { Metrics } from '../../src/base/metrics.ts'
import { clockOffsetMs } from '../../src/base/shared-clock.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import type { GatewayTarget } from '../../src/directory/directory.ts'
import { Failures } from '../../src/policy/backoff.ts'
import { SharedFailureRows } from '../../src/policy/failure-rows.ts'
import { Limits } from '../../src/policy/limits.ts'
import { SharedBook } from '../../src/policy/shared-book.ts'
import type { Permit } from '../../src/policy/verdict.ts'
import { directoryOf } from './directory.ts'

export interface HammerOrder {
  readonly memory: SharedArrayBuffer
  /** Words: threads that are ready, calls that live now, the most of them ever. */
  readonly seen: SharedArrayBuffer
  readonly threads: number
  readonly file: DeclarativeInput
  readonly rounds: number
  /** Then the rounds end. */
  readonly forMs: number
  /** How many permits are held at most at the same time. */
  readonly heldMax: number
}

export interface HammerReport {
  readonly refused: number
  /** When each call was admitted, on the clock of all threads. */
  readonly admittedAtMs: readonly number[]
}

const order = workerData as HammerOrder
const offsetMs = clockOffsetMs()
const book = new SharedBook(order.memory, offsetMs)
let lookedAtMs = 0
/** Remembers what time it said last: that is the one under which a call was admitted. */
const clock: Clock = { ...systemClock, nowMs: () => (lookedAtMs = systemClock.nowMs()) }
const limits = new Limits(clock, new Metrics(), book)
const failures = new Failures(systemClock, undefined, new SharedFailureRows(systemClock, book))
const directory = directoryOf(order.file, 1)
limits.use(directory)
const [gateway] = directory.endpoints
const [account] = directory.accounts
const target = gateway?.targets[0] as GatewayTarget
const seen = new Int32Array(order.seen)

Atomics.add(seen, 0, 1)
while (Atomics.load(seen, 0) < order.threads) Atomics.wait(seen, 3, 0, 1)

const held: Permit[] = []
const admittedAtMs: number[] = []
let refused = 0
const untilMs = systemClock.nowMs() + order.forMs

function giveBack(): void {
  const permit = held.shift()
  if (permit === undefined) return
  Atomics.sub(seen, 1, 1)
  permit.release()
  permit.release()
}

for (let round = 0; round < order.rounds && systemClock.nowMs() < untilMs; round++) {
  const permit = limits.admitGateway(`call-${round}`, target, directory, false)
  if ('kind' in permit) refused += 1
  else {
    admittedAtMs.push(lookedAtMs + offsetMs)
    const live = Atomics.add(seen, 1, 1) + 1
    for (let most = Atomics.load(seen, 2); live > most; most = Atomics.load(seen, 2))
      Atomics.compareExchange(seen, 2, most, live)
    held.push(permit)
    if (gateway !== undefined && account !== undefined) failures.onFailure(gateway, account)
  }
  if (held.length > order.heldMax || 'kind' in permit) giveBack()
}
while (held.length > 0) giveBack()
parentPort?.postMessage({ refused, admittedAtMs } satisfies HammerReport)
