// What is asked of DNS for the names of a directory, and what it answers.
import type { Protocol } from '../sip/flow.ts'

/** What is asked of DNS for one name of an entry. */
export interface GatewayName {
  readonly name: string
  readonly protocol: Protocol
  /** As set; null lets DNS say. */
  readonly port: number | null
}

export interface NamedTarget {
  readonly address: string
  readonly port: number
  /** 0 is tried first. */
  readonly tier: number
  /** Chance inside its tier; the sum over the tier is 1. */
  readonly share: number
}

/** Targets, or why there are none. */
export type NameAnswer = readonly NamedTarget[] | { readonly reason: string; readonly since: number }

/** By `nameKey`. */
export type NameAnswers = ReadonlyMap<string, NameAnswer>

export const nameKey = ({ name, protocol, port }: GatewayName): string => `${protocol}:${name}:${port ?? 'any'}`
