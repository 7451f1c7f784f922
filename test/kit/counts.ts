// How often property tests and simulations run, and with which seeds. Each prints its numbers.

export const counts = {
  /** Messages cut, flipped, doubled and spliced, against the parser and the response builder. */
  mutatedMessages: 100_000,
  /** Messages built at random, parsed, serialised and parsed again. */
  roundTrips: 2_000,
  /** URIs mutated. */
  mutatedUris: 20_000,
} as const

export const seeds = {
  mutatedMessages: 4475,
  roundTrips: 3261,
  mutatedUris: 1911,
} as const
