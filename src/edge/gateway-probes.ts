// Health on the wire: sends the OPTIONS that the probe board asks for, the way calls go, and tells it what came back;
// passes on what calls see of gateways. The rules of health are in probe/.
import { peerKey } from '../sip/flow.ts'
import type { TransportErrorKind } from '../sip/flow.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { messageWriter } from '../sip/serialize.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Timers } from '../base/timers.ts'
import { contactValue, newBranch, newCallId, newTag, viaValue } from '../call/compose.ts'
import type { CallTransport, GatewayEvidence } from '../call/context.ts'
import type { PeerCheck } from '../call/peer-check.ts'
import { findWay } from '../call/way.ts'
import type { Way } from '../call/way.ts'
import type { Directory, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import type { HealthView, TargetHealth } from '../policy/verdict.ts'
import { ProbeBoard } from '../probe/probe-board.ts'
import type { HealthChange, ProbePort } from '../probe/probe-board.ts'
import type { ClientTransaction, ClientTransactionUser, Transactions } from '../transaction/transactions.ts'
import type { GatewayState, UpMessage } from './seam.ts'

export interface ProbeParts {
  readonly transport: CallTransport
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly transactions: Transactions
  readonly up: (message: UpMessage) => void
}

interface Probed {
  readonly target: GatewayTarget
  readonly endpoint: DirectoryEndpoint
}

type BoardState = Pick<GatewayState, 'status' | 'reason' | 'since' | 'lastProbe' | 'history'>

/** What `failPeer` says for a closed port; the only transport error with a state of its own. */
export const refusedDetail = 'connection refused'

const errorOf = (detail: string): { kind: TransportErrorKind; detail: string } => ({
  kind: detail === refusedDetail ? 'refused' : 'other',
  detail,
})

/** One OPTIONS under way. */
class ProbeUser implements ClientTransactionUser, PeerCheck {
  readonly #board: ProbeBoard
  readonly #key: string
  readonly #probe: number
  readonly #addresses: readonly string[]

  constructor(board: ProbeBoard, probe: { key: string; number: number; addresses: readonly string[] }) {
    this.#board = board
    this.#key = probe.key
    this.#probe = probe.number
    this.#addresses = probe.addresses
  }

  acceptsResponse(_response: SipMessage, address: string): boolean {
    return this.#addresses.includes(address)
  }

  onResponse(_transaction: ClientTransaction, response: SipMessage): void {
    if (response.status < 200) return
    const retryAfter = Number.parseInt(response.value(headerIds.retryAfter) ?? '', 10)
    this.#board.onProbeReply(this.#key, this.#probe, response.status, retryAfter > 0 ? retryAfter : undefined)
  }

  onClientFailure(_transaction: ClientTransaction, why: 'timeout' | 'transport', detail: string): void {
    // Silence is timed by the board, long before the transaction gives up.
    if (why === 'transport') this.#board.onProbeError(this.#key, this.#probe, errorOf(detail))
  }

  onClientTerminated(): void {
    // Nothing is kept for it.
  }
}

function composeOptions(parts: ProbeParts, way: Way, gateway: GatewayTarget, branch: string): Buffer {
  const { random } = parts
  const host = gateway.address.includes(':') ? `[${gateway.address}]` : gateway.address
  const uri = `sip:${host}:${gateway.port}${gateway.protocol === 'udp' ? '' : `;transport=${gateway.protocol}`}`
  const writer = messageWriter().requestLine('OPTIONS', uri).header('Via', viaValue(way.listener, branch))
  for (const route of way.routes) writer.header('Route', route)
  return writer
    .header('Max-Forwards', '70')
    .header('From', `<sip:${way.listener.sentByHost}>;tag=${newTag(random)}`)
    .header('To', `<${uri}>`)
    .header('Call-ID', newCallId(random))
    .header('CSeq', '1 OPTIONS')
    .header('Contact', contactValue(way.listener))
    .header('Accept', 'application/sdp')
    .finish()
}

export class GatewayProbes implements HealthView, GatewayEvidence, ProbePort {
  readonly #parts: ProbeParts
  readonly #board: ProbeBoard
  readonly #transactions = new Map<string, ClientTransaction>()
  #probed = new Map<string, Probed>()

  constructor(parts: ProbeParts) {
    this.#parts = parts
    this.#board = new ProbeBoard({ clock: parts.clock, timers: parts.timers, random: parts.random, port: this })
  }

  /** Timers that health itself needs while nothing else runs. */
  get timerCount(): number {
    return this.#board.timerCount
  }

  /** Takes the gateways of a new directory; state survives for those that stay. */
  use(directory: Directory): void {
    const probed = new Map<string, Probed>()
    for (const endpoint of directory.endpoints)
      for (const target of endpoint.targets) probed.set(target.key, { target, endpoint })
    this.#probed = probed
    this.#board.use(
      [...probed].map(([key, { endpoint }]) => ({
        key,
        settings: endpoint.probe,
        operator: operatorReason(directory, endpoint),
      })),
    )
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
    const { transport, transactions, random } = this.#parts
    const way = findWay(transport, random, target, { endpoint })
    if (typeof way === 'string') {
      this.#board.onProbeError(key, probe, { kind: 'no_listener', detail: way })
      return
    }
    if (transport.isOwnAddress(way.target.address, way.target.port)) {
      const detail = `${way.target.address}:${way.target.port} is our own listener`
      this.#board.onProbeError(key, probe, { kind: 'other', detail })
      return
    }
    const branch = newBranch(random)
    const transaction = transactions.openClient({
      request: composeOptions(this.#parts, way, target, branch),
      method: 'OPTIONS',
      branch,
      reliable: way.target.protocol !== 'udp',
      peer: peerKey(way.target),
      send: (bytes) => transport.send(bytes, way.target),
      user: new ProbeUser(this.#board, { key, number: probe, addresses: [way.target.address, ...endpoint.addresses] }),
    })
    this.#transactions.set(`${key} ${probe}`, transaction)
    if (this.#transactions.size > 2 * this.#probed.size + 16) this.#forgetFinished()
  }

  stopOptions(key: string, probe: number): void {
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
