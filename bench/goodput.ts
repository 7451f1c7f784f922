// Goodput under overload without sockets, `node bench/goodput.ts [--seconds=6] 1 2 5`: how many calls per second of CPU time
// are carried to their end when 1, 2 and 5 times as many are offered as were carried at most. Time is the CPU time of this
// process, so other programs change nothing; a queue of 4 MiB stands for the socket. A caller that gets 503 acknowledges it
// and is gone; one that hears nothing for 500 ms sends again, up to three times.
import { parseArgs } from 'node:util'
import type { Clock } from '../src/base/clock.ts'
import { bound } from '../src/base/limits.ts'
import { forwardLog } from '../src/base/log.ts'
import { secureRandom } from '../src/base/random.ts'
import { Edge } from '../src/edge/edge.ts'
import type { Flow, Target } from '../src/sip/flow.ts'
import { caller, directory, lineOf, listener, request, response, sdp } from './messages.ts'

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, rate: { type: 'string', default: '1000' } },
  allowPositionals: true,
})
const queueBytesMax = 4_194_304
/** What the kernel books for a datagram beside its bytes. */
const overheadBytes = 700
const againMs = 500
const holdMs = 200
const batch = 64

let cpuMs = 0
/** Asking for it costs as much as a message: so it is asked for a few messages at a time. */
function readCpu(): number {
  const { user, system } = process.cpuUsage()
  cpuMs = (user + system) / 1_000
  return cpuMs
}
const messagesPerLook = 16

const cpuClock: Clock = { nowMs: () => cpuMs, wallMs: () => Date.now() }

interface Waiting {
  readonly atMs: number
  readonly bytes: Buffer
  readonly flow: Flow
}

class Peers {
  readonly edge: Edge
  #queue: Waiting[] = []
  #head = 0
  #queueBytes = 0
  #ageMs = 0
  #number = 0
  /** Calls that wait for a first answer: when they were sent, how often. */
  readonly #calling = new Map<number, { dueMs: number; tries: number }>()
  readonly #ends: { readonly dueMs: number; readonly number: number; readonly toTag: string }[] = []
  offered = 0
  answered = 0
  ended = 0
  refused = 0
  lost = 0

  constructor() {
    this.edge = new Edge({
      transport: {
        send: (bytes, target) => this.#onSend(bytes, target),
        reply: (bytes) => this.#onReply(bytes),
        findListener: () => listener,
        isOwnAddress: (address, port) => address === '10.0.0.1' && port === 5060,
      },
      listeners: [listener],
      clock: cpuClock,
      random: secureRandom(),
      log: forwardLog(() => undefined),
      up: () => undefined,
      trace: { ringBytes: bound('traceRingBytes'), strayBytes: bound('traceStrayBytes'), hep: false },
      queueAgeMs: () => this.#ageMs,
    })
    this.edge.publish(directory)
  }

  #put(bytes: Buffer, flow: Flow): void {
    const size = bytes.length + overheadBytes
    if (this.#queueBytes + size > queueBytesMax) {
      this.lost += 1
      return
    }
    this.#queueBytes += size
    this.#queue.push({ atMs: cpuClock.nowMs(), bytes, flow })
  }

  #fromCaller(text: string): void {
    this.#put(Buffer.from(text, 'latin1'), caller)
  }

  #onSend(bytes: Buffer, target: Target): void {
    const flow: Flow = { listener, address: target.address, port: target.port, connection: 0 }
    if (bytes[0] === 0x41) return
    const text = bytes.toString('latin1')
    if (bytes[0] === 0x49) {
      this.#put(response(text, '180 Ringing', ';tag=g1'), flow)
      this.#put(response(text, '200 OK', ';tag=g1', sdp), flow)
    } else this.#put(response(text, '200 OK', ''), flow)
  }

  #onReply(bytes: Buffer): void {
    const text = bytes.toString('latin1')
    const number = Number.parseInt(lineOf(text, 'Call-ID').slice(9), 10)
    if (!text.includes('INVITE', text.indexOf('\r\nCSeq:'))) {
      this.ended += 1
      return
    }
    const isFirst = this.#calling.delete(number)
    const to = lineOf(text, 'To')
    const toTag = to.slice(to.lastIndexOf(';'))
    if (bytes[8] === 0x35) {
      this.#fromCaller(request('ACK', number, { cseq: 1, toTag }).replace('-ACK-', '-INVITE-'))
      if (isFirst) this.refused += 1
    } else if (bytes[8] === 0x32) {
      this.#fromCaller(request('ACK', number, { cseq: 1, toTag }))
      this.answered += 1
      this.#ends.push({ dueMs: cpuClock.nowMs() + holdMs, number, toTag })
    }
  }

  #call(number: number, nowMs: number, tries: number): void {
    this.#calling.set(number, { dueMs: nowMs + againMs, tries })
    this.#fromCaller(request('INVITE', number, { cseq: 1, toTag: '', body: sdp }))
  }

  #again(nowMs: number): void {
    for (const [number, { dueMs, tries }] of this.#calling) {
      if (dueMs > nowMs) return
      this.#calling.delete(number)
      if (tries < 4) this.#call(number, nowMs, tries + 1)
    }
  }

  #serve(): void {
    const end = Math.min(this.#queue.length, this.#head + batch)
    const first = this.#queue[this.#head]
    this.#ageMs = first === undefined ? 0 : cpuClock.nowMs() - first.atMs
    for (; this.#head < end; this.#head++) {
      if (this.#head % messagesPerLook === 0) readCpu()
      const next = this.#queue[this.#head] as Waiting
      this.#queueBytes -= next.bytes.length + overheadBytes
      this.edge.onMessage(next.bytes, next.flow)
    }
    if (this.#head < 10_000) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }

  /** Offers calls at a rate for a time; says how many ended well in each second. */
  run(callsPerSecond: number, seconds: number): number {
    const start = readCpu()
    let due = start
    const endedBefore = this.ended
    for (let nowMs = start; nowMs < start + seconds * 1_000; nowMs = readCpu()) {
      for (; due <= nowMs; due += 1_000 / callsPerSecond) {
        this.offered += 1
        this.#call((this.#number += 1), nowMs, 1)
      }
      this.#again(nowMs)
      while (this.#ends[0] !== undefined && this.#ends[0].dueMs <= nowMs) {
        const { number, toTag } = this.#ends.shift() as { number: number; toTag: string }
        this.#fromCaller(request('BYE', number, { cseq: 2, toTag }))
      }
      this.#serve()
      this.edge.tick()
    }
    return (this.ended - endedBefore) / seconds
  }
}

const peers = new Peers()
const seconds = Number(values.seconds)
peers.run(Number(values.rate), 4)
let best = 0
for (let rate = Number(values.rate); ; rate *= 1.25) {
  const carried = peers.run(rate, seconds / 2)
  console.log(`${rate.toFixed(0)} offered, ${carried.toFixed(0)} carried`)
  best = Math.max(best, carried)
  if (carried < rate * 0.9) break
}
for (const times of positionals.length === 0 ? [1, 2, 5] : positionals.map(Number)) {
  const before = { refused: peers.refused, lost: peers.lost }
  const carried = peers.run(best * times, seconds)
  console.log(
    `${times} times: ${(best * times).toFixed(0)} offered/s, ${carried.toFixed(0)} carried (${((carried / best) * 100).toFixed(0)} %), ` +
      `${peers.refused - before.refused} refused, ${peers.lost - before.lost} lost in the queue`,
  )
}
console.log(`back at ${values.rate}/s: ${peers.run(Number(values.rate), seconds).toFixed(0)} carried`)
