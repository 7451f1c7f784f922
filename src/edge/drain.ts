// Waits for the end of running calls; new ones get 503 meanwhile.
import { systemClock } from '../base/clock.ts'
import type { EdgeHandle } from './edge-client.ts'

const lookMs = 200

/** Resolves when there is no call any more, or after so many seconds. */
export async function drain(edge: EdgeHandle, seconds: number): Promise<void> {
  const until = systemClock.nowMs() + seconds * 1_000
  await edge.ask('drain', null)
  const wait = async (): Promise<void> => {
    const calls = await edge.ask('calls', null)
    if (calls.length === 0 || systemClock.nowMs() >= until) return
    await new Promise((resolve) => {
      setTimeout(resolve, lookMs)
    })
    await wait()
  }
  await wait()
}

/** The process ends with code 1 when there is no call any more, or after so many seconds. */
export async function endAfterCalls(edge: EdgeHandle, seconds: number): Promise<never> {
  await drain(edge, seconds).catch(() => undefined)
  return process.exit(1)
}
