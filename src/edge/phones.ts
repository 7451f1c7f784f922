// The devices of SIP users on the wire: answers their REGISTER, asks them for signs of life, and gives routing the flows by
// which they are reached. The rules are in registrar/.
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { Timers } from '../base/timers.ts'
import { composeAnswer, contactValue, newBranch, newCallId, newTag, viaValue } from '../call/compose.ts'
import type { CallTransport, IsHome } from '../call/context.ts'
import type { PeerCheck } from '../call/peer-check.ts'
import type { Directory, DirectoryEndpoint, DirectorySipUser, GatewayTarget } from '../directory/directory.ts'
import { emptyDirectory } from '../directory/empty.ts'
import type { ContactView } from '../policy/verdict.ts'
import { reachOf } from '../registrar/binding.ts'
import type { Binding } from '../registrar/binding.ts'
import { Bindings } from '../registrar/bindings.ts'
import type { BindingsPort, PingMode } from '../registrar/bindings.ts'
import { applyRegister } from '../registrar/register.ts'
import { peerKey } from '../sip/flow.ts'
import type { Flow, Target } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { messageWriter } from '../sip/serialize.ts'
import type { ClientTransaction, ClientTransactionUser, ServerTransaction } from '../transaction/transactions.ts'
import type { Transactions } from '../transaction/transactions.ts'
import type { RegistrationState, UpMessage } from './seam.ts'
import type { Untraced } from './tracing.ts'

interface PhonesParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly transport: CallTransport
  readonly transactions: Transactions
  readonly isHome?: IsHome | undefined
  readonly up: (message: UpMessage) => void
}

/** One sign of life under way: any final answer is one. */
class PingUser implements ClientTransactionUser, PeerCheck, Untraced {
  readonly untraced = true
  readonly #bindings: Bindings
  readonly #binding: Binding

  constructor(bindings: Bindings, binding: Binding) {
    this.#bindings = bindings
    this.#binding = binding
  }

  acceptsResponse(_response: SipMessage, address: string): boolean {
    return address === this.#binding.flow.address
  }

  onResponse(_transaction: ClientTransaction, response: SipMessage): void {
    if (response.status >= 200) this.#bindings.onPong(this.#binding)
  }

  onClientFailure(): void {
    this.#bindings.onSilence(this.#binding)
  }

  onClientTerminated(): void {
    // Nothing is kept for it.
  }
}

export class Phones implements ContactView, BindingsPort {
  readonly #parts: PhonesParts
  readonly #bindings: Bindings
  #directory: Directory = emptyDirectory()

  constructor(parts: PhonesParts) {
    this.#parts = parts
    this.#bindings = new Bindings(parts.clock, parts.timers, this)
  }

  use(directory: Directory): void {
    this.#directory = directory
  }

  /** A SIP user with its way of asking for signs of life; undefined = it is gone. */
  change(userId: string, ping: PingMode | undefined): void {
    this.#bindings.change(userId, ping)
  }

  restore(bindings: readonly Binding[]): void {
    this.#bindings.restore(bindings)
  }

  stop(): void {
    this.#bindings.stop()
  }

  /** A REGISTER whose sender proved to be `user`. */
  onRegister(request: SipMessage, flow: Flow, user: DirectorySipUser, transaction: ServerTransaction): void {
    const { listener, address, port, connection } = flow
    const facts = {
      userId: user.id,
      username: user.username,
      flow: { protocol: listener.protocol, address, port, listener: listener.name, connection },
      wallMs: this.#parts.clock.wallMs(),
    }
    const { status, reasonPhrase, headers, bindings } = applyRegister(request, facts, this.#bindings.of(user.id))
    if (bindings !== undefined) this.#bindings.replace(user.id, bindings)
    const toTag = newTag(this.#parts.random)
    transaction.respond(status, composeAnswer({ request, flow, status, reasonPhrase, toTag, headers }))
  }

  /** Whether a device is registered from this address: its OPTIONS are answered like those of a gateway. */
  isRegisteredFrom(address: string): boolean {
    return this.#bindings.hasAddress(address)
  }

  /** All of equal rank, the newest first. See `reachOf` for the address. */
  targetsOf(endpoint: DirectoryEndpoint): readonly GatewayTarget[] {
    const { sipUser } = endpoint
    return sipUser === undefined ? [] : targetsOfBindings(endpoint, sipUser, this.#bindings.of(sipUser.id))
  }

  list(): RegistrationState[] {
    const { accounts, sipUsers } = this.#directory
    const users = new Map(sipUsers.map((user) => [user.id, user]))
    return this.#bindings.all().map(({ userId, contact, flow, userAgent, registeredAt, expiresAt }) => {
      const user = users.get(userId)
      const source = `from ${flow.protocol}:${flow.address}:${flow.port}`
      return {
        direction: 'in',
        endpointId: userId,
        name: user?.username ?? '',
        account: accounts[user?.accountIndex ?? -1]?.name ?? '',
        registrar: '',
        contact,
        state: 'registered',
        reason: userAgent === '' ? source : `${source}, ${userAgent}`,
        since: registeredAt,
        expiresAt,
        nextAt: null,
      }
    })
  }

  onChange(userId: string, bindings: readonly Binding[]): void {
    this.#parts.up({ type: 'registrations', userId, bindings })
  }

  ping(binding: Binding): void {
    const { transport, transactions, random, isHome } = this.#parts
    const { protocol, listener: name, connection } = binding.flow
    const { address, port } = reachOf(binding)
    const listener = transport.findListener(protocol, address, name)
    if (listener === undefined) return this.#bindings.onSilence(binding)
    const target: Target = { protocol, address, port, listener, ...(connection === 0 ? {} : { connection }) }
    const branch = newBranch(random)
    const writer = messageWriter().requestLine('OPTIONS', binding.contact).header('Via', viaValue(listener, branch))
    for (const route of binding.path) writer.header('Route', route)
    const request = writer
      .header('Max-Forwards', '70')
      .header('From', `<sip:${listener.sentByHost}>;tag=${newTag(random)}`)
      .header('To', `<${binding.contact}>`)
      .header('Call-ID', newCallId(random, isHome))
      .header('CSeq', '1 OPTIONS')
      .header('Contact', contactValue(listener))
      .finish()
    transactions.openClient({
      request,
      method: 'OPTIONS',
      branch,
      reliable: protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => transport.send(bytes, target),
      user: new PingUser(this.#bindings, binding),
    })
  }
}

/** The contacts of a SIP user as gateways of the entry that stands for it. */
export function targetsOfBindings(
  endpoint: DirectoryEndpoint,
  sipUser: DirectorySipUser,
  bindings: readonly Binding[],
): GatewayTarget[] {
  return bindings.map((binding) => {
    const { contact, path } = binding
    const { protocol, listener, connection } = binding.flow
    const { address, port } = reachOf(binding)
    return {
      key: `${sipUser.id}/${peerKey({ protocol, address, port })}`,
      endpointIndex: endpoint.index,
      protocol,
      address,
      port,
      host: null,
      priority: 0,
      weight: 1,
      listener,
      tls: null,
      contact: { uri: contact, keepsNumber: sipUser.retainDid, routes: path, connection },
    }
  })
}
