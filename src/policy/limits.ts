// Channels and calls per second of every scope. A channel is a lease with a call id, which can be released twice
// without harm; calls per second are a log of times, so that no window holds more than the limit. Keyed by stable ids:
// counts survive every change of the directory. Several threads look and take under the lock of what they share.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Metrics } from '../base/metrics.ts'
import type { DirectoryChanges } from '../directory/assembly.ts'
import type {
  Directory,
  DirectoryAccount,
  DirectoryEndpoint,
  DirectoryRoute,
  GatewayTarget,
} from '../directory/directory.ts'
import { callIdsOf, Lease } from './lease.ts'
import { Counter, windowMs } from './limit-counter.ts'
import type { LimitScope, PeakUse, ScopeRow } from './limit-counter.ts'
import { changedRows, labelOf, routeRow, sipUserRow, systemRow } from './limit-rows.ts'
import type { SharedBook } from './shared-book.ts'
import type { Caller, Permit } from './verdict.ts'

type LimitKind = 'channels' | 'callsPerSecond'

/** A scope without room. `detail` is for the record: it may hold names. */
export interface LimitRefusal {
  readonly kind: 'limit'
  readonly scope: LimitScope
  readonly side: 'caller' | 'gateway'
  readonly limit: LimitKind
  readonly used: number
  readonly max: number
  readonly id: string
  readonly name: string
  readonly detail: string
  /** Calls per second: when there is room again, on the monotonic clock, if nobody else takes it. */
  readonly roomAtMs?: number
}

/** One line of `GET /limits`; `calls` are ids behind a channel count. */
export interface LimitUse {
  readonly scope: LimitScope
  readonly id: string
  readonly name: string
  readonly kind: LimitKind
  readonly limit: number
  readonly used: number
  readonly calls: readonly string[]
}

/** Toward gateways the window is longer, so that jitter on the way cannot push one call too many into a second there. */
const gatewayWindowMs = windowMs + bound('cpsGuardMs')

const noPeaks = { channelsPeak: 0, callsPerSecondPeak: 0 } as const

export class Limits {
  readonly clock: Clock
  readonly #metrics: Metrics
  /** Undefined: this thread is the only one. */
  readonly #book: SharedBook | undefined
  /** Of this thread. */
  readonly #leases: Lease[] = []
  /** Slots of the book that have their counter here. */
  #known = 0
  /** Calls that any limit has turned away since they were read last. */
  #breaches = 0
  readonly #scopes = {
    system: new Map<string, Counter>(),
    account: new Map<string, Counter>(),
    endpoint: new Map<string, Counter>(),
    sipUser: new Map<string, Counter>(),
    route: new Map<string, Counter>(),
  }
  #directory: Directory | undefined

  constructor(clock: Clock, metrics: Metrics, book?: SharedBook) {
    this.clock = clock
    this.#metrics = metrics
    this.#book = book
  }

  /** Takes a new directory; counts stay. Scopes take their maxima when they are asked. */
  use(directory: Directory): void {
    this.#directory = directory
  }

  /** Gives new maxima to scopes that are in use now, for those who wait for them. Yields between scopes, as its neighbour. */
  *refresh(directory: Directory, changes: DirectoryChanges): Generator<undefined, void> {
    for (const row of changedRows(directory, changes)) {
      this.#scopes[row.scope].get(row.id)?.update(row, directory.revision)
      yield
    }
  }

  /** Scopes without calls, and without anything left to tell. */
  *forgetIdle(): Generator<undefined, void> {
    const nowMs = this.clock.nowMs()
    for (const counters of Object.values(this.#scopes))
      for (const counter of counters.values()) {
        if (counter.isIdle && counter.log.countSince(nowMs, gatewayWindowMs) === 0) counters.delete(counter.id)
        yield
      }
  }

  /** Takes the caller's side for one call: system, account, endpoint, SIP user, route; all or nothing. */
  admitCaller(callId: string, scopes: CallerScopes, exempt: boolean): Permit | LimitRefusal {
    return this.#admit(callId, this.#callerCounters(scopes), { side: 'caller', exempt })
  }

  /** Takes the system alone, for a call without a caller's side: one that Tollgate makes by itself. */
  admitSystem(callId: string, directory: Directory): Permit | LimitRefusal {
    const counters = [this.#counter('system', systemRow(directory), directory.revision)]
    return this.#admit(callId, counters, { side: 'caller', exempt: false })
  }

  /** The first scope of the caller's side without room; takes nothing. */
  findFullCaller(scopes: CallerScopes): LimitRefusal | undefined {
    return this.#look(this.#callerCounters(scopes), 'caller')
  }

  /** How full the caller's side is: one sentence for each scope with a limit, one for all that have none. */
  describeCaller(scopes: CallerScopes): string[] {
    const texts: string[] = []
    const unlimited: string[] = []
    for (const counter of this.#callerCounters(scopes)) {
      const { scope, name, used, channelsMax, callsPerSecondMax } = counter
      const parts: string[] = []
      if (channelsMax > 0) parts.push(`${used} of ${channelsMax} channels used`)
      if (callsPerSecondMax > 0)
        parts.push(`${this.#perSecondOf(counter)} of ${callsPerSecondMax} calls per second used`)
      const label = labelOf(scope, name)
      if (parts.length === 0) unlimited.push(label)
      else texts.push(`${label}: ${parts.join(', ')}`)
    }
    if (unlimited.length > 0) texts.push(`no limit: ${unlimited.join(', ')}`)
    return texts
  }

  /** Takes a gateway and its account for one attempt, before its INVITE; all or nothing. */
  admitGateway(callId: string, target: GatewayTarget, directory: Directory, exempt: boolean): Permit | LimitRefusal {
    const endpoint = directory.endpoints[target.endpointIndex] as DirectoryEndpoint
    const account = directory.accounts[endpoint.accountIndex] as DirectoryAccount
    const { revision } = directory
    const counters = [this.#gatewayCounter(endpoint, revision), this.#counter('account', account, revision)]
    return this.#admit(callId, counters, { side: 'gateway', exempt })
  }

  /** Why a gateway (endpoint) or all gateways of an account cannot take a call now; takes nothing. */
  findFullGateway(
    scope: 'endpoint' | 'account',
    row: DirectoryEndpoint | DirectoryAccount,
    revision: number,
  ): LimitRefusal | undefined {
    const counter =
      scope === 'endpoint' && 'targets' in row
        ? this.#gatewayCounter(row, revision)
        : this.#counter(scope, row, revision)
    return this.#look([counter], 'gateway')
  }

  /** Calls to a SIP user and calls of it share its limits. */
  #gatewayCounter(endpoint: DirectoryEndpoint, revision: number): Counter {
    const { sipUser } = endpoint
    return sipUser === undefined
      ? this.#counter('endpoint', endpoint, revision)
      : this.#counter('sipUser', sipUserRow(sipUser), revision)
  }

  /** Counts a gateway that was left out because a scope is full. */
  countRejection(refusal: LimitRefusal): void {
    const { scope, id, name, limit } = refusal
    if (this.#book === undefined) this.#breaches += 1
    else this.#book.addBreach()
    if (scope === 'account' || scope === 'endpoint' || scope === 'sipUser') this.#scopes[scope].get(id)?.noteBreach()
    this.#metrics.add(this.#metrics.series('limitRejections', scope, name, limit))
  }

  /**
   * Peaks of the scopes that statistics are kept of, since the last time; those without any are left out. Those of the
   * system count the breaches of every limit, also of SIP users and routes.
   */
  takeUse(): PeakUse[] {
    this.#meetAll()
    this.#book?.lock()
    try {
      return this.#takeUse()
    } finally {
      this.#book?.unlock()
    }
  }

  #takeUse(): PeakUse[] {
    const system = this.#scopes.system.get('system')?.takePeaks() ?? noPeaks
    const uses: PeakUse[] = [
      { scope: 'system', id: 'system', ...system, breaches: this.#book?.takeBreaches() ?? this.#breaches },
    ]
    this.#breaches = 0
    for (const scope of ['account', 'endpoint', 'sipUser'] as const)
      for (const counter of this.#scopes[scope].values()) uses.push({ scope, id: counter.id, ...counter.takePeaks() })
    return uses.filter((use) => use.channelsPeak > 0 || use.callsPerSecondPeak > 0 || use.breaches > 0)
  }

  usedChannels(scope: LimitScope, id: string): number {
    return this.#find(scope, id)?.used ?? 0
  }

  usedPerSecond(scope: LimitScope, id: string): number {
    const counter = this.#find(scope, id)
    return counter === undefined ? 0 : this.#perSecondOf(counter)
  }

  #find(scope: LimitScope, id: string): Counter | undefined {
    this.#meetAll()
    return this.#scopes[scope].get(id)
  }

  #perSecondOf({ log }: Counter): number {
    this.#book?.lock()
    const count = log.countSince(this.clock.nowMs(), windowMs)
    this.#book?.unlock()
    return count
  }

  /** Scopes that other threads have opened since the last time get their counter here, too, so that all can be told. */
  #meetAll(): void {
    const book = this.#book
    if (book === undefined) return
    for (const { count } = book; this.#known < count; this.#known++) {
      const [, scope = '', id = ''] = /^([^/]*)\/(.*)$/s.exec(book.keyOf(book.slotAtNumber(this.#known))) ?? []
      const counters = this.#scopes[scope as LimitScope]
      if (!counters.has(id)) counters.set(id, new Counter(scope as LimitScope, id, book))
    }
  }

  /** Accounts that are in use now, by id. */
  usesOfAccounts(): Map<string, { readonly channels: number; readonly callsPerSecond: number }> {
    this.#meetAll()
    const uses = new Map<string, { readonly channels: number; readonly callsPerSecond: number }>()
    for (const counter of this.#scopes.account.values()) {
      const { id, used: channels } = counter
      const callsPerSecond = this.#perSecondOf(counter)
      if (channels > 0 || callsPerSecond > 0) uses.set(id, { channels, callsPerSecond })
    }
    return uses
  }

  /** All scopes with a limit or with use, the system first; at most `callsPerScopeMax` call ids for each. */
  states(callsPerScopeMax: number): LimitUse[] {
    const callIds = callIdsOf(this.#leases, callsPerScopeMax)
    return this.#rows().flatMap((row) => {
      const counter = this.#scopes[row.scope].get(row.id)
      const calls = counter === undefined ? [] : [...(callIds.get(counter) ?? [])]
      const { scope, id, name } = row
      const base = { scope, id, name }
      const channels = {
        ...base,
        kind: 'channels' as const,
        limit: row.channelsMax,
        used: counter?.used ?? 0,
        calls,
      }
      const used = this.usedPerSecond(scope, id)
      const perSecond = { ...base, kind: 'callsPerSecond' as const, limit: row.callsPerSecondMax, used, calls: [] }
      return [channels, perSecond].filter((use) => use.limit > 0 || use.used > 0 || scope === 'system')
    })
  }

  /**
   * Confirms every lease with the calls that live; one without a call at two looks is given back. It finds nothing unless
   * there is a bug: room that is never given back would starve a carrier for ever. Gives what it freed, to be told.
   */
  reap(lives: (callId: string) => boolean): { readonly callId: string; readonly name: string }[] {
    const freed: { callId: string; name: string }[] = []
    // From the end: the last one takes the place of one that goes.
    for (let place = this.#leases.length - 1; place >= 0; place--) {
      const lease = this.#leases[place] as Lease
      const { callId, counters, doubted } = lease
      lease.doubted = !lives(callId)
      if (!doubted || !lease.doubted) continue
      lease.release()
      for (const { scope, name } of counters) freed.push({ callId, name: labelOf(scope, name) })
    }
    return freed
  }

  #rows(): ScopeRow[] {
    const directory = this.#directory
    if (directory === undefined) return []
    this.#meetAll()
    const rows: ScopeRow[] = [{ ...systemRow(directory), scope: 'system' }]
    const add = (scope: LimitScope, row: Omit<ScopeRow, 'scope'>): void => {
      if (row.channelsMax > 0 || row.callsPerSecondMax > 0 || this.#scopes[scope].has(row.id))
        rows.push({ ...row, scope })
    }
    for (const account of directory.accounts) add('account', account)
    for (const endpoint of directory.endpoints) if (endpoint.sipUser === undefined) add('endpoint', endpoint)
    for (const user of directory.sipUsers) add('sipUser', sipUserRow(user))
    for (const route of directory.routes) add('route', routeRow(route))
    const known = new Set(rows.map((row) => `${row.scope}/${row.id}`))
    // Calls that outlive their entry are still shown.
    for (const counters of Object.values(this.#scopes))
      for (const counter of counters.values())
        if (counter.used > 0 && !known.has(`${counter.scope}/${counter.id}`)) rows.push(counter)
    return rows
  }

  #counter(scope: LimitScope, row: Omit<ScopeRow, 'scope'>, revision: number): Counter {
    const counters = this.#scopes[scope]
    let counter = counters.get(row.id)
    if (counter === undefined) {
      counter = new Counter(scope, row.id, this.#book)
      counters.set(row.id, counter)
    }
    return counter.update(row, revision)
  }

  #callerCounters({ directory, caller, route }: CallerScopes): Counter[] {
    const { revision } = directory
    const { endpoint, sipUser } = caller
    const system = this.#counter('system', systemRow(directory), revision)
    const account = this.#counter('account', caller.account, revision)
    const entry = endpoint === undefined ? undefined : this.#counter('endpoint', endpoint, revision)
    const user = sipUser === undefined ? undefined : this.#counter('sipUser', sipUserRow(sipUser), revision)
    const ofRoute = this.#counter('route', routeRow(route), revision)
    // The lease keeps them; an array that grows by itself takes room for sixteen more.
    if (entry !== undefined)
      return user === undefined ? [system, account, entry, ofRoute] : [system, account, entry, user, ofRoute]
    return user === undefined ? [system, account, ofRoute] : [system, account, user, ofRoute]
  }

  #look(counters: readonly Counter[], side: 'caller' | 'gateway'): LimitRefusal | undefined {
    if (this.#book === undefined) return this.#findFull(counters, side)
    this.#book.lock()
    try {
      return this.#findFull(counters, side)
    } finally {
      this.#book.unlock()
    }
  }

  #findFull(counters: readonly Counter[], side: 'caller' | 'gateway'): LimitRefusal | undefined {
    const nowMs = this.clock.nowMs()
    const window = side === 'gateway' ? gatewayWindowMs : windowMs
    // Channels first: whoever lacks only calls per second may wait for them.
    for (const { scope, id, name, channelsMax: max, used } of counters)
      if (max > 0 && used >= max) {
        const detail = `${labelOf(scope, name)} is full: ${used} of ${max} channels used`
        return { kind: 'limit', scope, side, limit: 'channels', used, max, id, name, detail }
      }
    for (const { scope, id, name, callsPerSecondMax: max, log } of counters)
      if (max > 0 && !log.hasRoom(nowMs, window, max)) {
        const used = log.countSince(nowMs, window)
        const detail = `${labelOf(scope, name)} is too fast: ${used} of ${max} calls per second used`
        const roomAtMs = log.roomAtMs(nowMs, window, max)
        return { kind: 'limit', scope, side, limit: 'callsPerSecond', used, max, id, name, detail, roomAtMs }
      }
    return undefined
  }

  #admit(callId: string, counters: readonly Counter[], options: AdmitOptions): Permit | LimitRefusal {
    const full =
      this.#book === undefined ? this.#take(callId, counters, options) : this.#takeLocked(callId, counters, options)
    if ('kind' in full) this.countRejection(full)
    return full
  }

  #takeLocked(callId: string, counters: readonly Counter[], options: AdmitOptions): Lease | LimitRefusal {
    this.#book?.lock()
    try {
      return this.#take(callId, counters, options)
    } finally {
      this.#book?.unlock()
    }
  }

  #take(callId: string, counters: readonly Counter[], options: AdmitOptions): Lease | LimitRefusal {
    const full = options.exempt ? undefined : this.#findFull(counters, options.side)
    if (full !== undefined) return full
    const nowMs = this.clock.nowMs()
    const lease = new Lease(callId, counters, this.#leases)
    for (const counter of counters) counter.noteUse(nowMs)
    return lease
  }
}

interface AdmitOptions {
  readonly side: 'caller' | 'gateway'
  readonly exempt: boolean
}

/** The caller's side of one call. */
export interface CallerScopes {
  readonly directory: Directory
  readonly caller: Caller
  readonly route: DirectoryRoute
}
