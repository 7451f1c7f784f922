// Calls that something is due for after one and the same delay: first in, first out, so that no timer and no sorting is needed.

export class DueList {
  readonly delayMs: number
  #dueMs = new Float64Array(1_024)
  #numbers = new Float64Array(1_024)
  #first = 0
  #count = 0

  constructor(delayMs: number) {
    this.delayMs = delayMs
  }

  add(nowMs: number, number: number): void {
    if (this.#count === this.#dueMs.length) this.#grow()
    const at = (this.#first + this.#count) & (this.#dueMs.length - 1)
    this.#dueMs[at] = nowMs + this.delayMs
    this.#numbers[at] = number
    this.#count += 1
  }

  /** When the next one is due; infinite when there is none. */
  get nextMs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#dueMs[this.#first] as number)
  }

  /** Takes one that is due. */
  take(nowMs: number): number | undefined {
    if (this.nextMs > nowMs) return undefined
    const number = this.#numbers[this.#first] as number
    this.#first = (this.#first + 1) & (this.#dueMs.length - 1)
    this.#count -= 1
    return number
  }

  clear(): void {
    this.#count = 0
  }

  #grow(): void {
    const [dueMs, numbers] = [this.#dueMs, this.#numbers].map((old) => {
      const grown = new Float64Array(old.length * 2)
      grown.set(old.subarray(this.#first))
      grown.set(old.subarray(0, this.#first), old.length - this.#first)
      return grown
    }) as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>]
    this.#dueMs = dueMs
    this.#numbers = numbers
    this.#first = 0
  }
}
