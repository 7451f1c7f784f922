// One timer wheel for a whole thread: no Node timer and no closure per message.
// Slots of one tick each, hashed by due tick; a handle is an object that knows its owner and its kind.

/** Receives its timers; `kind` is whatever small number the owner gave to `start`. */
export interface TimerOwner {
  onTimer(kind: number, nowMs: number): void
}

/** A running or finished timer. Opaque to its owner. */
export interface Timer {
  readonly owner: TimerOwner
  readonly kind: number
  dueTick: number
  slot: number
  index: number
}

const tickMs = 5
const slotCount = 4096

const rethrow = (error: unknown): never => {
  throw error
}

export class Timers {
  readonly #slots: Timer[][] = Array.from({ length: slotCount }, () => [])
  #tick = 0
  #count = 0
  /** Until this tick nobody turns the wheel. */
  #awakeTick = 0
  /** Told when a timer starts that is due before the end of the `sleep` that was agreed on. */
  onEarlier: (() => void) | undefined
  readonly #originMs: number
  readonly #onBug: (error: unknown, owner: TimerOwner) => void

  /** @param originMs the clock's reading at construction. @param onBug told what an owner threw and who it was; the others still fire. */
  constructor(originMs: number, onBug: (error: unknown, owner: TimerOwner) => void = rethrow) {
    this.#originMs = originMs
    this.#onBug = onBug
  }

  /** How many timers run. */
  get count(): number {
    return this.#count
  }

  /** Starts a timer that fires once, `delayMs` after `nowMs`, never early. */
  start(nowMs: number, delayMs: number, owner: TimerOwner, kind: number): Timer {
    const dueTick = Math.max(this.#tick + 1, Math.ceil((nowMs + delayMs - this.#originMs) / tickMs))
    const slot = dueTick % slotCount
    const list = this.#slots[slot] as Timer[]
    const timer: Timer = { owner, kind, dueTick, slot, index: list.length }
    list.push(timer)
    this.#count += 1
    if (dueTick < this.#awakeTick) {
      this.#awakeTick = dueTick
      this.onEarlier?.()
    }
    return timer
  }

  /**
   * Milliseconds from `nowMs` for which the wheel need not be turned, because nothing is due: a tick at least, `mostMs` at
   * most. It holds until `onEarlier` is told.
   */
  sleep(nowMs: number, mostMs: number): number {
    const mostTicks = mostMs / tickMs
    let ticks = 1
    // What is due a lap later ends it, too: that is rare, and an early turn does no harm.
    while (ticks < mostTicks && this.#slots[(this.#tick + ticks) % slotCount]?.length === 0) ticks += 1
    this.#awakeTick = this.#tick + ticks
    return this.awakeInMs(nowMs)
  }

  /** Milliseconds until the wheel has to be turned next. */
  awakeInMs(nowMs: number): number {
    return Math.max(0, this.#originMs + this.#awakeTick * tickMs - nowMs)
  }

  /** Stops a timer; harmless when it has fired or was stopped. */
  stop(timer: Timer | undefined): void {
    if (timer === undefined || timer.index < 0) return
    const list = this.#slots[timer.slot] as Timer[]
    const last = list.pop() as Timer
    if (last !== timer) {
      list[timer.index] = last
      last.index = timer.index
    }
    timer.index = -1
    this.#count -= 1
  }

  /** When a timer that runs is due, on the clock of `start`. */
  dueMs(timer: Timer): number {
    return this.#originMs + timer.dueTick * tickMs
  }

  /** Fires everything due at `nowMs`, oldest tick first. */
  advance(nowMs: number): void {
    const target = Math.floor((nowMs - this.#originMs) / tickMs)
    if (this.#count === 0 && target > this.#tick) this.#tick = target
    while (this.#tick < target) {
      this.#tick += 1
      const list = this.#slots[this.#tick % slotCount] as Timer[]
      for (let i = list.length - 1; i >= 0; i--) {
        const timer = list[i]
        if (timer === undefined || timer.dueTick > this.#tick) continue
        this.stop(timer)
        try {
          timer.owner.onTimer(timer.kind, nowMs)
        } catch (error) {
          this.#onBug(error, timer.owner)
        }
      }
    }
  }

  /** Milliseconds until the next tick boundary that `advance` would look at; the caller's wait. */
  nextTickMs(nowMs: number): number {
    return Math.max(0, this.#originMs + (this.#tick + 1) * tickMs - nowMs)
  }
}
