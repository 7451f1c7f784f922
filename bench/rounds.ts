// Who runs when, so that what changes with time meets both alike; and the figures of the runs that count.
import type { ContestantName } from './contestants.ts'
import type { Row } from './part.ts'
import { median } from './statistics.ts'

export interface Turn {
  readonly round: number
  readonly name: ContestantName
}

/** A B B A in each round. */
export const fourTurns = (rounds: number): readonly Turn[] =>
  Array.from({ length: rounds }, (_, i) =>
    (['tollgate', 'kamailio', 'kamailio', 'tollgate'] as const).map((name) => ({ round: i + 1, name })),
  ).flat()

/** For what takes long: A B in the first round, B A in the second, so that two rounds are A B B A. */
export const twoTurns = (rounds: number): readonly Turn[] =>
  Array.from({ length: rounds }, (_, i) => {
    const names = ['tollgate', 'kamailio'] as const
    return (i % 2 === 0 ? names : names.toReversed()).map((name) => ({ round: i + 1, name }))
  }).flat()

/** Something that was measured of a contestant and counts or not. */
export interface Measured {
  readonly name: ContestantName
  readonly invalid: string | null
}

/** The row of a figure: medians of the runs that count. */
export function medianRow<T extends Measured>(
  about: Pick<Row, 'what' | 'unit' | 'target'>,
  runs: readonly T[],
  pick: (run: T) => number,
): Row {
  const of = (name: ContestantName): number | string => {
    const own = runs.filter((run) => run.name === name)
    return median(own.filter(({ invalid }) => invalid === null).map(pick)) ?? 'no valid run'
  }
  return { ...about, tollgate: of('tollgate'), kamailio: of('kamailio') }
}

export const count = (value: number): string => value.toLocaleString('en-GB')
