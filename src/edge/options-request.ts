// One OPTIONS to a gateway, the way calls go and with the credentials that calls use: for health, and for tests.
import type { Random } from '../base/random.ts'
import { contactValue, newBranch, newCallId, newTag, viaValue } from '../call/compose.ts'
import type { CallTransport, IsHome } from '../call/context.ts'
import { isChallenge } from '../call/credentials.ts'
import type { Logins } from '../call/credentials.ts'
import type { PeerCheck } from '../call/peer-check.ts'
import type { Way } from '../call/way.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { peerKey } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { messageWriter } from '../sip/serialize.ts'
import { escapeUser } from '../sip/uri.ts'
import type { ClientTransaction, ClientTransactionUser, Transactions } from '../transaction/transactions.ts'

export interface OptionsParts {
  readonly transport: CallTransport
  readonly random: Random
  readonly transactions: Transactions
  readonly logins: Logins
  readonly isHome?: IsHome | undefined
}

export interface OptionsOrder {
  readonly way: Way
  readonly gateway: GatewayTarget
  readonly endpoint: DirectoryEndpoint
  /** Number that is asked about; '' = the gateway itself. */
  readonly user: string
}

export interface OptionsListener {
  /** The request under way: the first, then the one that answers a challenge. */
  onOpen(transaction: ClientTransaction): void
  /** The final response; a challenge only when it cannot be answered. */
  onReply(response: SipMessage): void
  /** The way that it took is broken. Silence is for the listener to time. */
  onBroken(detail: string): void
  /** Its messages are in no trace (tracing.ts). */
  readonly untraced?: true
}

/** The Call-ID, so that the messages can be found. */
export function openOptions(parts: OptionsParts, order: OptionsOrder, listener: OptionsListener): string {
  const { transport, random, transactions, logins } = parts
  const { way, endpoint } = order
  const login = logins.find(endpoint, way.target.address)
  const round = { answers: 0 }
  const open = (request: Buffer, branch: string): void =>
    listener.onOpen(
      transactions.openClient({
        request,
        method: 'OPTIONS',
        branch,
        reliable: way.target.protocol !== 'udp',
        peer: peerKey(way.target),
        send: (bytes) => transport.send(bytes, way.target),
        user,
      }),
    )
  const answer = (sent: ClientTransaction, challenge: SipMessage): boolean => {
    const next = { branch: newBranch(random), cseq: round.answers + 2 }
    const authorised = login?.answer(sent.request, challenge, round, next)
    if (authorised === undefined || typeof authorised === 'string') return false
    open(authorised.bytes, next.branch)
    return true
  }
  const user: ClientTransactionUser & PeerCheck = {
    acceptsResponse: (_response, address) => address === way.target.address || endpoint.addresses.includes(address),
    onResponse: (transaction, response) => {
      if (response.status < 200) return
      if (!isChallenge(response) || !answer(transaction, response)) listener.onReply(response)
    },
    onClientFailure: (_transaction, why, detail) => {
      if (why === 'transport') listener.onBroken(detail)
    },
    onClientTerminated: () => undefined,
    ...(listener.untraced === undefined ? {} : { untraced: listener.untraced }),
  }
  const callId = newCallId(random, parts.isHome)
  const branch = newBranch(random)
  const request = composeOptions(random, order, { branch, callId })
  open(login?.preempt(request)?.bytes ?? request, branch)
  return callId
}

function composeOptions(random: Random, order: OptionsOrder, fresh: { branch: string; callId: string }): Buffer {
  const { way, gateway, user } = order
  const address = gateway.address.includes(':') ? `[${gateway.address}]` : gateway.address
  const host = gateway.host ?? `${address}:${gateway.port}`
  const transport = gateway.protocol === 'udp' ? '' : `;transport=${gateway.protocol}`
  const uri = `sip:${user === '' ? '' : `${escapeUser(user)}@`}${host}${transport}`
  const writer = messageWriter().requestLine('OPTIONS', uri).header('Via', viaValue(way.listener, fresh.branch))
  for (const route of way.routes) writer.header('Route', route)
  return writer
    .header('Max-Forwards', '70')
    .header('From', `<sip:${way.listener.sentByHost}>;tag=${newTag(random)}`)
    .header('To', `<${uri}>`)
    .header('Call-ID', fresh.callId)
    .header('CSeq', '1 OPTIONS')
    .header('Contact', contactValue(way.listener))
    .header('Accept', 'application/sdp')
    .finish()
}
