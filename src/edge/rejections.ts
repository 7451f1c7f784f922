// What was refused before any call existed, by source and reason: counted and sampled, never one record per packet.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Explanation } from '../policy/explanation.ts'
import type { SourceFacts } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import type { RejectedSource } from './seam.ts'

interface Row extends Pick<RejectedSource, 'address' | 'reason'> {
  count: number
  logged: number
  lastAt: number
  sample: string
  last: Pick<RejectedSource, 'callId' | 'explanation' | 'packet'>
}

/** A request that was refused, as far as it was looked at. */
export interface RejectedRequest {
  readonly callId: string
  /** undefined = it could not be read, so that nobody looked at its source. */
  readonly facts: SourceFacts | undefined
  /** How the decision was made; undefined = nothing was compared. */
  readonly explanation: Explanation | undefined
}

const sampleMax = 120
const logEveryMs = 10_000
const logRowsMax = 20
const others = 'others'
const nothingRead: Row['last'] = { callId: null, explanation: [], packet: null }

/** Of a packet that nobody parses. */
export function firstLineOf(bytes: Buffer): string {
  const end = bytes.indexOf(0x0d)
  return bytes.toString('latin1', 0, Math.min(end === -1 ? bytes.length : end, sampleMax))
}

export class Rejections {
  readonly #rows = new Map<string, Row>()
  readonly #clock: Clock
  readonly #metrics: Metrics
  readonly #log: Log
  /** Told of each refusal. */
  onRejected: ((address: string, reason: string, sample: string) => void) | undefined
  #nextLogMs: number

  constructor(clock: Clock, metrics: Metrics, log: Log) {
    this.#clock = clock
    this.#metrics = metrics
    this.#log = log
    this.#nextLogMs = clock.nowMs() + logEveryMs
  }

  /** `sample` is one line that shows what came (method and Request-URI); `request` the same for who asks why. */
  add(flow: Flow, reason: string, sample: string, request?: RejectedRequest): void {
    this.#metrics.add(this.#metrics.series('authRejections', reason))
    const source = request?.facts?.address ?? flow.address
    const known = this.#rows.has(`${source} ${reason}`) || this.#rows.size < bound('rejectionSourcesMax')
    const address = known ? source : others
    const key = `${address} ${reason}`
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = { address, reason, count: 0, logged: 0, lastAt: 0, sample, last: nothingRead }
      this.#rows.set(key, row)
    }
    row.count += 1
    row.lastAt = this.#clock.wallMs()
    row.sample = sample
    if (request !== undefined) row.last = lastOf(request)
    this.onRejected?.(flow.address, reason, sample)
  }

  list(): RejectedSource[] {
    return [...this.#rows.values()].map(({ address, reason, count, lastAt, sample, last }) => ({
      address,
      reason,
      count,
      lastAt,
      sample,
      ...last,
    }))
  }

  /** Writes the sums of the last seconds, the busiest sources first. */
  tick(nowMs: number): void {
    if (nowMs < this.#nextLogMs) return
    this.#nextLogMs = nowMs + logEveryMs
    const news = [...this.#rows.values()].filter((row) => row.count > row.logged)
    news.sort((a, b) => b.count - b.logged - (a.count - a.logged))
    for (const row of news.slice(0, logRowsMax)) {
      this.#log.info('refused', {
        source: row.address,
        reason: row.reason,
        packets: row.count - row.logged,
        last: row.sample,
      })
      row.logged = row.count
    }
  }
}

/** The packet is the question that gives the same decision again, as long as nothing is changed. */
function lastOf({ callId, explanation, facts }: RejectedRequest): Row['last'] {
  if (facts === undefined) return { ...nothingRead, callId }
  const { address, port, transport, dialled, fromUser, peerNames } = facts
  const from = { sourceIp: address, sourcePort: port, transport, certificateName: peerNames?.[0] }
  return { callId, explanation: explanation?.steps ?? [], packet: { ...from, destination: dialled, cli: fromUser } }
}
