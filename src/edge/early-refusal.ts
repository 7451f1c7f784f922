// The 503 of an overload, made from the text of a request that nobody has parsed (RFC 3261 8.2.6, 21.5.4). When many times more
// comes than can be carried, refusing is what the thread does most of the time: each microsecond here is goodput. Whatever is
// not written in the plainest way, has a To tag or belongs to a transaction is left to the way that all others take.
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { answerPort } from '../call/nat.ts'
import { bareNumber } from '../directory/bare-number.ts'
import type { Flow } from '../sip/flow.ts'
import { answerVia } from '../sip/respond.ts'
import { parseVia } from '../sip/via.ts'
import type { Transactions } from '../transaction/transactions.ts'

/** What an answer repeats, as written. */
interface PlainHead {
  readonly requestLine: string
  /** Values of Via, the first one on top. */
  readonly vias: readonly string[]
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: string
}

/** A head is not longer; what is has more to it than can be said here. */
const headBytesMax = 4_096
const viasMax = 16

/** Lines that begin like a field of ours and are none: every other such line leaves the plain way. */
const others = ['Contact: ', 'Content-', 'Call-Info: ', 'Identity: ', 'Timestamp: ', 'Thread-']
const startsLikeOurs = new Set(Array.from('VvFfTtCcIi \t', (letter) => letter.charCodeAt(0)))

/** Undefined: not plain. */
export function readPlainHead(text: string): PlainHead | undefined {
  const vias: string[] = []
  let [from, to, callId, cseq] = ['', '', '', '']
  const requestLineEnd = text.indexOf('\r\n')
  for (let start = requestLineEnd + 2; start > 1 && start < text.length;) {
    const found = text.indexOf('\r\n', start)
    const end = found === -1 ? text.length : found
    if (startsLikeOurs.has(text.charCodeAt(start))) {
      if (text.startsWith('Via: ', start)) vias.push(text.slice(start + 5, end))
      else if (from === '' && text.startsWith('From: ', start)) from = text.slice(start + 6, end)
      else if (to === '' && text.startsWith('To: ', start)) to = text.slice(start + 4, end)
      else if (callId === '' && text.startsWith('Call-ID: ', start)) callId = text.slice(start + 9, end)
      else if (cseq === '' && text.startsWith('CSeq: ', start)) cseq = text.slice(start + 6, end)
      else if (!others.some((name) => text.startsWith(name, start))) return undefined
    }
    start = end + 2
  }
  if (from === '' || to === '' || callId === '' || cseq === '' || vias.length === 0 || vias.length > viasMax)
    return undefined
  return { requestLine: text.slice(0, requestLineEnd), vias, from, to, callId, cseq }
}

/** The first line of a message that nobody has parsed. */
export function requestLineOf(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n')
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end)
}

/** Whether the number dialled could be one of these; the exact answer is given when the request was parsed. */
export function mayBeEmergency(requestLine: string, numbers: readonly string[]): boolean {
  if (numbers.length === 0) return false
  if (requestLine.includes('%')) return true
  const digits = requestLine.replaceAll(/[^0-9]/g, '')
  return numbers.some((number) => digits.includes(bareNumber(number).replaceAll(/[^0-9]/g, '')))
}

/** 32 bits of a text (FNV-1a): the same tag for the same request, without a hash that costs as much as all the rest. */
function shortHash(text: string): string {
  let hash = 0x81_1c_9d_c5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01_00_01_93)
  return (hash >>> 0).toString(36)
}

export interface RefusedEarly {
  readonly bytes: Buffer
  /** Where the answer goes. */
  readonly port: number
}

export class EarlyRefusal {
  readonly #transactions: Pick<Transactions, 'isOpen'>
  /** Begins the To tags of these answers and no other tag: it makes their ACKs known without reading them. */
  readonly #mark: string
  readonly #markBytes: Buffer

  constructor(transactions: Pick<Transactions, 'isOpen'>, random: Random) {
    this.#transactions = transactions
    this.#mark = `o${randomToken(random, 16)}-`
    this.#markBytes = Buffer.from(`;tag=${this.#mark}`, 'latin1')
  }

  /** The answer to a new request of `method`; undefined: it must be looked at as a whole. */
  answer(
    bytes: Buffer,
    flow: Flow,
    about: { method: string; emergencyNumbers: readonly string[]; retryAfterSeconds: number },
  ): RefusedEarly | undefined {
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd < 0 || headEnd > headBytesMax) return undefined
    const head = readPlainHead(bytes.toString('latin1', 0, headEnd))
    if (head === undefined || !head.requestLine.startsWith(`${about.method} `)) return undefined
    // A To tag, or what looks like one, makes it a request of a dialog.
    if (/tag/i.test(head.to) || mayBeEmergency(head.requestLine, about.emergencyNumbers)) return undefined
    const top = head.vias[0] ?? ''
    const topVia = top.includes(',') ? undefined : parseVia(top)
    if (topVia === undefined || this.#transactions.isOpen(about.method, topVia, head.callId)) return undefined
    const { address, port } = flow
    const rest = head.vias.slice(1).map((via) => `Via: ${via}\r\n`)
    const tag = `${this.#mark}${shortHash(`${top}${head.callId}`)}`
    const text =
      `SIP/2.0 503 Service Unavailable\r\nVia: ${answerVia(topVia, { address, port })}\r\n${rest.join('')}From: ${head.from}\r\n` +
      `To: ${head.to};tag=${tag}\r\nCall-ID: ${head.callId}\r\nCSeq: ${head.cseq}\r\n` +
      `Retry-After: ${about.retryAfterSeconds}\r\nContent-Length: 0\r\n\r\n`
    return { bytes: Buffer.from(text, 'latin1'), port: answerPort({ topVia }, flow, 'automatic') }
  }

  /** The ACK of one of these answers, which asks for nothing. */
  isOwnAck(bytes: Buffer): boolean {
    return bytes.includes(this.#markBytes)
  }
}
