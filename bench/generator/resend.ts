// When something is sent again (RFC 3261 17.1: T1 500 ms, doubled, for 32 s in all): one list for each delay.
import { DueList } from './due-list.ts'

const t1Ms = 500
const t2Ms = 4_000
const patienceMs = 64 * t1Ms

/** Delays between one sending and the next, the last of them until it is given up. */
function delays(mostMs: number): number[] {
  const all: number[] = []
  let left = patienceMs
  for (let delay = t1Ms; left > 0; delay = Math.min(delay * 2, mostMs)) {
    all.push(Math.min(delay, left))
    left -= delay
  }
  return all
}

/** INVITE (timers A and B). */
export const inviteDelays = delays(patienceMs)
/** Every other request (timers E and F), and a 2xx until its ACK comes (13.3.1.4). */
export const otherDelays = delays(t2Ms)

export class Resend {
  readonly #lists: readonly DueList[]

  constructor(delaysMs: readonly number[]) {
    this.#lists = delaysMs.map((delayMs) => new DueList(delayMs))
  }

  add(nowMs: number, number: number): void {
    this.#lists[0]?.add(nowMs, number)
  }

  /**
   * `onDue` says whether it still waits; `isLast` that it is to be given up instead of being sent again.
   */
  turn(nowMs: number, onDue: (number: number, isLast: boolean) => boolean): void {
    for (const [step, list] of this.#lists.entries())
      for (let number = list.take(nowMs); number !== undefined; number = list.take(nowMs)) {
        const next = this.#lists[step + 1]
        if (onDue(number, next === undefined)) next?.add(nowMs, number)
      }
  }

  get nextMs(): number {
    let least = Number.POSITIVE_INFINITY
    for (const list of this.#lists) if (list.nextMs < least) least = list.nextMs
    return least
  }

  clear(): void {
    for (const list of this.#lists) list.clear()
  }
}
