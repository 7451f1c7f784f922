// The contacts of all SIP users: each expires by a timer of its own, is asked for a sign of life where its user wants that,
// and goes when it gives none. Survives a restart by what `onChange` tells and `restore` takes.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Timer, TimerOwner, Timers } from '../base/timers.ts'
import { contactKey } from './binding.ts'
import type { Binding } from './binding.ts'

export type PingMode = 'off' | 'keepalive' | 'timeout'

export interface BindingsPort {
  /** All contacts of a user from now on; empty = it has none any more. */
  onChange(userId: string, bindings: readonly Binding[]): void
  /** Ask for a sign of life, and say with `onPong` or `onSilence` what came of it. */
  ping(binding: Binding): void
}

const expiry = 1
const ping = 2

class Entry implements TimerOwner {
  readonly binding: Binding
  readonly #owner: Bindings
  expiryTimer: Timer | undefined
  pingTimer: Timer | undefined
  misses = 0

  constructor(owner: Bindings, binding: Binding) {
    this.#owner = owner
    this.binding = binding
  }

  onTimer(kind: number): void {
    if (kind === expiry) this.#owner.drop(this.binding)
    else this.#owner.onPingDue(this)
  }
}

export class Bindings {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #port: BindingsPort
  readonly #entries = new Map<string, Entry[]>()
  /** How many contacts were registered from each address. */
  readonly #addresses = new Map<string, number>()
  readonly #modes = new Map<string, PingMode>()

  constructor(clock: Clock, timers: Timers, port: BindingsPort) {
    this.#clock = clock
    this.#timers = timers
    this.#port = port
  }

  /** A user that exists now; undefined = it is gone, and its contacts go with it. */
  change(userId: string, mode: PingMode | undefined): void {
    if (mode === undefined) {
      this.#modes.delete(userId)
      if (this.#entries.has(userId)) this.replace(userId, [])
      return
    }
    this.#modes.set(userId, mode)
    for (const entry of this.#entries.get(userId) ?? []) this.#schedulePing(entry)
  }

  /** The newest first. */
  of(userId: string): readonly Binding[] {
    return (this.#entries.get(userId) ?? []).map(({ binding }) => binding).toReversed()
  }

  /** Whether something is registered from this address now. */
  hasAddress(address: string): boolean {
    return this.#addresses.has(address)
  }

  all(): Binding[] {
    return [...this.#entries.values()].flatMap((entries) => entries.map(({ binding }) => binding))
  }

  /** Sets all contacts of a user; those that stay as they are keep their timers. */
  replace(userId: string, bindings: readonly Binding[]): void {
    const old = this.#entries.get(userId) ?? []
    const next = bindings.map((binding) => old.find((entry) => entry.binding === binding) ?? this.#open(binding))
    for (const entry of old) if (!next.includes(entry)) this.#stop(entry)
    if (next.length === 0) this.#entries.delete(userId)
    else this.#entries.set(userId, next)
    this.#port.onChange(userId, bindings)
  }

  /** What was registered before a restart: without those that expired or whose user is gone. */
  restore(bindings: readonly Binding[]): void {
    const byUser = Map.groupBy(bindings, ({ userId }) => userId)
    for (const [userId, own] of byUser) {
      if (this.#entries.has(userId)) continue
      const live = own
        .filter(({ expiresAt }) => expiresAt > this.#clock.wallMs())
        // Connections of before have other numbers now, or none.
        .map((binding) => ({ ...binding, flow: { ...binding.flow, connection: 0 } }))
      this.replace(userId, this.#modes.has(userId) ? live : [])
    }
  }

  drop(binding: Binding): void {
    const own = this.#entries.get(binding.userId)?.map((entry) => entry.binding) ?? []
    if (own.includes(binding))
      this.replace(
        binding.userId,
        own.filter((one) => one !== binding),
      )
  }

  onPong(binding: Binding): void {
    const entry = this.#find(binding)
    if (entry !== undefined) entry.misses = 0
  }

  /** No sign of life: where the user's ping says `timeout`, the contact goes after several of them in a row. */
  onSilence(binding: Binding): void {
    const entry = this.#find(binding)
    if (entry === undefined) return
    entry.misses += 1
    if (this.#modes.get(binding.userId) === 'timeout' && entry.misses >= bound('pingMissesMax')) this.drop(binding)
  }

  onPingDue(entry: Entry): void {
    entry.pingTimer = undefined
    this.#schedulePing(entry)
    this.#port.ping(entry.binding)
  }

  /** Ends all timers; nothing is told. */
  stop(): void {
    for (const entries of this.#entries.values()) for (const entry of entries) this.#stop(entry)
    this.#entries.clear()
  }

  #find(binding: Binding): Entry | undefined {
    const key = contactKey(binding.contact)
    return this.#entries.get(binding.userId)?.find((entry) => contactKey(entry.binding.contact) === key)
  }

  #open(binding: Binding): Entry {
    const entry = new Entry(this, binding)
    const leftMs = Math.max(0, binding.expiresAt - this.#clock.wallMs())
    entry.expiryTimer = this.#timers.start(this.#clock.nowMs(), leftMs, entry, expiry)
    this.#schedulePing(entry)
    this.#countAddress(entry, 1)
    return entry
  }

  #schedulePing(entry: Entry): void {
    const wanted = (this.#modes.get(entry.binding.userId) ?? 'off') !== 'off'
    if (!wanted) {
      this.#timers.stop(entry.pingTimer)
      entry.pingTimer = undefined
    } else entry.pingTimer ??= this.#timers.start(this.#clock.nowMs(), bound('pingMs'), entry, ping)
  }

  #countAddress({ binding }: Entry, change: 1 | -1): void {
    const { address } = binding.flow
    const count = (this.#addresses.get(address) ?? 0) + change
    if (count === 0) this.#addresses.delete(address)
    else this.#addresses.set(address, count)
  }

  #stop(entry: Entry): void {
    this.#countAddress(entry, -1)
    this.#timers.stop(entry.expiryTimer)
    this.#timers.stop(entry.pingTimer)
  }
}
