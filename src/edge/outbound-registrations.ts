// Our registrations at carriers, on the wire: sends what registrar/ asks for, answers challenges, tells health and the
// board what became of it.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Timers } from '../base/timers.ts'
import { newBranch, newCallId, newTag } from '../call/compose.ts'
import type { CallTransport, IsHome } from '../call/context.ts'
import { isChallenge } from '../call/credentials.ts'
import type { PeerCheck } from '../call/peer-check.ts'
import type { Way } from '../call/way.ts'
import type { Directory, DirectoryEndpoint } from '../directory/directory.ts'
import { registers } from '../directory/registrations.ts'
import { OutboundRegistration } from '../registrar/outbound-registration.ts'
import type { OutboundPort, OutboundView, RegisterFate } from '../registrar/outbound-registration.ts'
import { peerKey } from '../sip/flow.ts'
import type { DigestClient, DigestRound } from '../sip/digest-client.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction, ClientTransactionUser, Transactions } from '../transaction/transactions.ts'
import type { GatewayLogins } from './gateway-logins.ts'
import {
  composeRegister,
  fateOf,
  findRegistrarWay,
  phraseOf,
  registeredContact,
  registrarUri,
} from './register-request.ts'
import type { RegistrationState } from './seam.ts'

export interface RegistrationParts {
  readonly transport: CallTransport
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly transactions: Transactions
  readonly logins: GatewayLogins
  readonly log: Log
  readonly isHome?: IsHome | undefined
  /** The registrar refuses this endpoint for good, or undefined: not any more. */
  readonly onRefused: (endpointId: string, reason: string | undefined) => void
}

/** One endpoint that registers; what stays the same from REGISTER to REGISTER (10.2). */
interface Running {
  readonly key: string
  /** Everything that makes it another registration when it changes. */
  readonly facts: string
  endpoint: DirectoryEndpoint
  readonly account: string
  readonly callId: string
  readonly fromTag: string
  readonly machine: OutboundRegistration
  cseq: number
  tries: number
  contact: string
}

/** One REGISTER under way, with its answers to challenges. */
class RegisterUser implements ClientTransactionUser, PeerCheck {
  readonly #parts: RegistrationParts
  readonly #running: Running
  readonly #way: Way
  readonly #expiresSeconds: number
  readonly #login: DigestClient | undefined
  readonly #round: DigestRound = { answers: 0 }
  readonly #report: (fate: RegisterFate) => void

  constructor(
    parts: RegistrationParts,
    running: Running,
    sent: { way: Way; expiresSeconds: number; report: (fate: RegisterFate) => void },
  ) {
    this.#parts = parts
    this.#running = running
    this.#way = sent.way
    this.#expiresSeconds = sent.expiresSeconds
    this.#report = sent.report
    this.#login = parts.logins.findRegistrar(running.endpoint, sent.way.target.address)
  }

  open(): void {
    const { callId, fromTag, endpoint } = this.#running
    const branch = newBranch(this.#parts.random)
    const cseq = (this.#running.cseq += 1)
    const expiresSeconds = this.#expiresSeconds
    const request = composeRegister(endpoint, this.#way, { branch, callId, fromTag, cseq, expiresSeconds })
    this.#send(this.#login?.preempt(request)?.bytes ?? request, branch)
  }

  #send(request: Buffer, branch: string): void {
    const { transactions, transport } = this.#parts
    const { target } = this.#way
    transactions.openClient({
      request,
      method: 'REGISTER',
      branch,
      reliable: target.protocol !== 'udp',
      peer: peerKey(target),
      send: (bytes) => transport.send(bytes, target),
      user: this,
    })
  }

  acceptsResponse(response: SipMessage, address: string): boolean {
    return address === this.#way.target.address && response.callId === this.#running.callId
  }

  onResponse(transaction: ClientTransaction, response: SipMessage): void {
    if (response.status < 200) return
    if (isChallenge(response)) this.#onChallenge(transaction, response)
    else this.#settle(fateOf(this.#running.endpoint, response, this.#expiresSeconds))
  }

  #settle(fate: RegisterFate): void {
    // The next try shows fresh credentials: only so it is sure that the registrar means it.
    if (fate.kind === 'rejected') this.#login?.forget()
    this.#report(fate)
  }

  #onChallenge(transaction: ClientTransaction, challenge: SipMessage): void {
    const branch = newBranch(this.#parts.random)
    const next = { branch, cseq: this.#running.cseq + 1 }
    const answered =
      this.#login?.answer(transaction.request, challenge, this.#round, next) ?? 'no username and password are set'
    if (typeof answered === 'string') {
      this.#report({ kind: 'rejected', detail: `${phraseOf(challenge)}, ${answered}` })
      return
    }
    this.#running.cseq += 1
    this.#send(answered.bytes, branch)
  }

  onClientFailure(_transaction: ClientTransaction, why: 'timeout' | 'transport', detail: string): void {
    this.#report({ kind: 'failed', detail: why === 'timeout' ? 'no answer' : detail })
  }

  onClientTerminated(): void {
    // Its fate is known already.
  }
}

export class OutboundRegistrations implements OutboundPort {
  readonly #parts: RegistrationParts
  /** Also those that are being taken back. */
  readonly #running = new Map<string, Running>()
  /** The one of each endpoint that is not being taken back. */
  readonly #live = new Map<string, Running>()
  #generation = 0

  constructor(parts: RegistrationParts) {
    this.#parts = parts
  }

  /** How many are not over, being taken back included. */
  get count(): number {
    return this.#running.size
  }

  /** An endpoint, or its account, is another one now, or gone: registers it where that is wanted, and takes back what is not. */
  change(directory: Directory, id: string, endpoint: DirectoryEndpoint | undefined): void {
    const wanted = endpoint !== undefined && isWanted(directory, endpoint)
    const running = this.#live.get(id)
    if (running !== undefined) {
      if (wanted && factsOf(endpoint) === running.facts) {
        running.endpoint = endpoint
        return
      }
      this.#end(running)
    }
    if (wanted) this.#start(directory, endpoint)
  }

  /** Takes everything back. */
  stop(): void {
    for (const running of this.#running.values()) this.#end(running)
  }

  list(): RegistrationState[] {
    return [...this.#running.values()]
      .filter((running) => !isEnding(running))
      .map(({ endpoint, account, contact, machine }) => ({
        direction: 'out',
        endpointId: endpoint.id,
        name: endpoint.name,
        account,
        registrar: registrarUri(endpoint),
        contact,
        ...machine.view,
      }))
  }

  #start(directory: Directory, endpoint: DirectoryEndpoint): void {
    const { clock, timers, random, isHome, onRefused } = this.#parts
    this.#generation += 1
    const key = `${endpoint.id} ${this.#generation}`
    const expiresSeconds = endpoint.register?.expiresSeconds ?? 3_600
    onRefused(endpoint.id, undefined)
    const running: Running = {
      key,
      facts: factsOf(endpoint),
      endpoint,
      account: directory.accounts[endpoint.accountIndex]?.name ?? '',
      callId: newCallId(random, isHome),
      fromTag: newTag(random),
      machine: new OutboundRegistration({ clock, timers, random, port: this }, { key, expiresSeconds }),
      cseq: 0,
      tries: 0,
      contact: '',
    }
    this.#running.set(key, running)
    this.#live.set(endpoint.id, running)
  }

  #end(running: Running): void {
    this.#live.delete(running.endpoint.id)
    running.machine.end()
    this.#parts.onRefused(running.endpoint.id, undefined)
    this.#forgetIfOver(running)
  }

  #forgetIfOver(running: Running): void {
    if (running.machine.view.state === 'ended') this.#running.delete(running.key)
  }

  sendRegister(key: string, number: number, expiresSeconds: number): void {
    const running = this.#running.get(key)
    if (running === undefined) return
    const report = (fate: RegisterFate): void => {
      if (fate.kind === 'failed') running.tries += 1
      running.machine.onFate(number, fate)
      this.#forgetIfOver(running)
    }
    const { transport, random } = this.#parts
    const way = findRegistrarWay(transport, random, running.endpoint, running.tries)
    if (typeof way === 'string') {
      report({ kind: 'failed', detail: way })
      return
    }
    running.contact = registeredContact(running.endpoint, way)
    new RegisterUser(this.#parts, running, { way, expiresSeconds, report }).open()
  }

  onRegistration(key: string, { state, reason }: OutboundView): void {
    const running = this.#running.get(key)
    if (running === undefined) return
    const { endpoint, account } = running
    if (state === 'refused') this.#parts.onRefused(endpoint.id, reason)
    const level = state === 'refused' || state === 'failing' ? 'warn' : 'info'
    this.#parts.log[level]('registration', { account, endpoint: endpoint.name, state, reason })
  }
}

const isEnding = ({ machine }: Running): boolean => machine.view.state === 'ending' || machine.view.state === 'ended'

const isWanted = (directory: Directory, endpoint: DirectoryEndpoint): boolean =>
  registers(endpoint) && endpoint.state !== 'off' && directory.accounts[endpoint.accountIndex]?.status === 'active'

const factsOf = (endpoint: DirectoryEndpoint): string => {
  const { register, username, password, addresses, port, outboundProxy, listener, transport } = endpoint
  return JSON.stringify([register, username, password, addresses, port, outboundProxy, listener, transport])
}
