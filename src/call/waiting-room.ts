// Calls that lack nothing but calls per second wait here for their turn (`queueMs`). One line for each scope without
// room, first come first served; accounts that wait in one line take turns. Nothing is held while waiting: each call is
// decided anew at the moment its line has room, and before any call that comes later.
import type { Timer, TimerOwner } from '../base/timers.ts'
import { bound } from '../base/limits.ts'
import { Explanation } from '../policy/explanation.ts'
import type { Refusal } from '../policy/verdict.ts'
import type { Call } from './call.ts'
import type { CallContext } from './context.ts'
import { decideCall, follow, refuseCall } from './deciding.ts'

interface Waiter {
  readonly call: Call
  readonly since: number
  readonly untilMs: number
  /** What the caller hears if its time is over. */
  refusal: Refusal
}

interface Line {
  roomAtMs: number
  /** In the order of their turns. */
  accounts: Map<string, Waiter[]>
}

export class WaitingRoom implements TimerOwner {
  readonly #context: Pick<CallContext, 'clock' | 'timers' | 'limits'>
  readonly #lines = new Map<string, Line>()
  #count = 0
  #nextMs = Infinity
  #timer: Timer | undefined

  constructor(context: Pick<CallContext, 'clock' | 'timers' | 'limits'>) {
    this.#context = context
  }

  /** Calls that wait. One that was cancelled may be counted until its line moves. */
  get count(): number {
    return this.#count
  }

  /** Takes a call that was refused, if it may wait; its caller hears 100 at once. */
  take(call: Call, refusal: Refusal): boolean {
    const { queueMs, id } = call.caller.account
    if (queueMs === 0 || refusal.waitFor === undefined) return false
    if (this.#count >= bound('callsWaitingMax')) this.#forgetEnded()
    if (this.#count >= bound('callsWaitingMax') || this.#countOf(id) >= bound('callsWaitingPerAccountMax')) return false
    const nowMs = this.#context.clock.nowMs()
    call.explanation.add('admit', `waits up to ${queueMs} ms: ${refusal.detail}`)
    call.answerCaller(100, 'Trying (High CPS, Buffering)')
    this.#count += 1
    this.#enter({ call, since: nowMs, untilMs: nowMs + queueMs, refusal }, refusal.waitFor)
    this.#schedule()
    return true
  }

  /** Serves those whose turn it is; called before a new call is decided. Costs nothing while nobody's turn has come. */
  serve(): void {
    const nowMs = this.#context.clock.nowMs()
    if (nowMs < this.#nextMs) return
    try {
      for (const [name, line] of this.#lines) {
        if (nowMs >= line.roomAtMs) this.#serveLine(name, line, nowMs)
        this.#expire(line, nowMs)
        if (line.accounts.size === 0) this.#lines.delete(name)
      }
    } finally {
      this.#schedule()
    }
  }

  /** Limits may have been raised: every line is asked again. */
  wake(): void {
    if (this.#count === 0) return
    for (const line of this.#lines.values()) line.roomAtMs = 0
    this.#nextMs = 0
    this.serve()
  }

  onTimer(): void {
    this.#timer = undefined
    this.#nextMs = 0
    this.serve()
  }

  #countOf(accountId: string): number {
    let count = 0
    for (const { accounts } of this.#lines.values()) count += accounts.get(accountId)?.length ?? 0
    return count
  }

  #enter(waiter: Waiter, { line: name, roomAtMs }: NonNullable<Refusal['waitFor']>): void {
    let line = this.#lines.get(name)
    if (line === undefined) {
      line = { roomAtMs, accounts: new Map() }
      this.#lines.set(name, line)
    }
    const { id } = waiter.call.caller.account
    const queue = line.accounts.get(id)
    if (queue === undefined) line.accounts.set(id, [waiter])
    else {
      // One that comes from another line keeps its place among those that came after it.
      const at = queue.findLastIndex((other) => other.since <= waiter.since) + 1
      queue.splice(at, 0, waiter)
    }
  }

  /** Until the first one whose turn it is finds no room. */
  #serveLine(name: string, line: Line, nowMs: number): void {
    for (const [accountId, queue] of line.accounts) {
      const waiter = queue.shift()
      line.accounts.delete(accountId)
      if (waiter === undefined) continue
      const roomAtMs = this.#serveOne(name, waiter, nowMs)
      if (roomAtMs !== undefined) {
        queue.unshift(waiter)
        line.roomAtMs = roomAtMs
        line.accounts = new Map([[accountId, queue], ...line.accounts])
        return
      }
      // Behind the others: the walk comes by here again.
      if (queue.length > 0) line.accounts.set(accountId, queue)
    }
  }

  /** Undefined = the call has left this line; else when it may have room. A bug costs this one call. */
  #serveOne(name: string, waiter: Waiter, nowMs: number): number | undefined {
    const { call } = waiter
    if (call.ended || waiter.untilMs <= nowMs) {
      this.#giveUp(waiter)
      return undefined
    }
    try {
      const explanation = new Explanation()
      const verdict = decideCall(call, explanation)
      if (verdict.kind === 'refuse' && verdict.waitFor !== undefined) {
        waiter.refusal = verdict
        if (verdict.waitFor.line === name) return verdict.waitFor.roomAtMs
        this.#enter(waiter, verdict.waitFor)
        return undefined
      }
      this.#count -= 1
      call.explanation.add('admit', `waited ${Math.round(nowMs - waiter.since)} ms`)
      call.explanation.addText(explanation.text)
      follow(call, verdict)
    } catch (error) {
      call.abort()
      throw error
    }
    return undefined
  }

  #giveUp({ call, refusal }: Waiter): void {
    this.#count -= 1
    if (!call.ended) refuseCall(call, refusal)
  }

  #expire(line: Line, nowMs: number): void {
    for (const [accountId, queue] of line.accounts) {
      while (queue[0] !== undefined && (queue[0].call.ended || queue[0].untilMs <= nowMs)) {
        const waiter = queue.shift()
        if (waiter !== undefined) this.#giveUp(waiter)
      }
      if (queue.length === 0) line.accounts.delete(accountId)
    }
  }

  #forgetEnded(): void {
    for (const { accounts } of this.#lines.values())
      for (const [accountId, queue] of accounts) {
        const left = queue.filter(({ call }) => !call.ended)
        this.#count -= queue.length - left.length
        if (left.length === 0) accounts.delete(accountId)
        else accounts.set(accountId, left)
      }
  }

  /** One timer for all: the first line with room or the first call whose time is over. */
  #schedule(): void {
    const { clock, timers } = this.#context
    let nextMs = Infinity
    for (const { roomAtMs, accounts } of this.#lines.values())
      for (const queue of accounts.values()) nextMs = Math.min(nextMs, roomAtMs, queue[0]?.untilMs ?? Infinity)
    if (nextMs === this.#nextMs && this.#timer !== undefined) return
    timers.stop(this.#timer)
    this.#nextMs = nextMs
    const nowMs = clock.nowMs()
    this.#timer = nextMs === Infinity ? undefined : timers.start(nowMs, Math.max(0, nextMs - nowMs), this, 0)
  }
}
