// What the product itself costs, without sockets and peers: the whole edge in this process on a clock of its own, calls at
// a given rate of that clock, `node bench/replay.ts [--calls=60000] [--rate=1200]`. Sees changes of some per cent that the
// comparison with real traffic does not; node's own flags (--cpu-prof, --trace-gc) work on it. The messages of the peers are
// made here, too, and count: with `--peers=2` each is made twice, so that the difference is what they cost.
// `node --expose-gc bench/replay.ts --live=20000` instead holds so many calls with descriptions of 1,000 bytes, and says what
// each takes, and what is left when they have ended.
import { parseArgs } from 'node:util'
import { forwardLog } from '../src/base/log.ts'
import { secureRandom } from '../src/base/random.ts'
import { tuneCollection } from '../src/edge/collection.ts'
import { Edge } from '../src/edge/edge.ts'
import type { Flow, Target } from '../src/sip/flow.ts'
import { FakeClock } from '../test/kit/fake-clock.ts'
import { bound } from '../src/base/limits.ts'
import { caller, directory, lineOf, listener, request, response, sdp } from './messages.ts'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '60000' },
    rate: { type: 'string', default: '1200' },
    peers: { type: 'string', default: '1' },
    live: { type: 'string', default: '0' },
  },
})
const live = Number(values.live)
const calls = Number(values.calls)
const gapMs = 1_000 / Number(values.rate)
const holdMs = live > 0 ? Number.POSITIVE_INFINITY : 200
const session = live > 0 ? sdp.padEnd(998, 'x') + '\r\n' : sdp
const times = Number(values.peers)

/** Of the peers' work, as often as was asked for. */
function made<Result>(make: () => Result): Result {
  for (let i = 1; i < times; i++) make()
  return make()
}
const tickMs = 5

class World {
  readonly clock = new FakeClock()
  readonly edge: Edge
  /** Our To tags, by the number of the call. */
  readonly #waiting: { readonly bytes: Buffer; readonly flow: Flow }[] = []
  readonly #ends: { readonly dueMs: number; readonly number: number; readonly toTag: string }[] = []
  answered = 0
  ended = 0
  received = 0

  constructor() {
    this.edge = new Edge({
      transport: {
        send: (bytes, target) => this.#onSend(bytes, target),
        reply: (bytes) => this.#onReply(bytes),
        findListener: () => listener,
        isOwnAddress: (address, port) => address === '10.0.0.1' && port === 5060,
      },
      listeners: [listener],
      clock: this.clock,
      random: secureRandom(),
      log: forwardLog(() => undefined),
      up: () => undefined,
      trace: { ringBytes: bound('traceRingBytes'), strayBytes: bound('traceStrayBytes'), hep: false },
    })
    this.edge.publish(directory)
  }

  #onSend(bytes: Buffer, target: Target): void {
    const flow: Flow = { listener, address: target.address, port: target.port, connection: 0 }
    const first = bytes[0]
    if (first === 0x41) return
    const text = made(() => bytes.toString('latin1'))
    const answer = (...rest: [status: string, tag: string, body?: string]): void => {
      this.#waiting.push({ bytes: made(() => response(text, ...rest)), flow })
    }
    if (first === 0x49) {
      answer('180 Ringing', ';tag=g1')
      answer('200 OK', ';tag=g1', session)
    } else answer('200 OK', '')
  }

  #onReply(bytes: Buffer): void {
    if (bytes[8] !== 0x32) return
    const text = made(() => bytes.toString('latin1'))
    if (!text.includes('INVITE', text.indexOf('\r\nCSeq:'))) {
      this.ended += 1
      return
    }
    const to = lineOf(text, 'To')
    // A part of a text keeps the whole text, which would count as memory of the call.
    const toTag = Buffer.from(to.slice(to.lastIndexOf(';')), 'latin1').toString('latin1')
    const number = Number.parseInt(lineOf(text, 'Call-ID').slice(9), 10)
    this.answered += 1
    this.#ask('ACK', number, { cseq: 1, toTag })
    this.#ends.push({ dueMs: this.clock.nowMs() + holdMs, number, toTag })
  }

  #deliver(): void {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.received += 1
      this.edge.onMessage(next.bytes, next.flow)
    }
  }

  run(from: number, to: number): void {
    let due = this.clock.nowMs()
    for (let number = from; number < to;) {
      this.clock.advance(tickMs)
      const nowMs = this.clock.nowMs()
      for (; due <= nowMs && number < to; due += gapMs, number++) {
        this.#ask('INVITE', number, { cseq: 1, toTag: '', body: session })
        this.#deliver()
      }
      while (this.#ends[0] !== undefined && this.#ends[0].dueMs <= nowMs) {
        const { number: ending, toTag } = this.#ends.shift() as { number: number; toTag: string }
        this.#ask('BYE', ending, { cseq: 2, toTag })
        this.#deliver()
      }
      this.edge.tick()
    }
  }

  #ask(method: string, number: number, more: Parameters<typeof request>[2]): void {
    this.#waiting.push({ bytes: made(() => Buffer.from(request(method, number, more), 'latin1')), flow: caller })
  }

  /** Hangs up all calls and waits until nothing lingers. */
  endAll(): void {
    for (const { number, toTag } of this.#ends.splice(0)) {
      this.#ask('BYE', number, { cseq: 2, toTag })
      this.#deliver()
    }
    for (let i = 0; i < 400; i++) {
      this.clock.advance(100)
      this.edge.tick()
    }
  }
}

tuneCollection()
const world = new World()
const microseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

function bytesUsed(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Bytes for each of so many calls that are up. Some calls come and go before, so that what they compile does not count. */
function holdCalls(): void {
  world.run(0, live)
  world.endAll()
  const before = bytesUsed()
  world.run(live, 2 * live)
  world.clock.advance(40_000)
  world.edge.tick()
  const during = bytesUsed()
  world.endAll()
  const after = bytesUsed()
  console.log(`${((during - before) / live).toFixed(0)} bytes for each of ${live} live calls`)
  console.log(`${(before / 2 ** 20).toFixed(1)} MiB before, ${(after / 2 ** 20).toFixed(1)} MiB after them`)
  console.log(JSON.stringify(world.edge.leftovers()))
}

function measure(): void {
  const part = Math.floor(calls / 6)
  const costs: number[] = []
  for (let i = 0; i < 6; i++) {
    const before = microseconds()
    world.run(i * part, (i + 1) * part)
    costs.push((microseconds() - before) / part)
  }
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  console.log(`${costs.map((cost) => cost.toFixed(1)).join('  ')}  us/call, best ${Math.min(...costs).toFixed(1)}`)
  console.log(
    `${world.answered} answered, ${world.ended} ended, ${world.received} messages, heap ${mebibytes(heapUsed)} MiB, outside ${mebibytes(external)} MiB`,
  )
}

if (live > 0) holdCalls()
else measure()
