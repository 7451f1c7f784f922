// The loop of the load generator: waits for datagrams or for the next moment of the plan, serves callers and gateways, sends what
// they wrote. Between loads nothing is answered; what came meanwhile is thrown away.
import type { SystemCalls } from '../../src/transport/system-calls.ts'
import { Callers } from './callers.ts'
import type { PhaseResult, PhaseSpec, Second } from './counts.ts'
import { Gateways } from './gateways.ts'
import type { Place } from './messages.ts'
import { Port } from './port.ts'
import { Timeline } from './timeline.ts'
import { Wait } from './wait.ts'

export interface GeneratorSpec {
  readonly callers: readonly Place[]
  readonly gateways: readonly Place[]
  /** Whom the callers call. */
  readonly edge: Place
  readonly sdpBytes: number
  /** Looks at its sockets at most this often, so that very many messages cost few system calls; 0 = at each datagram. */
  readonly pauseMs: number
}

export interface LoadSpec {
  readonly phases: readonly PhaseSpec[]
  /** How long to wait after the last call for all to end. */
  readonly drainSeconds: number
  /** Begin no further call after the first thing that goes wrong. */
  readonly stopAtFlaw: boolean
  /** The last phase may end as soon as so many seconds in a row were calm; 0 = it runs to its end. */
  readonly calmSeconds: number
}

export interface LoadResult {
  readonly phases: readonly PhaseResult[]
  readonly seconds: readonly Second[]
  /** Datagrams that the kernel did not take from us. */
  readonly unsent: number
}

const longestWaitMs = 4
/** The event loop gets a turn this often, for the messages of the parent. */
const turnMs = 2
/** A phase waits so long for calls that the generator could not begin in time. */
const lateMsMax = 1_000
/** Nothing is sent before, so that the loop is awake. */
const startDelayMs = 20
/** Numbers of calls have ten digits. */
const callsPerLoadMax = 10_000_000

interface Load {
  readonly spec: LoadSpec
  readonly timeline: Timeline
  readonly callers: Callers
  readonly gateways: Gateways
  readonly onPhase: (index: number) => void
  readonly onEnd: (result: LoadResult) => void
  cpuUs: number
  cpuAtMs: number
  drainedByMs: number
}

const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

export class Generator {
  readonly #spec: GeneratorSpec
  readonly #callerPorts: readonly Port[]
  readonly #gatewayPorts: readonly Port[]
  readonly #ports: readonly Port[]
  readonly #wait: Wait
  #load: Load | undefined
  #loads = 0
  #lookedMs = 0
  #closed = false

  constructor(calls: SystemCalls, spec: GeneratorSpec) {
    this.#spec = spec
    this.#callerPorts = spec.callers.map((place) => Port.open(calls, place))
    this.#gatewayPorts = spec.gateways.map((place) => Port.open(calls, place))
    this.#ports = [...this.#callerPorts, ...this.#gatewayPorts]
    this.#wait = new Wait(this.#ports.map(({ descriptor }) => descriptor))
  }

  /** One load at a time. `onPhase` is told the number of each phase when it begins, and at last that of the drain. */
  run(spec: LoadSpec, onPhase: (index: number) => void, onEnd: (result: LoadResult) => void): void {
    if (this.#load !== undefined) throw new Error('a load is running')
    for (const port of this.#ports) while (port.receive(() => undefined) > 0);
    const timeline = new Timeline(spec.phases)
    const { sdpBytes, edge } = this.#spec
    const run = `${process.pid.toString(36)}x${(this.#loads += 1).toString(36)}x`
    const identity = { run, before: this.#loads * callsPerLoadMax, sdpBytes }
    const callers = new Callers(this.#callerPorts, edge, timeline, identity)
    const gateways = new Gateways(this.#gatewayPorts, timeline, callers, sdpBytes)
    const nowMs = performance.now()
    timeline.start(nowMs + startDelayMs)
    const cpu = { cpuUs: cpuMicroseconds(), cpuAtMs: nowMs }
    this.#load = { spec, timeline, callers, gateways, onPhase, onEnd, ...cpu, drainedByMs: 0 }
    onPhase(0)
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    const load = this.#load
    if (load === undefined || this.#closed) return
    const endMs = performance.now() + turnMs
    for (let nowMs = 0; nowMs < endMs && this.#load !== undefined;) nowMs = this.#step(load)
    if (this.#load !== undefined) setImmediate(this.#turn)
  }

  #step(load: Load): number {
    const { timeline, callers, gateways } = load
    const { pauseMs } = this.#spec
    if (pauseMs > 0) this.#wait.pause(this.#lookedMs + pauseMs - performance.now())
    const nextMs = Math.min(timeline.nextCallMs, timeline.phaseEndMs, callers.nextMs, gateways.nextMs)
    this.#wait.until(Math.min(longestWaitMs, nextMs - performance.now()))
    let nowMs = performance.now()
    this.#lookedMs = nowMs
    for (const [i, port] of this.#ports.entries())
      if (this.#wait.isReadable(i)) {
        const role = i < this.#callerPorts.length ? callers : gateways
        port.receive((text, from) => role.onMessage(text, port, from, nowMs))
        this.#flush(load)
        nowMs = performance.now()
      }
    const isLate = timeline.nextCallMs < nowMs && nowMs < timeline.phaseEndMs + lateMsMax
    if (timeline.phaseEndMs <= nowMs && !isLate) this.#endPhase(load, nowMs)
    // A few at a time, so that what arrives is not kept waiting when the generator has fallen behind.
    for (let begun = 0; timeline.nextCallMs <= nowMs && begun < 32; begun++) {
      callers.call(timeline.nextCallMs, nowMs)
      timeline.onCall()
    }
    callers.turn(nowMs)
    gateways.turn(nowMs)
    this.#flush(load)
    this.#checkEnd(load, nowMs)
    return nowMs
  }

  #flush(load: Load): void {
    load.gateways.onFlush(performance.now())
    for (const port of this.#ports) port.flush()
  }

  #noteCpu(load: Load, nowMs: number): void {
    const cpuUs = cpuMicroseconds()
    load.timeline.current.generatorShare = (cpuUs - load.cpuUs) / 1_000 / (nowMs - load.cpuAtMs)
    load.cpuUs = cpuUs
    load.cpuAtMs = nowMs
  }

  #endPhase(load: Load, nowMs: number): void {
    this.#noteCpu(load, nowMs)
    load.timeline.nextPhase()
    load.onPhase(load.timeline.index)
    if (load.timeline.isOver) load.drainedByMs = nowMs + load.spec.drainSeconds * 1_000
  }

  #checkEnd(load: Load, nowMs: number): void {
    const { timeline, callers, gateways, spec } = load
    if (!timeline.isOver) {
      const isFlawed = spec.stopAtFlaw && timeline.phases.some((one) => one.isFlawed)
      if (!isFlawed && !timeline.isCalm(nowMs, spec.calmSeconds)) return
      this.#noteCpu(load, nowMs)
      timeline.stop()
      load.onPhase(timeline.index)
      load.drainedByMs = nowMs + spec.drainSeconds * 1_000
    }
    // A caller has its answer before the gateway has the BYE.
    if (callers.live + gateways.live > 0 && nowMs < load.drainedByMs) return
    callers.abandon()
    gateways.abandon()
    this.#load = undefined
    const unsent = this.#ports.reduce((sum, port) => sum + port.unsent, 0)
    load.onEnd({ phases: timeline.phases.map((one) => one.result()), seconds: timeline.seconds, unsent })
  }

  close(): void {
    this.#closed = true
    for (const port of this.#ports) port.close()
  }
}
