// What the light of one target shows: green or red, of which kind, and why in plain words.
import type { ProbeSettings } from '../contract/endpoint.ts'
import type { Evidence, MissKind } from './evidence.ts'

/** Which of the separate states it is in; `alive` and `unknown` are green, all others red. */
export type HealthKind = 'alive' | 'unknown' | MissKind | 'held' | 'operator' | 'registration'

export interface Light {
  readonly status: 'green' | 'red'
  readonly kind: HealthKind
  readonly reason: string
}

/** What the light depends on. */
export interface LightFacts {
  readonly evidence: Evidence
  readonly settings: ProbeSettings
  /** Why the configuration keeps it red; undefined = it does not. */
  readonly operator: string | undefined
  /** Why its registrar refuses it; undefined = it does not, or none is needed. */
  readonly registration: string | undefined
  /** End of a hold, milliseconds since 1970; undefined = not held. */
  readonly heldUntil: number | undefined
  /** Red with probing off, and the next call may try it. */
  readonly trialOpen: boolean
}

/** The configuration speaks first, then the registrar, then a hold, then what was seen. */
export function lightOf(facts: LightFacts): Light {
  const { evidence, operator, registration, heldUntil, trialOpen } = facts
  const { failure } = evidence
  if (operator !== undefined) return { status: 'red', kind: 'operator', reason: operator }
  if (registration !== undefined) return { status: 'red', kind: 'registration', reason: registration }
  if (heldUntil !== undefined) {
    const until = new Date(heldUntil).toISOString().slice(0, 19)
    return { status: 'red', kind: 'held', reason: `held by Retry-After until ${until}Z` }
  }
  if (failure !== undefined) {
    const trial = trialOpen ? '; the next call may try it' : ''
    return { status: 'red', kind: failure.kind, reason: `${failure.reason}${trial}` }
  }
  return { status: 'green', kind: evidence.heardBy === undefined ? 'unknown' : 'alive', reason: greenReason(facts) }
}

function greenReason({ evidence, settings }: LightFacts): string {
  if (evidence.misses > 0)
    return `${evidence.misses} of ${settings.failuresDown} OPTIONS missed, the last one: ${evidence.lastMiss?.detail ?? ''}`
  if (evidence.suspected) return 'a call failed, OPTIONS are sent faster until it answers'
  if (evidence.heardBy !== undefined) return evidence.heardBy === 'probe' ? 'answers OPTIONS' : 'answers calls'
  return settings.enabled ? 'not probed yet' : 'probing is off'
}

/** Another kind of failing is no news for a red light, because each miss may bring another. */
export function isNews(before: Light, now: Light): boolean {
  return groupOf(before.kind) !== groupOf(now.kind)
}

function groupOf(kind: HealthKind): 'green' | 'failing' | 'held' | 'operator' | 'registration' {
  if (kind === 'alive' || kind === 'unknown') return 'green'
  return kind === 'held' || kind === 'operator' || kind === 'registration' ? kind : 'failing'
}
