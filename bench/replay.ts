// What the product itself costs, without sockets and peers: the whole edge in this process on a clock of its own, calls at
// a given rate of that clock, `node bench/replay.ts [--calls=60000] [--rate=1200]`. Sees changes of some per cent that the
// comparison with real traffic does not; node's own flags (--cpu-prof, --trace-gc) work on it. The messages of the peers are
// made here, too, and count.
import { parseArgs } from 'node:util'
import { forwardLog } from '../src/base/log.ts'
import { secureRandom } from '../src/base/random.ts'
import { Edge } from '../src/edge/edge.ts'
import type { Flow, Target } from '../src/sip/flow.ts'
import { FakeClock } from '../test/kit/fake-clock.ts'
import { bound } from '../src/base/limits.ts'
import { caller, directory, lineOf, listener, request, response, sdp } from './messages.ts'

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '60000' }, rate: { type: 'string', default: '1200' } },
})
const calls = Number(values.calls)
const gapMs = 1_000 / Number(values.rate)
const holdMs = 200
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
    const text = bytes.toString('latin1')
    if (first === 0x49) {
      this.#waiting.push({ bytes: response(text, '180 Ringing', ';tag=g1'), flow })
      this.#waiting.push({ bytes: response(text, '200 OK', ';tag=g1', sdp), flow })
    } else this.#waiting.push({ bytes: response(text, '200 OK', ''), flow })
  }

  #onReply(bytes: Buffer): void {
    if (bytes[8] !== 0x32) return
    const text = bytes.toString('latin1')
    if (!text.includes('INVITE', text.indexOf('\r\nCSeq:'))) {
      this.ended += 1
      return
    }
    const to = lineOf(text, 'To')
    const toTag = to.slice(to.lastIndexOf(';'))
    const number = Number.parseInt(lineOf(text, 'Call-ID').slice(9), 10)
    this.answered += 1
    this.#waiting.push({ bytes: Buffer.from(request('ACK', number, { cseq: 1, toTag }), 'latin1'), flow: caller })
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
        const text = request('INVITE', number, { cseq: 1, toTag: '', body: sdp })
        this.#waiting.push({ bytes: Buffer.from(text, 'latin1'), flow: caller })
        this.#deliver()
      }
      while (this.#ends[0] !== undefined && this.#ends[0].dueMs <= nowMs) {
        const { number: ending, toTag } = this.#ends.shift() as { number: number; toTag: string }
        this.#waiting.push({ bytes: Buffer.from(request('BYE', ending, { cseq: 2, toTag }), 'latin1'), flow: caller })
        this.#deliver()
      }
      this.edge.tick()
    }
  }
}

const world = new World()
const microseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}
const part = Math.floor(calls / 6)
const costs: number[] = []
for (let i = 0; i < 6; i++) {
  const before = microseconds()
  world.run(i * part, (i + 1) * part)
  costs.push((microseconds() - before) / part)
}
globalThis.gc?.()
const { heapUsed, external } = process.memoryUsage()
console.log(`${costs.map((cost) => cost.toFixed(1)).join('  ')}  us/call, best ${Math.min(...costs).toFixed(1)}`)
console.log(
  `${world.answered} answered, ${world.ended} ended, ${world.received} messages, heap ${(heapUsed / 2 ** 20).toFixed(0)} MiB, outside ${(external / 2 ** 20).toFixed(0)} MiB`,
)
