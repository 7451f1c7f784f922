// One test call as it stands: what is known of it now, its messages as long as anybody may ask, and its result.
import { bound } from '../base/limits.ts'
import type { AttemptRecord } from '../call/record.ts'
import type { TraceMessage } from '../trace/trace.ts'
import type { TestCallOrder, TestCallState } from './seam.ts'
import type { TestVerdict } from './test-verdict.ts'

/** When the gateway answered what. Milliseconds since 1970. */
export type TestTimes = Pick<AttemptRecord, 'startedAt' | 'firstReplyAt' | 'ringingAt'> & {
  readonly answeredAt: number | null
}

export interface TestedGateway {
  readonly name: string
  readonly account: string
  readonly target: string | null
}

/** What runs for a test call. */
export interface TestRun {
  readonly callIds: readonly string[]
  readonly times: TestTimes | null
  readonly status: number | null
  /** What happens now. */
  readonly text: string
  /** Nothing more is sent or awaited. */
  readonly over: boolean
}

const nothingYet: TestRun = { callIds: [], times: null, status: null, text: 'starting', over: false }

export class TestCall {
  readonly id: string
  readonly #order: TestCallOrder
  readonly #gateway: TestedGateway
  readonly #startedAt: number
  readonly #messages = new Map<number, TraceMessage>()
  #run: TestRun = nothingYet
  #verdict: TestVerdict | undefined
  #decidedAt: number | null = null
  #endedAt: number | null = null

  constructor(id: string, order: TestCallOrder, gateway: TestedGateway, startedAt: number) {
    this.id = id
    this.#order = order
    this.#gateway = gateway
    this.#startedAt = startedAt
  }

  get running(): boolean {
    return this.#endedAt === null
  }

  get result(): TestVerdict['result'] | undefined {
    return this.#verdict?.result
  }

  get callIds(): readonly string[] {
    return this.#run.callIds
  }

  /** The result; what follows changes nothing of it. */
  decide(verdict: TestVerdict, at: number): void {
    this.#verdict ??= verdict
    this.#decidedAt ??= at
  }

  /** @param messages those in memory now; what was seen before stays. */
  update(run: TestRun, messages: readonly TraceMessage[], at: number): void {
    this.#run = run
    for (const message of messages)
      if (this.#messages.size < bound('testCallMessagesMax')) this.#messages.set(message.number, message)
    if (run.over) this.#endedAt ??= at
  }

  get messages(): TraceMessage[] {
    return [...this.#messages.values()].toSorted((a, b) => a.monotonicMs - b.monotonicMs || a.number - b.number)
  }

  get state(): TestCallState {
    const { endpointId, destination, cli, method, actor } = this.#order
    const { times, status, text, callIds } = this.#run
    const since = (at: number | null | undefined): number | null =>
      times === null || at === null || at === undefined ? null : at - times.startedAt
    return {
      id: this.id,
      method,
      state: this.running ? 'running' : 'ended',
      result: this.#verdict?.result ?? null,
      text: this.#verdict?.text ?? text,
      status,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      endpointId,
      gateway: this.#gateway.name,
      account: this.#gateway.account,
      target: this.#gateway.target,
      destination,
      cli,
      actor,
      durations: {
        firstReplyMs: since(times?.firstReplyAt),
        ringingMs: since(times?.ringingAt),
        answerMs: since(times?.answeredAt),
        totalMs: since(this.#decidedAt),
      },
      callId: callIds.at(-1) ?? null,
    }
  }
}
