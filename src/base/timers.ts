// One timer wheel for a whole thread: no Node timer and no closure per message.
// Slots of one tick each, hashed by due tick, each a ring of linked timers; a handle is a timer that knows its owner and its kind.
// Linked, because a list that grows leaves its old array behind, and what is dead and old keeps whole calls alive (text-table.ts).

/** Receives its timers; `kind` is whatever small number the owner gave to `start`. */
export interface TimerOwner {
  onTimer(kind: number, nowMs: number): void
}

/** A place in a ring of timers, or the fixed place at which a ring begins and ends. */
interface Link {
  next: Link
  previous: Link
}

/** A running or finished timer. Opaque to its owner. */
export interface Timer extends Link {
  readonly owner: TimerOwner
  readonly kind: number
  readonly dueTick: number
}

const tickMs = 5
const slotCount = 4096

const rethrow = (error: unknown): never => {
  throw error
}

/** Nothing hangs between this place and itself. */
function emptyRing(): Link {
  const ring = {} as Link
  ring.next = ring.previous = ring
  return ring
}

function hangBefore(ring: Link, link: Link): void {
  link.next = ring
  link.previous = ring.previous
  ring.previous.next = link
  ring.previous = link
}

/** Afterwards it points to itself alone: a dead timer must not keep its neighbours alive. */
function takeOut(link: Link): void {
  link.previous.next = link.next
  link.next.previous = link.previous
  link.next = link.previous = link
}

const isEmpty = (ring: Link): boolean => ring.next === ring

/** It has neither fired nor been stopped. */
export const isRunning = (timer: Timer | undefined): timer is Timer => timer !== undefined && timer.next !== timer

export class Timers {
  readonly #slots: readonly Link[] = Array.from({ length: slotCount }, emptyRing)
  /** Those that fire in this turn. */
  readonly #firing = emptyRing()
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
    const slot = this.#slots[dueTick % slotCount] as Link
    const timer: Timer = { owner, kind, dueTick, next: slot, previous: slot }
    hangBefore(slot, timer)
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
    while (ticks < mostTicks && isEmpty(this.#slots[(this.#tick + ticks) % slotCount] as Link)) ticks += 1
    this.#awakeTick = this.#tick + ticks
    return this.awakeInMs(nowMs)
  }

  /** Milliseconds until the wheel has to be turned next. */
  awakeInMs(nowMs: number): number {
    return Math.max(0, this.#originMs + this.#awakeTick * tickMs - nowMs)
  }

  /** Stops a timer; harmless when it has fired or was stopped. */
  stop(timer: Timer | undefined): void {
    if (!isRunning(timer)) return
    takeOut(timer)
    this.#count -= 1
  }

  /** When a timer that runs is due, on the clock of `start`. */
  dueMs(timer: Timer): number {
    return this.#originMs + timer.dueTick * tickMs
  }

  /** Fires everything due at `nowMs`, oldest tick first, of one tick what was started first. */
  advance(nowMs: number): void {
    const target = Math.floor((nowMs - this.#originMs) / tickMs)
    if (this.#count === 0 && target > this.#tick) this.#tick = target
    while (this.#tick < target) {
      this.#tick += 1
      this.#fire(this.#slots[this.#tick % slotCount] as Link, nowMs)
    }
  }

  /** Takes out all that are due before the first of them fires: what an owner starts or stops changes the ring. */
  #fire(slot: Link, nowMs: number): void {
    for (let link = slot.next; link !== slot;) {
      const { next } = link
      if ((link as Timer).dueTick <= this.#tick) {
        takeOut(link)
        hangBefore(this.#firing, link)
      }
      link = next
    }
    while (!isEmpty(this.#firing)) {
      const timer = this.#firing.next as Timer
      takeOut(timer)
      this.#count -= 1
      try {
        timer.owner.onTimer(timer.kind, nowMs)
      } catch (error) {
        this.#onBug(error, timer.owner)
      }
    }
  }

  /** Milliseconds until the next tick boundary that `advance` would look at; the caller's wait. */
  nextTickMs(nowMs: number): number {
    return Math.max(0, this.#originMs + (this.#tick + 1) * tickMs - nowMs)
  }
}
