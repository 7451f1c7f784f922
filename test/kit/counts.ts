// How often property tests and simulations run, and with which seeds. Each prints its numbers.

export const counts = {
  /** Messages cut, flipped, doubled and spliced, against the parser and the response builder. */
  mutatedMessages: 100_000,
  /** Messages built at random, parsed, serialised and parsed again. */
  roundTrips: 2_000,
  /** URIs mutated. */
  mutatedUris: 20_000,
  /** Addresses against ranges, each pair also by big integers. */
  cidrPairs: 100_000,
  /** Random changes of a directory, each patched and compiled whole. */
  publications: 200,
  /** Numbers against digit prefixes, each also by comparing texts. */
  prefixLookups: 20_000,
  /** Random patterns and texts, each also by the engine of JavaScript. */
  rewrites: 2_000,
  /** Configurations of entries that share a source, each asked with random packets. */
  sharedSources: 400,
  /** Weighted draws of one distribution. */
  draws: 11_000,
  /** Random arrivals against every window of the sliding log. */
  arrivals: 20_000,
  /** Calls priced at random rate lines. */
  prices: 5_000,
  /** Batches of happenings added to statistics, each also counted naively. */
  statisticsBatches: 40,
  /** Repetitions of each race. */
  races: 100,
  /** Test calls on a wire that loses, doubles and delays. */
  testCallWires: 60,
  /** Storms over the whole edge, and how long new calls come in each; then it rests until all is over. */
  storms: 20,
  stormSeconds: 120,
  stormCallsPerSecond: 6,
  /** Storms that may be needed until a planted fault shows, and their length. */
  faultStorms: 5,
  faultStormSeconds: 60,
} as const

export const seeds = {
  mutatedMessages: 4475,
  roundTrips: 3261,
  mutatedUris: 1911,
  cidrPairs: 4632,
  publications: 1505,
  prefixLookups: 164,
  rewrites: 262,
  sharedSources: 403,
  draws: 2782,
  arrivals: 1000,
  prices: 4217,
  statisticsBatches: 48,
  storms: 1815,
} as const
