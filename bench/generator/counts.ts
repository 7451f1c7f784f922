// What the load generator counts, exactly, for each phase of a load; and what it says of a phase in the end.
import type { DelaySummary } from './histogram.ts'
import { Histogram } from './histogram.ts'

const counted = [
  /** INVITEs sent the first time; and those of them that got a 2xx, or a final failure. */
  'offered',
  'answered',
  'refused',
  /** BYEs sent the first time; and those that got a 200, or something else. */
  'endings',
  'ended',
  'endingRefused',
  /** Nothing came for 32 s. */
  'inviteUnanswered',
  'byeUnanswered',
  /** Still going on when the load was over. */
  'unfinished',
  /** Not even begun, because too many calls lived. */
  'skipped',
  /** Sent again by us, and seen again from the contestant: as caller, then as gateway. */
  'inviteSentAgain',
  'byeSentAgain',
  'answerSeenAgain',
  'inviteSeenAgain',
  'byeSeenAgain',
  'okSentAgain',
  /** INVITEs that reached a gateway, 2xx of gateways that nobody acknowledged, and messages that nobody expects. */
  'reached',
  'unacknowledged',
  'strange',
] as const
export type Counted = (typeof counted)[number]
export type Counts = Readonly<Record<Counted, number>>

const indexes = Object.fromEntries(counted.map((name, i) => [name, i])) as Record<Counted, number>

export interface PhaseSpec {
  readonly callsPerSecond: number
  readonly seconds: number
  readonly holdMs: number
  /** Calls begin together at multiples of this many milliseconds; absent: each at its own moment. */
  readonly clumpMs?: number
}

export interface PhaseResult extends Counts {
  readonly spec: PhaseSpec
  readonly refusedBy: Readonly<Record<string, number>>
  /** From the moment planned for the INVITE until the gateway has it, and from its 200 until the caller has that. */
  readonly added: DelaySummary
  /** From the moment planned for the INVITE until the 200. */
  readonly setUp: DelaySummary
  /** How late the generator itself was. */
  readonly late: DelaySummary
  /** The generator's share of one processor. */
  readonly generatorShare: number
}

/** One second of a load, by the time at which things happened. */
export interface Second {
  offered: number
  answered: number
  refused: number
  ended: number
  sentAgain: number
  /** Longest time from planned INVITE to 200. */
  setUpMaxMs: number
}

export class PhaseCounts {
  readonly spec: PhaseSpec
  readonly added = new Histogram()
  readonly setUp = new Histogram()
  readonly late = new Histogram()
  readonly #values = new Float64Array(counted.length)
  readonly #refusedBy = new Map<number, number>()
  generatorShare = 0

  constructor(spec: PhaseSpec) {
    this.spec = spec
  }

  add(name: Counted): void {
    const index = indexes[name]
    this.#values[index] = (this.#values[index] as number) + 1
  }

  addRefused(status: number): void {
    this.add('refused')
    this.#refusedBy.set(status, (this.#refusedBy.get(status) ?? 0) + 1)
  }

  /** Whether anything went wrong so far. */
  get isFlawed(): boolean {
    return flaws.some((name) => (this.#values[indexes[name]] as number) > 0)
  }

  result(): PhaseResult {
    const values = Object.fromEntries(counted.map((name, i) => [name, this.#values[i]])) as Record<Counted, number>
    return {
      spec: this.spec,
      ...values,
      refusedBy: Object.fromEntries(this.#refusedBy),
      added: this.added.summary(),
      setUp: this.setUp.summary(),
      late: this.late.summary(),
      generatorShare: this.generatorShare,
    }
  }
}

/** Any of these makes a run one that does not count. */
export const flaws: readonly Counted[] = [
  'refused',
  'endingRefused',
  'inviteUnanswered',
  'byeUnanswered',
  'unfinished',
  'skipped',
  'inviteSentAgain',
  'byeSentAgain',
  'answerSeenAgain',
  'inviteSeenAgain',
  'byeSeenAgain',
  'okSentAgain',
  'unacknowledged',
  'strange',
]
