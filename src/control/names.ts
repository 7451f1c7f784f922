// Names of gateways, kept up to date in the background: asks DNS when an answer has grown old, keeps the last good answer
// while DNS is down, and says when something changed. No call ever waits for it.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { GatewayName, NameAnswer, NameAnswers } from '../directory/name-answers.ts'
import { nameKey } from '../directory/name-answers.ts'
import type { Located } from '../transport/resolve.ts'

export interface NamesOptions {
  readonly clock: Clock
  readonly log: Log
  /** Must not reject. */
  readonly locate: (name: GatewayName) => Promise<Located>
  /** Some answer is another one than before. */
  readonly onChange: () => void
}

interface Entry {
  readonly question: GatewayName
  readonly key: string
  answer: NameAnswer
  dueMs: number
  asking: boolean
  /** The answer is kept because DNS says nothing. */
  stale: boolean
}

/** A name that does not exist, and one that DNS could not be asked for. */
const absentMs = 30_000
const failedMs = 5_000
const tickMs = 250

const isUsable = (answer: NameAnswer): boolean => Array.isArray(answer)
const textOf = (answer: NameAnswer): string => JSON.stringify('reason' in answer ? answer.reason : answer)

export class Names {
  readonly #options: NamesOptions
  #entries = new Map<string, Entry>()
  #answers: NameAnswers = new Map()
  #asking = 0
  #interval: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: NamesOptions) {
    this.#options = options
  }

  get answers(): NameAnswers {
    return this.#answers
  }

  /** The names of the directory in force; known ones keep their answers, new ones are asked for at once. */
  use(names: readonly GatewayName[]): void {
    const { clock } = this.#options
    const entries = new Map<string, Entry>()
    for (const question of names) {
      const key = nameKey(question)
      const answer = { reason: 'DNS: not asked yet', since: clock.wallMs() }
      const fresh = { question, key, answer, dueMs: clock.nowMs(), asking: false, stale: false }
      entries.set(key, this.#entries.get(key) ?? fresh)
    }
    this.#entries = entries
    if (entries.size > 0 && !this.#closed) this.#interval ??= setInterval(() => this.tick(), tickMs)
    else this.#stop()
    this.#collect()
    this.tick()
  }

  /** Asks for what is due, as far as the bound of look-ups at the same time allows. */
  tick(): void {
    if (this.#closed) return
    const nowMs = this.#options.clock.nowMs()
    for (const entry of this.#entries.values()) {
      if (this.#asking >= bound('dnsLookupsMax')) return
      if (!entry.asking && entry.dueMs <= nowMs) void this.#ask(entry)
    }
  }

  close(): void {
    this.#closed = true
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#interval)
    this.#interval = undefined
  }

  async #ask(entry: Entry): Promise<void> {
    entry.asking = true
    this.#asking += 1
    const located = await this.#options.locate(entry.question)
    entry.asking = false
    this.#asking -= 1
    if (this.#closed || this.#entries.get(entry.key) !== entry) return
    const before = textOf(entry.answer)
    this.#take(entry, located)
    if (textOf(entry.answer) === before) return
    this.#sayChange(entry)
    this.#collect()
    this.#options.onChange()
  }

  #take(entry: Entry, located: Located): void {
    const { clock } = this.#options
    const whole = located.kind === 'found' && !located.partial
    const kept = isUsable(entry.answer) && (located.kind === 'failed' || (located.kind === 'found' && !whole))
    entry.dueMs = clock.nowMs() + pauseMs(located)
    if (kept) {
      this.#sayStale(entry)
      return
    }
    entry.stale = false
    if (located.kind === 'found') entry.answer = located.targets
    else
      entry.answer = { reason: `DNS: ${located.kind === 'none' ? located.reason : 'no answer'}`, since: clock.wallMs() }
  }

  #sayStale(entry: Entry): void {
    if (!entry.stale)
      this.#options.log.warn('DNS does not answer, the last addresses stay', { name: entry.question.name })
    entry.stale = true
  }

  #sayChange({ question, answer }: Entry): void {
    const { name } = question
    if ('reason' in answer) this.#options.log.warn('name has no address', { name, reason: answer.reason })
    else
      this.#options.log.info('name resolved', {
        name,
        addresses: answer.map(({ address, port }) => `${address}:${port}`).join(' '),
      })
  }

  #collect(): void {
    this.#answers = new Map([...this.#entries.values()].map(({ key, answer }) => [key, answer]))
  }
}

/** The time to live of DNS within a floor and a ceiling; less after a failure. */
function pauseMs(located: Located): number {
  if (located.kind === 'failed') return failedMs
  if (located.kind === 'none') return absentMs
  const seconds = Math.min(bound('dnsTtlMaxSeconds'), Math.max(bound('dnsTtlMinSeconds'), located.ttlSeconds))
  return located.partial ? failedMs : seconds * 1_000
}
