// Where a load is in its plan: phases one after the other, each with a rate of its own, and the seconds since it began. Open loop:
// the moments of all calls are known before, whatever the contestant does.
import { PhaseCounts } from './counts.ts'
import type { PhaseSpec, Second } from './counts.ts'

/** Longest set-up of a call in a second that counts as normal. */
const calmSetUpMs = 200
const calmShare = 0.9

export const isCalm = (second: Second): boolean =>
  second.refused === 0 &&
  second.sentAgain === 0 &&
  second.setUpMaxMs <= calmSetUpMs &&
  second.answered >= second.offered * calmShare

export class Timeline {
  readonly #phases: readonly PhaseCounts[]
  readonly seconds: Second[] = []
  #startMs = 0
  #phaseStartMs = 0
  #planned = 0
  index = 0

  constructor(specs: readonly PhaseSpec[]) {
    this.#phases = specs.map((spec) => new PhaseCounts(spec))
  }

  start(nowMs: number): void {
    this.#startMs = nowMs
    this.#phaseStartMs = nowMs
  }

  /** Counts that belong to now; after the last phase those of the last one. */
  get current(): PhaseCounts {
    return this.at(Math.min(this.index, this.#phases.length - 1))
  }

  at(index: number): PhaseCounts {
    return this.#phases[index] as PhaseCounts
  }

  get isOver(): boolean {
    return this.index >= this.#phases.length
  }

  get phases(): readonly PhaseCounts[] {
    return this.#phases
  }

  second(nowMs: number): Second {
    const index = Math.max(0, Math.floor((nowMs - this.#startMs) / 1_000))
    while (this.seconds.length <= index)
      this.seconds.push({ offered: 0, answered: 0, refused: 0, ended: 0, sentAgain: 0, setUpMaxMs: 0 })
    return this.seconds[index] as Second
  }

  /** The last phase runs, and its last `calmSeconds` whole seconds were calm. */
  isCalm(nowMs: number, calmSeconds: number): boolean {
    if (calmSeconds === 0 || this.index !== this.#phases.length - 1) return false
    const from = Math.ceil((this.#phaseStartMs - this.#startMs) / 1_000)
    const to = Math.floor((nowMs - this.#startMs) / 1_000)
    return to - from >= calmSeconds && this.seconds.slice(to - calmSeconds, to).every(isCalm)
  }

  /** When the next call is planned; infinite when the phase has had all of its calls. */
  get nextCallMs(): number {
    if (this.isOver) return Number.POSITIVE_INFINITY
    const { callsPerSecond, seconds, clumpMs } = this.current.spec
    if (this.#planned >= Math.round(callsPerSecond * seconds)) return Number.POSITIVE_INFINITY
    const offsetMs = (this.#planned * 1_000) / callsPerSecond
    return this.#phaseStartMs + (clumpMs === undefined ? offsetMs : Math.ceil(offsetMs / clumpMs) * clumpMs)
  }

  onCall(): void {
    this.#planned += 1
  }

  get phaseEndMs(): number {
    return this.isOver ? Number.POSITIVE_INFINITY : this.#phaseStartMs + this.current.spec.seconds * 1_000
  }

  /** The next phase begins when this one was planned to end. */
  nextPhase(): void {
    this.#phaseStartMs = this.phaseEndMs
    this.#planned = 0
    this.index += 1
  }

  /** No further calls. */
  stop(): void {
    this.index = this.#phases.length
  }
}
