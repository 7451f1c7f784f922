// Waits for datagrams on descriptors that Node does not know. Each turn of the event loop ends with one wait for all of
// them and for the loop's own descriptor, so that connections, messages of other threads and lookups end the wait as a
// datagram does, and no turn starves the other side; Node's timers and immediates wait for it at most `waitMs`, in a thread
// that has nothing to do `idleWaitMs`, never longer than `dueMs` says, and not at all after `hurry`. While datagrams are all
// there is, one turn is several rounds of waiting and serving. When many come, each round first lets some more of them come.
// Against dgram's wake-up for each datagram this takes a third off the CPU of a call (ADR 12).
import type { SystemCalls } from './system-calls.ts'

/** One socket. Its functions must not throw. */
export interface LoopMember {
  readonly descriptor: number
  /** There are datagrams. */
  onReadable(): void
  /** There are errors to read. */
  onErrors(): void
  /** Sends what waits; says whether the kernel took all of it. */
  flush(): boolean
}

/** Longest wait after a turn with datagrams, and longest turn. It delays a timer of Node by this much. */
const waitMs = 4
/** The same after a turn without any: each wait costs an idle process a turn. */
const idleWaitMs = 50
/** The same while the kernel has no room for what waits to be sent. */
const waitBlockedMs = 1
/**
 * For how long more datagrams are let come after some were served, while at least so many come in a millisecond (800 calls/s).
 * At 1,200 calls/s a call takes 14 % less CPU for it (266-294 us against 306-347, in turns on one machine), and its set-up 0.6 ms
 * longer; 1 ms takes 25 % off, and 2.4 ms more.
 */
const gatherNs = 300_000n
const densePerMs = 5
/** Over how long it is counted how many come. */
const countingMs = 10

/** struct pollfd: descriptor, what is asked, what is so. */
const entryBytes = 8
const readable = 0x1
const anyError = 0x8 | 0x10 | 0x20

type LoopCalls = Pick<SystemCalls, 'poll' | 'ppoll'>

/** struct timespec: seconds and nanoseconds. */
const gatherTime = new Uint8Array(new BigInt64Array([0n, gatherNs]).buffer)

export class UdpLoop {
  readonly #calls: LoopCalls
  readonly #eventLoop: number
  readonly #members: LoopMember[] = []
  #entries = new Uint8Array(entryBytes)
  #events = new Int16Array(this.#entries.buffer)
  #immediate: NodeJS.Immediate | undefined
  #isLong = false
  /** It is that of an earlier turn. */
  #isLongOld = true
  #isIdle = false
  #isHurried = false
  /** Datagrams since `#countedFromMs`, and whether so many came before that it pays to let them gather. */
  #counted = 0
  #countedFromMs = 0
  #isDense = false
  /** When a timer of Node is due that should not be late, on its monotonic clock. */
  dueMs = Number.POSITIVE_INFINITY

  /** @param eventLoop descriptor of this thread's event loop. */
  constructor(calls: LoopCalls, eventLoop: number) {
    this.#calls = calls
    this.#eventLoop = eventLoop
  }

  /** The last turn did not empty every socket that it read from. */
  get isLong(): boolean {
    return this.#isLong
  }

  /** Said before a batch is handed up: how many datagrams it has, and whether more may wait behind it. */
  noteBatch(count: number, isFull: boolean): void {
    this.#counted += count
    this.#isLong = isFull || (this.#isLong && !this.#isLongOld)
    this.#isLongOld = false
  }

  /** Somebody has work for the next immediate: the turn ends, and until then each wait only looks. */
  hurry(): void {
    this.#isHurried = true
  }

  add(member: LoopMember): void {
    this.#members.push(member)
    this.#layOut()
    this.#immediate ??= setImmediate(this.#turn)
  }

  /** The last one to go ends the waiting. */
  remove(member: LoopMember): void {
    const index = this.#members.indexOf(member)
    if (index >= 0) this.#members.splice(index, 1)
    this.#layOut()
    if (this.#members.length > 0 || this.#immediate === undefined) return
    clearImmediate(this.#immediate)
    this.#immediate = undefined
  }

  #layOut(): void {
    this.#entries = new Uint8Array((this.#members.length + 1) * entryBytes)
    this.#events = new Int16Array(this.#entries.buffer)
    const descriptors = new Int32Array(this.#entries.buffer)
    for (const [i, descriptor] of [this.#eventLoop, ...this.#members.map((one) => one.descriptor)].entries()) {
      descriptors[i * 2] = descriptor
      this.#events[i * 4 + 2] = readable
    }
  }

  readonly #turn = (): void => {
    const startMs = performance.now()
    let nowMs = startMs
    do {
      this.#round(startMs, nowMs)
      nowMs = performance.now()
      this.#judge(nowMs)
    } while (this.#mayGoOn(nowMs - startMs, nowMs))
    // Whose work it was comes before the next turn.
    this.#isHurried = false
    if (this.#members.length > 0) this.#immediate = setImmediate(this.#turn)
    else this.#immediate = undefined
  }

  #round(startMs: number, nowMs: number): void {
    const isBlocked = !this.#flush()
    const events = this.#events
    const longestMs = isBlocked ? waitBlockedMs : this.#longestWaitMs(startMs, nowMs)
    const ready = this.#calls.poll(this.#entries, this.#members.length + 1, longestMs)
    this.#isIdle = ready === 0
    // A signal may end the wait; then nothing is known, and the next round asks again.
    this.#isLongOld = true
    if (ready > 0) for (let i = 7; i < events.length; i += 4) this.#serve((i - 7) / 4, events[i] as number)
    if (this.#isLongOld) this.#isLong = false
    this.#flush()
  }

  /** Whether so many datagrams come that they are let gather; if so, lets them, unless more wait already or somebody is in a hurry. */
  #judge(nowMs: number): void {
    if (nowMs - this.#countedFromMs >= countingMs) {
      this.#isDense = this.#counted >= (nowMs - this.#countedFromMs) * densePerMs
      this.#counted = 0
      this.#countedFromMs = nowMs
    }
    if (this.#isDense && !this.#isIdle && !this.#isLong && !this.#isHurried)
      this.#calls.ppoll(this.#entries, 1, gatherTime, null)
  }

  /** Node has nothing to do and no timer is due, as far as is known. */
  #mayGoOn(elapsedMs: number, nowMs: number): boolean {
    if (this.#isIdle || this.#isHurried || this.#members.length === 0) return false
    return this.#events[3] === 0 && elapsedMs < waitMs && nowMs < this.dueMs
  }

  #longestWaitMs(startMs: number, nowMs: number): number {
    if (this.#isHurried) return 0
    // The elapsed time is subtracted first: `startMs + waitMs - nowMs` is rounded, and a hair above 4 waits 5 ms.
    const longestMs = this.#isIdle ? idleWaitMs : waitMs - (nowMs - startMs)
    return Math.max(1, Math.ceil(Math.min(longestMs, this.dueMs - nowMs)))
  }

  #serve(index: number, event: number): void {
    const member = this.#members[index]
    if (event === 0 || member === undefined) return
    if ((event & anyError) !== 0) member.onErrors()
    if ((event & readable) !== 0) member.onReadable()
  }

  #flush(): boolean {
    let all = true
    for (const member of this.#members) if (!member.flush()) all = false
    return all
  }
}
