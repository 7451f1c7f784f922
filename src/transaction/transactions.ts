// All transactions of one signalling thread: opens them, finds them for a message (RFC 3261 17.1.3, 17.2.3, 9.2), counts
// them. What arrives and matches nothing is the business of the rooms above.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'
import { TextTable } from '../base/text-table.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Via } from '../sip/via.ts'
import { ClientTransaction } from './client-transaction.ts'
import type { ClientTransactionOptions, ClientTransactionOwner } from './client-transaction.ts'
import type { TransactionContext } from './context.ts'
import { Finished, shortHash, shortHashes } from './finished.ts'
import { branchKey, clientKey, hasCookie, serverKey } from './match.ts'
import { PeerIndex } from './peer-index.ts'
import { ServerTransaction } from './server-transaction.ts'
import type { ServerTransactionOptions, ServerTransactionOwner } from './server-transaction.ts'
import { t1Ms, t4Ms } from './timers.ts'

export type { ClientTransaction, ClientTransactionOptions, ClientTransactionUser } from './client-transaction.ts'
export type { ServerTransaction, ServerTransactionOptions, ServerTransactionUser } from './server-transaction.ts'
export type { TransactionContext } from './context.ts'

export class Transactions {
  readonly #context: TransactionContext
  readonly #servers = new TextTable<ServerTransaction>()
  readonly #clients = new TextTable<ClientTransaction>()
  readonly #waiting = new PeerIndex<ClientTransaction>()
  /** What is left of those that were retired: servers, INVITE clients, other clients. */
  readonly #finishedServers: Finished
  readonly #finishedInvites: Finished
  readonly #finishedClients: Finished
  readonly #serverOwner: ServerTransactionOwner
  readonly #clientOwner: ClientTransactionOwner
  #count = 0

  constructor(context: TransactionContext) {
    this.#context = context
    const most = bound('transactionsMax')
    this.#finishedServers = new Finished(context, 64 * t1Ms, most)
    this.#finishedInvites = new Finished(context, 64 * t1Ms, most)
    this.#finishedClients = new Finished(context, t4Ms, most)
    this.#serverOwner = {
      onOver: (transaction) => this.#onServerOver(transaction),
      onRetired: ({ key }, note) => this.#finishedServers.add(key, note),
    }
    this.#clientOwner = {
      onHeard: (transaction) => this.#waiting.remove(transaction),
      onOver: (transaction) => this.#onClientOver(transaction),
      onRetired: ({ method, branch }, toTag, address) => {
        if (method !== 'INVITE') this.#finishedClients.add(clientKey(method, branch), 0)
        else this.#finishedInvites.add(branch, shortHash(toTag) * shortHashes + shortHash(address))
      },
    }
  }

  /** How many are not over yet, of both sides. */
  get count(): number {
    return this.#count + this.finishedCount
  }

  /** How many of them are retired. */
  get finishedCount(): number {
    return this.#finishedServers.count + this.#finishedInvites.count + this.#finishedClients.count
  }

  /** How many peers owe us a first reply to something. */
  get waitingPeerCount(): number {
    return this.#waiting.peerCount
  }

  /**
   * The transaction that this request repeats (RFC 3261 17.2.3). An ACK finds its INVITE only after a non-2xx final
   * response; every other ACK finds nothing and belongs to a dialog (RFC 6026 7.1).
   */
  findServer(request: SipMessage): ServerTransaction | undefined {
    const isAck = request.method === 'ACK'
    const found = this.#servers.get(serverKey(request, isAck ? 'INVITE' : request.method))
    const fits = isAck ? found?.isAcknowledgedBy(request) : found?.isRepeatedBy(request)
    return fits === true ? found : undefined
  }

  /** Whether a request that was not parsed may belong to a transaction: yes, where a branch of RFC 2543 does not tell. */
  isOpen(method: string, via: Via, callId: string): boolean {
    if (!hasCookie(via.branch)) return true
    const key = branchKey(method, via, callId)
    return this.#servers.has(key) || this.#finishedServers.find(key) >= 0
  }

  /** The INVITE transaction that a CANCEL means, in whatever state it is (RFC 3261 9.2). */
  findCancelled(cancel: SipMessage): ServerTransaction | undefined {
    const found = this.#servers.get(serverKey(cancel, 'INVITE'))
    return found?.isRepeatedBy(cancel) === true ? found : undefined
  }

  /** The number with which the transaction was retired that this request repeats; -1 = there is none. */
  findFinished(request: SipMessage): number {
    if (request.method === 'ACK') return -1
    return this.#finishedServers.find(serverKey(request, request.method))
  }

  /** The INVITE that a CANCEL means is answered, and retired. */
  isCancelledLate(cancel: SipMessage): boolean {
    return this.#finishedServers.find(serverKey(cancel, 'INVITE')) >= 0
  }

  /** This response belongs to a request of ours that is retired. */
  isLate(response: SipMessage): boolean {
    const branch = response.topVia.branch ?? ''
    if (response.method === 'INVITE') return this.#finishedInvites.find(branch) >= 0
    return this.#finishedClients.find(clientKey(response.method, branch)) >= 0
  }

  /** Of a late answer to INVITE: it comes from where the INVITE went. */
  isLateFrom({ topVia }: SipMessage, address: string): boolean {
    return this.#finishedInvites.find(topVia.branch ?? '') % shortHashes === shortHash(address)
  }

  /** Of a late 2xx to INVITE: its dialog was not seen before (now it was). A fork behind the gateway may open one (13.2.2.4). */
  isLateDialogNew({ topVia, toTag = '' }: SipMessage): boolean {
    const { branch = '' } = topVia
    if (Math.floor(this.#finishedInvites.find(branch) / shortHashes) === shortHash(toTag)) return false
    const key = `${branch} ${toTag}`
    if (this.#finishedInvites.find(key) >= 0) return false
    this.#finishedInvites.add(key, 0)
    return true
  }

  /** By branch and CSeq method (RFC 3261 17.1.3); that sent-by is ours was checked below (18.1.2). */
  findClient(response: SipMessage): ClientTransaction | undefined {
    const { branch } = response.topVia
    const found = branch === undefined ? undefined : this.#clients.get(clientKey(response.method, branch))
    return found?.method === response.method ? found : undefined
  }

  /** For a request that `findServer` did not find. Never for an ACK. */
  openServer(options: ServerTransactionOptions): ServerTransaction {
    const { request } = options
    assert(request.method !== 'ACK', 'an ACK opens no transaction')
    const transaction = new ServerTransaction(
      this.#context,
      this.#serverOwner,
      serverKey(request, request.method),
      options,
    )
    this.#servers.set(transaction.key, transaction)
    this.#count += 1
    return transaction
  }

  /** Sends the request at once. The branch must be new, or that of the INVITE for a CANCEL. */
  openClient(options: ClientTransactionOptions): ClientTransaction {
    const transaction = new ClientTransaction(this.#context, this.#clientOwner, options)
    const key = clientKey(transaction.method, transaction.branch)
    assert(!this.#clients.has(key), 'a branch is used once per method')
    this.#clients.set(key, transaction)
    this.#waiting.add(transaction)
    this.#count += 1
    transaction.start()
    return transaction
  }

  /** A transport error toward a peer: every client transaction that still waits for a first reply from it fails. */
  failPeer(peer: string, detail: string): void {
    for (const transaction of this.#waiting.waitingFor(peer)) if (transaction.isWaiting) transaction.failPeer(detail)
  }

  #onServerOver(transaction: ServerTransaction): void {
    this.#count -= 1
    if (this.#servers.get(transaction.key) === transaction) this.#servers.delete(transaction.key)
  }

  #onClientOver(transaction: ClientTransaction): void {
    this.#count -= 1
    this.#waiting.remove(transaction)
    this.#clients.delete(clientKey(transaction.method, transaction.branch))
  }
}
