// A probe board on a fake clock with gateways that answer OPTIONS as a test tells them.
import assert from 'node:assert/strict'
import { seededRandom } from '../../src/base/random.ts'
import type { TimerOwner } from '../../src/base/timers.ts'
import { probeSettings } from '../../src/contract/endpoint.ts'
import type { ProbeSettings } from '../../src/contract/endpoint.ts'
import { ProbeBoard } from '../../src/probe/probe-board.ts'
import type { HealthChange, ProbePort, ProbeState } from '../../src/probe/probe-board.ts'
import { FakeClock } from './fake-clock.ts'

/** A status, or what else becomes of an OPTIONS. */
export type Answer =
  | number
  | 'silent'
  | 'refused'
  | 'reset'
  | 'tls'
  | { readonly status: number; readonly afterMs?: number; readonly retryAfter?: number }

interface Sent {
  /** Milliseconds from the start of the rig. */
  readonly at: number
  readonly key: string
  readonly probe: number
}

export const settingsOf = (input: Partial<ProbeSettings> = {}): ProbeSettings => probeSettings.parse(input)

export class ProbeRig implements ProbePort, TimerOwner {
  readonly clock = new FakeClock()
  readonly board: ProbeBoard
  readonly sent: Sent[] = []
  readonly stopped: Omit<Sent, 'at'>[] = []
  readonly changes: { readonly at: number; readonly key: string; readonly change: HealthChange }[] = []
  readonly #startedAt = this.clock.nowMs()
  readonly #answers = new Map<string, Answer>()
  readonly #late: { sent: Sent; status: number; retryAfter: number | undefined }[] = []

  constructor(seed = 1) {
    this.board = new ProbeBoard({
      clock: this.clock,
      timers: this.clock.timers,
      random: seededRandom(seed),
      port: this,
    })
  }

  /** From now on the gateway answers so; 200 until told otherwise. */
  answers(key: string, answer: Answer): void {
    this.#answers.set(key, answer)
  }

  /** One target `gw` with these settings. */
  useOne(settings: Partial<ProbeSettings> = {}, operator?: string): void {
    this.board.put({ key: 'gw', settings: settingsOf(settings), operator })
  }

  get nowMs(): number {
    return this.clock.nowMs() - this.#startedAt
  }

  state(key = 'gw'): ProbeState {
    const state = this.board.state(key)
    assert(state !== undefined, `${key} is not on the board`)
    return state
  }

  /** Advances until the light has this colour; the milliseconds that took. */
  advanceUntil(status: 'green' | 'red', limitMs: number, key = 'gw'): number {
    const from = this.nowMs
    while (this.state(key).status !== status) {
      assert(this.nowMs - from <= limitMs, `${key} is not ${status} after ${limitMs} ms`)
      this.clock.advance(5)
    }
    return this.nowMs - from
  }

  /** The colours it went through, for one target. */
  colours(key = 'gw'): string[] {
    return this.changes.filter((entry) => entry.key === key).map(({ change }) => change.status)
  }

  sendOptions(key: string, probe: number): void {
    const sent = { at: this.nowMs, key, probe }
    this.sent.push(sent)
    const answer = this.#answers.get(key) ?? 200
    if (answer === 'refused') this.board.onProbeError(key, probe, { kind: 'refused', detail: 'ECONNREFUSED' })
    else if (answer === 'tls')
      this.board.onProbeError(key, probe, { kind: 'tls', detail: 'TLS: certificate has expired' })
    else if (answer === 'reset') this.board.onProbeError(key, probe, { kind: 'reset', detail: 'connection reset' })
    else if (typeof answer === 'number') this.board.onProbeReply(key, probe, answer)
    else if (answer !== 'silent') {
      const { status, afterMs = 0, retryAfter } = answer
      if (afterMs === 0) this.board.onProbeReply(key, probe, status, retryAfter)
      else {
        this.#late.push({ sent, status, retryAfter })
        this.clock.timers.start(this.clock.nowMs(), afterMs, this, this.#late.length - 1)
      }
    }
  }

  stopOptions(key: string, probe: number): void {
    this.stopped.push({ key, probe })
  }

  onChange(key: string, change: HealthChange): void {
    this.changes.push({ at: this.nowMs, key, change })
  }

  onTimer(kind: number): void {
    const late = this.#late[kind]
    if (late !== undefined) this.board.onProbeReply(late.sent.key, late.sent.probe, late.status, late.retryAfter)
  }
}
