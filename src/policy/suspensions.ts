// Accounts that are out for a time: runtime state beside the directory, because it comes and goes by itself. `penalty`: no
// call in either direction, as if the account were inactive. `credit`: no call goes to it. Running calls stay.
import type { Clock } from '../base/clock.ts'

export interface Suspension {
  readonly kind: 'penalty' | 'credit'
  readonly reason: string
  /** Milliseconds since 1970; null = until it is lifted. */
  readonly until: number | null
}

/** All suspensions of an account from now on; none = it is back. */
export type SuspensionChanges = ReadonlyMap<string, readonly Suspension[]>

export interface SuspensionView {
  /** The penalty of this account, if one is in force. */
  findPenalty(accountId: string): Suspension | undefined
  /** Whatever keeps calls from its gateways, the penalty first. */
  findAny(accountId: string): Suspension | undefined
}

export const noSuspensions: SuspensionView = { findPenalty: () => undefined, findAny: () => undefined }

/** `suspended until 2026-01-02T00:00:00.000Z: alert Low ASR`. */
export const suspensionText = ({ reason, until }: Suspension): string =>
  `suspended${until === null ? '' : ` until ${new Date(until).toISOString()}`}: ${reason}`

export class Suspensions implements SuspensionView {
  readonly #clock: Clock
  readonly #byAccount = new Map<string, readonly Suspension[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  apply(changes: SuspensionChanges): void {
    for (const [accountId, all] of changes)
      if (all.length === 0) this.#byAccount.delete(accountId)
      else this.#byAccount.set(accountId, all)
  }

  findPenalty(accountId: string): Suspension | undefined {
    return this.#find(accountId, 'penalty')
  }

  findAny(accountId: string): Suspension | undefined {
    return this.#find(accountId, 'penalty') ?? this.#find(accountId, 'credit')
  }

  #find(accountId: string, kind: Suspension['kind']): Suspension | undefined {
    const found = this.#byAccount.get(accountId)?.find((one) => one.kind === kind)
    return found === undefined || (found.until !== null && found.until <= this.#clock.wallMs()) ? undefined : found
  }
}
