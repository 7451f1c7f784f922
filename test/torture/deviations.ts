// Where the server does otherwise than the table says. The live test fails for every deviation that is not listed here,
// and for every one listed that has gone.

export interface Deviation {
  /** Name of the row. */
  readonly name: string
  readonly protocol: 'udp' | 'tcp'
  readonly instead: string
  readonly why: string
}

export const deviations: readonly Deviation[] = []
