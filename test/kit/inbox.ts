// Waits for what events bring, in order, with a deadline instead of sleeping.
import assert from 'node:assert/strict'

const deadlineMs = 5_000

/** Collects items; `next` gives the oldest one not yet taken, waiting for it if need be. */
export class Inbox<T> {
  readonly #name: string
  readonly #items: T[] = []
  readonly #waiting: { resolve: (item: T) => void; timeout: NodeJS.Timeout }[] = []

  constructor(name: string) {
    this.#name = name
  }

  readonly push = (item: T): void => {
    const first = this.#waiting.shift()
    if (first === undefined) {
      this.#items.push(item)
      return
    }
    clearTimeout(first.timeout)
    first.resolve(item)
  }

  next(): Promise<T> {
    const item = this.#items.shift()
    if (item !== undefined) return Promise.resolve(item)
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error(`${this.#name}: nothing came in ${deadlineMs} ms`)), deadlineMs)
      this.#waiting.push({ resolve, timeout })
    })
  }

  /** Items that came and were not taken. */
  get count(): number {
    return this.#items.length
  }

  assertEmpty(): void {
    assert.deepEqual(this.#items, [], `${this.#name}: nothing more may come`)
  }
}

/** Lets the event loop turn once: everything that is ready is handled. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** Does `step` for each item, the next one when the one before is done. */
export async function inOrder<T>(items: Iterable<T>, step: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) {
    await step(item)
  }
}

/** `count` numbers from 0. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Turns the event loop until `condition` holds; fails after the deadline. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > deadlineMs) throw new Error(`${what}: not so within ${deadlineMs} ms`)
    await nextTurn()
  }
}
