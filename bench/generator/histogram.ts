// Delays with an error of at most 3 % whatever their size, in little memory: each power of two is cut into 32 equal steps (the
// idea of HdrHistogram). Times are whole microseconds up to 35 minutes.

const stepBits = 5
const steps = 1 << stepBits
const bucketCount = (31 - stepBits) * steps + steps
const largest = 2 ** 31 - 1

function indexOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - stepBits)
  return shift * steps + (value >> shift)
}

/** The largest value that falls into a bucket. */
function upperEnd(index: number): number {
  const shift = Math.max(0, Math.floor(index / steps) - 1)
  return (index - shift * steps + 1) * 2 ** shift - 1
}

export interface DelaySummary {
  readonly count: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
}

export class Histogram {
  readonly #buckets = new Uint32Array(bucketCount)
  #count = 0
  #max = 0

  record(milliseconds: number): void {
    const value = Math.min(largest, Math.max(0, Math.round(milliseconds * 1_000)))
    const index = indexOf(value)
    this.#buckets[index] = (this.#buckets[index] as number) + 1
    this.#count += 1
    if (value > this.#max) this.#max = value
  }

  /** Microseconds that a share of all values (0 to 1) does not exceed; 0 when there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(this.#count * share))
    let seen = 0
    for (let index = 0; index < bucketCount; index++) {
      seen += this.#buckets[index] as number
      if (seen >= rank) return Math.min(upperEnd(index), this.#max)
    }
    return 0
  }

  summary(): DelaySummary {
    return {
      count: this.#count,
      p50Us: this.quantile(0.5),
      p90Us: this.quantile(0.9),
      p99Us: this.quantile(0.99),
      p999Us: this.quantile(0.999),
      maxUs: this.#max,
    }
  }
}
