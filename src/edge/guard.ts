// Keeps strangers from costing much (product: protection): each unknown source, and all of them together, have a bucket of
// packets; who fails again and again is blocked for a while that grows. Configured addresses are never limited and never
// blocked; saving one lifts its block with the publication. Runs before anything of a packet is parsed.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { parseAddress } from '../contract/address.ts'
import type { Directory } from '../directory/directory.ts'
import { isConfiguredAddress } from '../policy/identify.ts'
import type { AutomaticBlock } from './seam.ts'
import { TokenBucket } from './token-bucket.ts'

/** Why a packet is dropped without an answer. */
export type DropReason = 'auto_blocked' | 'flood'

/** Not the source's fault, or already dealt with: no step toward a block. */
const noFailures = new Set(['auto_blocked', 'flood', 'source_blocked', 'foreign_response', 'draining', 'overloaded'])

interface Stranger {
  readonly bucket: TokenBucket
  failures: number
  windowStartMs: number
  /** When it was last found not to be configured. */
  publication: number
}

interface Block {
  /** Monotonic; the block is kept beyond it for a while, so that the next one is longer. */
  untilMs: number
  seconds: number
  readonly shown: { since: number; until: number; reason: string }
}

const rate = bound('strangerPacketsPerSecond')
const logEveryMs = 10_000

/** What may come in, as those see it who receive. */
export type Gate = Pick<Guard, 'findDrop' | 'isStranger' | 'trust' | 'onRejected'>

export class Guard {
  readonly #clock: Clock
  readonly #log: Log
  /** Addresses that were found configured; emptied by each publication. */
  readonly #configured = new Set<string>()
  /** Addresses that proved themselves, or that we call: until when. */
  readonly #trusted = new Map<string, number>()
  readonly #strangers = new Map<string, Stranger>()
  readonly #blocks = new Map<string, Block>()
  readonly #all = new TokenBucket(bound('strangersPacketsPerSecond'), bound('strangersPacketsPerSecond'))
  #directory: Directory
  #publications = 0
  #newBlocks = 0
  #lastBlocked = ''
  #nextLogMs = 0

  constructor(directory: Directory, clock: Clock, log: Log) {
    this.#directory = directory
    this.#clock = clock
    this.#log = log
  }

  /** Takes a new directory: what is configured now is free at once. */
  use(directory: Directory): void {
    this.#directory = directory
    this.#configured.clear()
    this.#publications += 1
  }

  /** Undefined = the packet may be read. A known source costs one look into a set. */
  findDrop(address: string): DropReason | undefined {
    if (this.#configured.has(address)) return undefined
    const nowMs = this.#clock.nowMs()
    if (this.#isTrusted(address, nowMs)) return undefined
    const stranger = this.#strangerAt(address)
    if (stranger === undefined) return undefined
    const block = this.#blocks.get(address)
    if (block !== undefined && nowMs < block.untilMs) return 'auto_blocked'
    return stranger.bucket.take(nowMs) && this.#all.take(nowMs) ? undefined : 'flood'
  }

  /** Neither configured nor trusted, although what it sends may be read. */
  isStranger(address: string): boolean {
    if (this.#configured.has(address) || this.#isTrusted(address, this.#clock.nowMs())) return false
    return this.#strangerAt(address) !== undefined
  }

  /** This source proved to be a SIP user, or is one that we send requests to: no stranger for an hour. */
  trust(address: string): void {
    if (this.#configured.has(address)) return
    if (this.#trusted.size >= bound('trustedSourcesMax')) forgetOldest(this.#trusted)
    this.#trusted.set(address, this.#clock.nowMs() + bound('trustedSourceMs'))
    this.#strangers.delete(address)
    this.#blocks.delete(address)
  }

  /** Something of this source was refused. */
  onRejected(address: string, reason: string, sample: string): void {
    const { blockFailures, windowSeconds } = this.#directory.system.protection
    if (blockFailures === 0 || noFailures.has(reason)) return
    const nowMs = this.#clock.nowMs()
    if (this.#configured.has(address) || this.#isTrusted(address, nowMs)) return
    const stranger = this.#strangerAt(address)
    if (stranger === undefined) return
    if (nowMs - stranger.windowStartMs >= windowSeconds * 1_000) {
      stranger.windowStartMs = nowMs
      stranger.failures = 0
    }
    stranger.failures += 1
    if (stranger.failures < blockFailures) return
    stranger.failures = 0
    this.#block(address, `${blockFailures} failures within ${windowSeconds} s, the last one ${reason}: ${sample}`)
  }

  /** The block that is in force for this address. */
  find(address: string): AutomaticBlock | undefined {
    return this.list().find((block) => block.address === address)
  }

  /** Blocks in force. */
  list(): AutomaticBlock[] {
    const nowMs = this.#clock.nowMs()
    return [...this.#blocks]
      .filter(([address, block]) => nowMs < block.untilMs && !this.#findConfigured(address))
      .map(([address, { shown }]) => ({ address, ...shown }))
  }

  /** By hand; the next block of this source is as short as the first. */
  lift(address: string): boolean {
    const block = this.#blocks.get(address)
    this.#blocks.delete(address)
    return block !== undefined && this.#clock.nowMs() < block.untilMs
  }

  /** One log line for all blocks of the last seconds; forgets those that ended long ago. */
  tick(nowMs: number): void {
    if (nowMs < this.#nextLogMs) return
    this.#nextLogMs = nowMs + logEveryMs
    for (const [address, { untilMs }] of this.#blocks)
      if (nowMs - untilMs > bound('automaticBlockMemoryMs')) this.#blocks.delete(address)
    if (this.#newBlocks === 0) return
    this.#log.info('sources blocked', { sources: this.#newBlocks, last: this.#lastBlocked })
    this.#newBlocks = 0
  }

  #findConfigured(address: string): boolean {
    const ip = parseAddress(address)
    return ip !== undefined && isConfiguredAddress(this.#directory, ip)
  }

  #isTrusted(address: string, nowMs: number): boolean {
    if (this.#trusted.size === 0) return false
    const untilMs = this.#trusted.get(address)
    return untilMs !== undefined && nowMs < untilMs
  }

  /** Undefined = it is configured, which is looked up once after each publication. */
  #strangerAt(address: string): Stranger | undefined {
    const known = this.#strangers.get(address)
    if (known?.publication === this.#publications) return known
    if (this.#findConfigured(address)) {
      this.#strangers.delete(address)
      if (this.#configured.size < bound('knownSourcesMax')) this.#configured.add(address)
      return undefined
    }
    if (known !== undefined) {
      known.publication = this.#publications
      return known
    }
    if (this.#strangers.size >= bound('strangersMax')) forgetOldest(this.#strangers)
    const bucket = new TokenBucket(rate, bound('strangerPacketsBurst'))
    const stranger = { bucket, failures: 0, windowStartMs: 0, publication: this.#publications }
    this.#strangers.set(address, stranger)
    return stranger
  }

  #block(address: string, reason: string): void {
    const { blockSeconds, blockSecondsMax } = this.#directory.system.protection
    const last = this.#blocks.get(address)
    const seconds = Math.min(last === undefined ? blockSeconds : last.seconds * 2, blockSecondsMax)
    this.#blocks.delete(address)
    if (this.#blocks.size >= bound('automaticBlocksMax')) forgetOldest(this.#blocks)
    const since = this.#clock.wallMs()
    this.#blocks.set(address, {
      untilMs: this.#clock.nowMs() + seconds * 1_000,
      seconds,
      shown: { since, until: since + seconds * 1_000, reason },
    })
    this.#newBlocks += 1
    this.#lastBlocked = address
  }
}

function forgetOldest(table: Map<string, unknown>): void {
  const [oldest] = table.keys()
  if (oldest !== undefined) table.delete(oldest)
}
