// Health on the wire: sends the OPTIONS that the probe board asks for, the way calls go, and tells it what came back;
// passes on what calls see of gateways. The rules of health are in probe/.
import type { TransportError, TransportErrorKind } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Timers } from '../base/timers.ts'
import type { CallTransport, GatewayEvidence, IsHome } from '../call/context.ts'
import type { Logins } from '../call/credentials.ts'
import { findWay } from '../call/way.ts'
import type { Directory, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { usableProxies } from '../directory/outbound-proxies.ts'
import type { HealthView, TargetHealth } from '../policy/verdict.ts'
import type { HealthKind } from '../probe/light.ts'
import { ProbeBoard } from '../probe/probe-board.ts'
import type { HealthChange, ProbePort } from '../probe/probe-board.ts'
import type { ClientTransaction, Transactions } from '../transaction/transactions.ts'
import { openOptions } from './options-request.ts'
import type { OptionsListener } from './options-request.ts'
import type { GatewayState, UpMessage, WatchedTarget } from './seam.ts'

export interface ProbeParts {
  readonly transport: CallTransport
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly transactions: Transactions
  readonly logins: Logins
  readonly isHome?: IsHome | undefined
  /** Undefined: nobody routes on another thread. */
  readonly onRouting?: ((key: string, health: TargetHealth | undefined) => void) | undefined
  readonly up: (message: UpMessage) => void
}

interface Probed {
  readonly target: GatewayTarget
  readonly endpoint: DirectoryEndpoint
}

type BoardState = Pick<GatewayState, 'status' | 'reason' | 'since' | 'lastProbe' | 'history'>

const refusedDetail = 'connection refused'
const tlsPrefix = 'TLS: '

/** What `failPeer` says of an error; those with a health state of their own are known by it again. */
export function failureText({ kind, detail }: Pick<TransportError, 'kind' | 'detail'>): string {
  if (kind === 'refused') return refusedDetail
  return kind === 'tls' ? `${tlsPrefix}${detail}` : detail
}

function errorOf(detail: string): { kind: TransportErrorKind; detail: string } {
  if (detail === refusedDetail) return { kind: 'refused', detail }
  return { kind: detail.startsWith(tlsPrefix) ? 'tls' : 'other', detail }
}

/** Everything else fails. */
const watchedStates: Partial<Record<HealthKind, WatchedTarget['state']>> = {
  alive: 'green',
  unknown: 'unknown',
  operator: 'off',
}

export class GatewayProbes implements HealthView, GatewayEvidence, ProbePort {
  readonly #parts: ProbeParts
  readonly #board: ProbeBoard
  readonly #transactions = new Map<string, ClientTransaction>()
  readonly #probed = new Map<string, Probed>()
  /** Why the registrar of an endpoint refuses it. */
  readonly #refused = new Map<string, string>()
  /** How often a probe to a target failed: the next one goes by its next outbound proxy. */
  readonly #misses = new Map<string, number>()

  constructor(parts: ProbeParts) {
    this.#parts = parts
    this.#board = new ProbeBoard({ clock: parts.clock, timers: parts.timers, random: parts.random, port: this })
  }

  /** Timers that health itself needs while nothing else runs. */
  get timerCount(): number {
    return this.#board.timerCount
  }

  /** A target as it is now; state survives for one that is known. */
  put(directory: Directory, target: GatewayTarget): void {
    const { key } = target
    const endpoint = directory.endpoints[target.endpointIndex] as DirectoryEndpoint
    this.#probed.set(key, { target, endpoint })
    this.#board.put({
      key,
      settings: endpoint.probe,
      operator: operatorReason(directory, endpoint),
      registration: this.#refused.get(endpoint.id),
    })
  }

  /** A target that is configured no more. */
  drop(key: string): void {
    this.#probed.delete(key)
    this.#misses.delete(key)
    this.#board.drop(key)
  }

  /** The registrar refuses an endpoint: red until that is over (undefined). */
  onRegistration(endpointId: string, reason: string | undefined): void {
    if (this.#refused.get(endpointId) === reason) return
    if (reason === undefined) this.#refused.delete(endpointId)
    else this.#refused.set(endpointId, reason)
    for (const [key, { endpoint }] of this.#probed)
      if (endpoint.id === endpointId) this.#board.onRegistration(key, reason)
  }

  find(key: string): TargetHealth | undefined {
    return this.#board.find(key)
  }

  stateOf(key: string): BoardState {
    const state = this.#board.state(key)
    return (
      state ?? {
        status: 'green',
        reason: 'not probed yet',
        since: this.#parts.clock.wallMs(),
        lastProbe: null,
        history: [],
      }
    )
  }

  /** Targets that fail, and those of `keys`, without their history. */
  watched(keys: ReadonlySet<string>): WatchedTarget[] {
    return this.#board.lightsOf(keys).flatMap(({ key, kind, reason }) => {
      const state = watchedStates[kind] ?? 'failing'
      const probed = this.#probed.get(key)
      if (probed === undefined || (state !== 'failing' && !keys.has(key))) return []
      return [{ targetKey: key, endpointId: probed.endpoint.id, state, reason }]
    })
  }

  /** Probes every address of an endpoint now; false = it is no gateway. */
  probeNow(endpointId: string): boolean {
    const keys = [...this.#probed].filter(([, { endpoint }]) => endpoint.id === endpointId).map(([key]) => key)
    for (const key of keys) this.#board.probeNow(key)
    return keys.length > 0
  }

  stop(): void {
    this.#board.close()
  }

  sendOptions(key: string, probe: number): void {
    const probed = this.#probed.get(key)
    if (probed === undefined) return
    const { target, endpoint } = probed
    const { transport, random } = this.#parts
    const usable = usableProxies(endpoint.proxies)
    const turned = usable.length === 0 ? 0 : (this.#misses.get(key) ?? 0) % usable.length
    const proxies = [...usable.slice(turned), ...usable.slice(0, turned)]
    const way = findWay(transport, random, target, { endpoint, proxies })
    if (typeof way === 'string') {
      this.#board.onProbeError(key, probe, { kind: 'no_listener', detail: way })
      return
    }
    if (transport.isOwnAddress(way.target.address, way.target.port)) {
      const detail = `${way.target.address}:${way.target.port} is our own listener`
      this.#board.onProbeError(key, probe, { kind: 'other', detail })
      return
    }
    const note = (transaction: ClientTransaction): void => {
      this.#transactions.set(`${key} ${probe}`, transaction)
    }
    const untraced = { ...this.#listenerOf(key, probe), onOpen: note, untraced: true } as const
    openOptions(this.#parts, { way, gateway: target, endpoint, user: '' }, untraced)
    if (this.#transactions.size > 2 * this.#probed.size + 16) this.#forgetFinished()
  }

  #listenerOf(key: string, probe: number): Pick<OptionsListener, 'onReply' | 'onBroken'> {
    return {
      onReply: (response) => {
        const retryAfter = Number.parseInt(response.value(headerIds.retryAfter) ?? '', 10)
        this.#board.onProbeReply(key, probe, response.status, retryAfter > 0 ? retryAfter : undefined)
      },
      // Silence is timed by the board, long before the transaction gives up.
      onBroken: (detail) => {
        this.#noteMiss(key)
        this.#board.onProbeError(key, probe, errorOf(detail))
      },
    }
  }

  #noteMiss(key: string): void {
    if ((this.#probed.get(key)?.endpoint.proxies.length ?? 0) > 1)
      this.#misses.set(key, (this.#misses.get(key) ?? 0) + 1)
  }

  stopOptions(key: string, probe: number): void {
    this.#noteMiss(key)
    const id = `${key} ${probe}`
    this.#transactions.get(id)?.terminate()
    this.#transactions.delete(id)
  }

  #forgetFinished(): void {
    for (const [id, transaction] of this.#transactions)
      if (transaction.state === 'terminated') this.#transactions.delete(id)
  }

  onChange(key: string, { at, status, reason }: HealthChange): void {
    this.#parts.up({ type: 'health', targetKey: key, change: { at, status, reason } })
  }

  onRouting(key: string, health: TargetHealth | undefined): void {
    this.#parts.onRouting?.(key, health)
  }

  onAttempt(key: string): void {
    this.#board.onAttempt(key)
  }

  onFirstReplyTimeout(key: string, firstReplyMs: number): void {
    this.#board.onCallTimeout(key, firstReplyMs)
  }

  onTransportError(key: string, detail: string): void {
    this.#board.onCallError(key, errorOf(detail))
  }

  onReply(key: string): void {
    this.#board.onCallReply(key)
  }

  onRetryAfter(key: string, seconds: number): void {
    this.#board.hold(key, seconds)
  }
}

/** Why the configuration keeps a gateway red, whatever its probes say. */
function operatorReason(directory: Directory, endpoint: DirectoryEndpoint): string | undefined {
  if (endpoint.state === 'off') return 'switched off'
  if (endpoint.state === 'drain') return 'draining: no new calls'
  const account = directory.accounts[endpoint.accountIndex]
  return account === undefined || account.status === 'active' ? undefined : `account is ${account.status}`
}
