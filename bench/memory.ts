// Memory per live call: many calls are held at once and the growth of the process tree is divided by their number.
import { runSipp } from '../test/kit/sipp.ts'
import { eagerCollection } from './contestants.ts'
import type { ContestantName } from './contestants.ts'
import { withContestant } from './compare.ts'
import { runLoad, startGateways, stopGateways } from './load.ts'
import type { BenchOptions } from './options.ts'
import { places } from './places.ts'
import { memoryBytes, wait } from './processes.ts'

export interface MemoryResult {
  readonly contestant: ContestantName
  readonly heldCalls: number
  /** While the transactions of the set-up still linger. */
  readonly bytesPerCallAtOnce: number
  /** `lingerSeconds` later: the calls alone. */
  readonly bytesPerCallLater: number
  readonly failed: number
}

export function measureMemory(contestant: ContestantName, options: BenchOptions): Promise<MemoryResult> {
  const { heldCalls } = options
  const callsPerSecond = 500
  const setUpMs = (heldCalls / callsPerSecond) * 1_000
  const lingerMs = options.lingerSeconds * 1_000
  const work = async (session: number): Promise<MemoryResult> => {
    const gateways = await startGateways()
    // The first calls make the process grow for reasons of its own (compiled code). They are few, because memory that they
    // leave behind would be used again by the calls that are counted.
    await runLoad({ calls: heldCalls / 10, callsPerSecond, holdMs: 100 })
    await wait(lingerMs)
    const before = memoryBytes(session)
    const calls = runSipp({
      scenario: new URL('uac.xml', import.meta.url),
      ...places.caller,
      remote: `${places.edge.address}:${places.edge.port}`,
      calls: heldCalls,
      callsPerSecond,
      callsAtOnceMax: heldCalls,
      pauseMs: setUpMs + lingerMs + 4_000,
      number: '441782555555',
      timeLimitMs: setUpMs * 2 + lingerMs + 60_000,
    })
    await wait(setUpMs + 1_000)
    const atOnce = memoryBytes(session)
    await wait(lingerMs)
    const later = memoryBytes(session)
    const result = await calls
    await stopGateways(gateways)
    const perCall = (bytes: number): number => Math.round((bytes - before) / heldCalls)
    return {
      contestant,
      heldCalls,
      bytesPerCallAtOnce: perCall(atOnce),
      bytesPerCallLater: perCall(later),
      failed: heldCalls - result.successful,
    }
  }
  return withContestant(contestant, work, eagerCollection)
}
