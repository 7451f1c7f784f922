// What is left of transactions that nobody waits for: the hash of a key and a number, 36 bytes in typed arrays until their
// time is over, instead of objects with timers and all that hung on them. It is what later retransmissions are known by
// (RFC 3261 17.1.2.2, 17.2.2; RFC 6026 7.1). In bench/replay.ts this
// took the heap at 1,200 calls/s (200 ms each) from 238 to 21 MiB, and 12 % of all time.
import { assert } from '../base/assert.ts'
import type { TimerOwner } from '../base/timers.ts'
import type { TransactionContext } from './context.ts'

/** The 64 bits of a key: two hashes (FNV-1a and a sibling), each stirred at its end. */
let low = 0
let high = 0

const stir = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
}

function hashOf(key: string): void {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x5bd1e995)
    b ^= b >>> 15
  }
  low = stir(a)
  high = stir(b)
}

/** 26 bits of a text: two of them fit a note. */
export function shortHash(text: string): number {
  hashOf(text)
  return low & (shortHashes - 1)
}

export const shortHashes = 2 ** 26

const least = 1_024
/** A removal may come this much late; what is late is not found. */
const sweepMs = 250

export class Finished implements TimerOwner {
  readonly #context: TransactionContext
  readonly #lifeMs: number
  readonly #most: number
  /** Entries lie in a ring in the order in which they came, so that the oldest ends first. */
  #first = 0
  #count = 0
  #lows = new Int32Array(least)
  #highs = new Int32Array(least)
  #notes = new Float64Array(least)
  #dues = new Float64Array(least)
  /** The next entry in the chain of the bucket; entries are numbered from 1 there, 0 ends a chain. */
  #nexts = new Int32Array(least)
  #heads = new Int32Array(least)
  #isTimed = false

  /** @param most entries; one more pushes out the oldest. */
  constructor(context: TransactionContext, lifeMs: number, most: number) {
    this.#context = context
    this.#lifeMs = lifeMs
    this.#most = most
  }

  get count(): number {
    return this.#count
  }

  /** Remembers `key` for as long as entries live. @param note a whole number, not negative */
  add(key: string, note: number): void {
    assert(note >= 0, 'the number of a finished transaction is not negative')
    if (this.#count === this.#most) this.#removeOldest()
    if (this.#count === this.#lows.length) this.#grow()
    hashOf(key)
    const slot = (this.#first + this.#count) & (this.#lows.length - 1)
    const nowMs = this.#context.clock.nowMs()
    this.#lows[slot] = low
    this.#highs[slot] = high
    this.#notes[slot] = note
    this.#dues[slot] = nowMs + this.#lifeMs
    this.#link(slot)
    this.#count += 1
    if (!this.#isTimed) this.#startTimer(nowMs, this.#lifeMs)
  }

  /** The note of `key`, or -1. */
  find(key: string): number {
    if (this.#count === 0) return -1
    hashOf(key)
    for (let at = this.#heads[low & (this.#lows.length - 1)] as number; at !== 0; at = this.#nexts[at - 1] as number)
      if (this.#lows[at - 1] === low && this.#highs[at - 1] === high)
        return (this.#dues[at - 1] as number) > this.#context.clock.nowMs() ? (this.#notes[at - 1] as number) : -1
    return -1
  }

  onTimer(_kind: number, nowMs: number): void {
    this.#isTimed = false
    while (this.#count > 0 && (this.#dues[this.#first] as number) <= nowMs) this.#removeOldest()
    if (this.#count === 0) return
    const leftMs = (this.#dues[this.#first] as number) - nowMs
    this.#startTimer(nowMs, Math.max(leftMs, sweepMs))
  }

  #startTimer(nowMs: number, ms: number): void {
    this.#context.timers.start(nowMs, ms, this, 0)
    this.#isTimed = true
  }

  /** The newest of a bucket stands first. */
  #link(slot: number): void {
    const bucket = (this.#lows[slot] as number) & (this.#lows.length - 1)
    this.#nexts[slot] = this.#heads[bucket] as number
    this.#heads[bucket] = slot + 1
  }

  #removeOldest(): void {
    const slot = this.#first
    const bucket = (this.#lows[slot] as number) & (this.#lows.length - 1)
    if (this.#heads[bucket] === slot + 1) this.#heads[bucket] = this.#nexts[slot] as number
    else {
      let before = (this.#heads[bucket] as number) - 1
      while (this.#nexts[before] !== slot + 1) before = (this.#nexts[before] as number) - 1
      this.#nexts[before] = this.#nexts[slot] as number
    }
    this.#first = (slot + 1) & (this.#lows.length - 1)
    this.#count -= 1
  }

  /** Twice as many places; the length stays a power of two, so that places wrap by a mask. */
  #grow(): void {
    const { length } = this.#lows
    const inOrder = <Columns extends Int32Array | Float64Array>(from: Columns, to: Columns): Columns => {
      for (let i = 0; i < length; i++) to[i] = from[(this.#first + i) & (length - 1)] as number
      return to
    }
    this.#lows = inOrder(this.#lows, new Int32Array(length * 2))
    this.#highs = inOrder(this.#highs, new Int32Array(length * 2))
    this.#notes = inOrder(this.#notes, new Float64Array(length * 2))
    this.#dues = inOrder(this.#dues, new Float64Array(length * 2))
    this.#nexts = new Int32Array(length * 2)
    this.#heads = new Int32Array(length * 2)
    this.#first = 0
    for (let slot = 0; slot < this.#count; slot++) this.#link(slot)
  }
}
