// The search for the highest rate that is carried without a flaw (after RFC 7502): up by half until one fails, then halving the
// gap, then a longer run that must confirm it.

export interface Trial {
  readonly callsPerSecond: number
  readonly seconds: number
  /** Undefined: carried without a flaw. */
  readonly flaw: string | undefined
  /** It failed because of the generator: there is nothing to learn above. */
  readonly isGenerator: boolean
}

export interface Search {
  readonly callsPerSecond: number
  readonly trials: readonly Trial[]
  /** What ended the search was the generator: the contestant may carry more. */
  readonly isGeneratorLimit: boolean
}

export interface SearchOptions {
  readonly from: number
  /** The gap at the end, as a share. */
  readonly precision: number
  readonly trialSeconds: number
  readonly confirmSeconds: number
}

const growth = 1.5
const trialsMax = 24
const confirmationsMax = 8
const roundTo = 10

const rounded = (rate: number): number => Math.max(roundTo, Math.round(rate / roundTo) * roundTo)

export async function findHighestRate(
  attempt: (callsPerSecond: number, seconds: number) => Promise<Trial>,
  options: SearchOptions,
): Promise<Search> {
  const trials: Trial[] = []
  const run = async (rate: number, seconds: number): Promise<boolean> => {
    const trial = await attempt(rate, seconds)
    trials.push(trial)
    return trial.flaw === undefined
  }
  let good = 0
  let bad = Number.POSITIVE_INFINITY
  let rate = rounded(options.from)
  while (trials.length < trialsMax) {
    if (await run(rate, options.trialSeconds)) good = rate
    else bad = rate
    const next = bad === Number.POSITIVE_INFINITY ? rounded(good * growth) : rounded((good + bad) / 2)
    if (next === good || next === bad || (bad - good) / bad <= options.precision) break
    rate = next
  }
  // A rate may be carried once by luck; what falls short of a longer run is lowered.
  for (let tries = 0; good > 0 && tries < confirmationsMax; tries++) {
    if (await run(good, options.confirmSeconds)) break
    bad = good
    good = rounded(good * (1 - options.precision))
    if (good === bad) good = 0
  }
  const isGeneratorLimit = trials.some((trial) => trial.callsPerSecond === bad && trial.isGenerator)
  return { callsPerSecond: good, trials, isGeneratorLimit }
}
