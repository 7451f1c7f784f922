// New requests that wait for the thread, in one line for each source. The lines take turns: a source that asks for little is
// served before one that floods has had more, and only its own requests grow old behind each other.
import type { Flow } from '../sip/flow.ts'

export interface WaitingRequest {
  readonly bytes: Buffer
  readonly flow: Flow
  /** When it came, on the monotonic clock. */
  readonly sinceMs: number
}

interface Line {
  readonly source: string
  readonly requests: WaitingRequest[]
  /** Those before it were taken. */
  first: number
}

/** What was taken is given back to the memory when there is so much of it. */
const takenMax = 64

export class WaitingRequests {
  readonly #lines = new Map<string, Line>()
  /** Those with somebody in them, in the order of their turns. */
  readonly #turns: Line[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  get sources(): number {
    return this.#turns.length
  }

  /** How many of this source wait. */
  countOf(source: string): number {
    const line = this.#lines.get(source)
    return line === undefined ? 0 : line.requests.length - line.first
  }

  add(source: string, request: WaitingRequest): void {
    let line = this.#lines.get(source)
    if (line === undefined) {
      line = { source, requests: [], first: 0 }
      this.#lines.set(source, line)
      this.#turns.push(line)
    }
    line.requests.push(request)
    this.#count += 1
  }

  /** The one whose turn it is. */
  peek(): WaitingRequest | undefined {
    const line = this.#turns[0]
    return line?.requests[line.first]
  }

  /** Takes the one whose turn it is; `isServed`: the turn goes on to the next line. */
  take(isServed: boolean): void {
    const line = this.#turns[0]
    if (line === undefined) return
    line.first += 1
    this.#count -= 1
    if (line.first === line.requests.length) {
      this.#turns.shift()
      this.#lines.delete(line.source)
      return
    }
    if (line.first >= takenMax) {
      line.requests.splice(0, line.first)
      line.first = 0
    }
    if (isServed && this.#turns.length > 1) {
      this.#turns.shift()
      this.#turns.push(line)
    }
  }
}
