// Waits for datagrams or for a moment, to some microseconds: poll counts whole milliseconds, which would be the largest part of
// every delay that is measured.
import koffi from 'koffi'

const entryBytes = 8
const readable = 1
/** PR_SET_TIMERSLACK: by how many nanoseconds the kernel may be late. Its default is 50,000. */
const setTimerSlack = 29
const slackNanoseconds = 1_000

export class Wait {
  readonly #entries: Uint8Array
  readonly #count: number
  readonly #events: Int16Array
  readonly #timeout = new BigInt64Array(2)
  readonly #timeoutBytes = new Uint8Array(this.#timeout.buffer)
  readonly #ppoll: (entries: Uint8Array, count: number, timeout: Uint8Array, mask: null) => number

  constructor(descriptors: readonly number[]) {
    this.#count = descriptors.length
    this.#entries = new Uint8Array(descriptors.length * entryBytes)
    this.#events = new Int16Array(this.#entries.buffer)
    const words = new Int32Array(this.#entries.buffer)
    for (const [i, descriptor] of descriptors.entries()) {
      words[i * 2] = descriptor
      this.#events[i * 4 + 2] = readable
    }
    const library = koffi.load('libc.so.6')
    this.#ppoll = library.func('int ppoll(uint8_t *entries, unsigned long count, const uint8_t *timeout, void *mask)')
    const prctl = library.func(
      'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
    )
    prctl(setTimerSlack, slackNanoseconds, 0, 0, 0)
  }

  /** Returns when something can be read, or after the time. */
  until(milliseconds: number): void {
    this.#timeout[1] = BigInt(Math.max(0, Math.round(milliseconds * 1e6)))
    if (this.#ppoll(this.#entries, this.#count, this.#timeoutBytes, null) <= 0)
      for (let i = 3; i < this.#events.length; i += 4) this.#events[i] = 0
  }

  /** Does nothing for a time. */
  pause(milliseconds: number): void {
    if (milliseconds <= 0) return
    this.#timeout[1] = BigInt(Math.round(milliseconds * 1e6))
    this.#ppoll(this.#entries, 0, this.#timeoutBytes, null)
  }

  isReadable(index: number): boolean {
    return this.#events[index * 4 + 3] !== 0
  }
}
