// The messages of the load generator, byte for byte those of uac.xml and uas.xml: both generators make the same traffic.
// The number of a call stands in its branches, tags and Call-ID, and as ten digits in From, which every contestant passes on: so a
// gateway knows which call has reached it.

export interface Place {
  readonly address: string
  readonly port: number
}

const numberDigits = 10
const crlf = '\r\n'

/** What a call needs for its ACK and BYE. */
export interface Dialog {
  readonly target: string
  /** Route, From, To and Call-ID. */
  readonly lines: string
}

export const lineValue = (text: string, name: string): string => {
  const start = text.indexOf(`${crlf}${name}: `)
  if (start < 0) return ''
  const from = start + name.length + 4
  return text.slice(from, text.indexOf(crlf, from))
}

/** All lines of a header, with their ends, as they stand. */
function linesOf(text: string, name: string): string[] {
  const lines: string[] = []
  const mark = `${crlf}${name}: `
  const end = text.indexOf(crlf + crlf)
  for (let at = text.indexOf(mark); at >= 0 && at < end; at = text.indexOf(mark, at + 2))
    lines.push(text.slice(at + 2, text.indexOf(crlf, at + 2) + 2))
  return lines
}

function sdpOf(address: string, session: string, more: string): string {
  return (
    `v=0${crlf}o=bench ${session} ${session} IN IP4 ${address}${crlf}s=call${crlf}c=IN IP4 ${address}${crlf}t=0 0${crlf}` +
    `m=audio 6000 RTP/AVP ${more}`
  )
}
const callerMedia =
  `8 0 101${crlf}a=rtpmap:8 PCMA/8000${crlf}a=rtpmap:0 PCMU/8000${crlf}a=rtpmap:101 telephone-event/8000${crlf}` +
  `a=fmtp:101 0-15${crlf}a=ptime:20${crlf}a=sendrecv${crlf}`
const gatewayMedia = `8${crlf}a=rtpmap:8 PCMA/8000${crlf}a=ptime:20${crlf}`

/** Lines that make a session description `bytes` long; none when it already is. */
function padding(text: string, bytes: number): string {
  const missing = bytes - text.length
  return missing < 8 ? '' : `a=x:${'x'.repeat(missing - 6)}${crlf}`
}

const withBody = (head: string, body: string): string =>
  `${head}Content-Type: application/sdp${crlf}Content-Length: ${body.length}${crlf}${crlf}${body}`

/** Composes for one caller. */
export class CallerMessages {
  readonly #here: string
  readonly #edge: string
  readonly #run: string
  readonly #body: string

  /** @param run sets the calls of this generator apart from those of others. */
  constructor(here: Place, edge: Place, options: { readonly run: string; readonly sdpBytes: number }) {
    this.#here = `${here.address}:${here.port}`
    this.#edge = `${edge.address}:${edge.port}`
    this.#run = options.run
    const body = sdpOf(here.address, '20', callerMedia)
    this.#body = body + padding(body, options.sdpBytes)
  }

  #via(branch: string, number: number): string {
    return `Via: SIP/2.0/UDP ${this.#here};branch=z9hG4bK${this.#run}${branch}${number}${crlf}`
  }

  #from(number: number): string {
    const user = `44${String(number).padStart(numberDigits, '0')}`
    return `From: "Bench" <sip:${user}@${this.#here}>;tag=${this.#run}c${number}${crlf}`
  }

  invite(number: number): string {
    return withBody(
      `INVITE sip:441782555555@${this.#edge} SIP/2.0${crlf}${this.#via('i', number)}${this.#from(number)}` +
        `To: <sip:441782555555@${this.#edge}>${crlf}Call-ID: ${number}-${this.#run}@${this.#here}${crlf}CSeq: 1 INVITE${crlf}` +
        `Contact: <sip:bench@${this.#here}>${crlf}Max-Forwards: 70${crlf}User-Agent: bench${crlf}` +
        `Allow: INVITE, ACK, CANCEL, BYE, OPTIONS${crlf}`,
      this.#body,
    )
  }

  /** What the 200 says of the dialog (RFC 3261 12.1.2): the Record-Route lines are taken in reverse. */
  dialogOf(number: number, answer: string): Dialog {
    const contact = lineValue(answer, 'Contact')
    const routes = linesOf(answer, 'Record-Route')
      .map((line) => line.slice(7))
      .toReversed()
    return {
      target: contact.slice(contact.indexOf('<') + 1, contact.indexOf('>')),
      lines: `${routes.join('')}${this.#from(number)}To: ${lineValue(answer, 'To')}${crlf}Call-ID: ${number}-${this.#run}@${this.#here}${crlf}`,
    }
  }

  ack(number: number, { target, lines }: Dialog): string {
    return `ACK ${target} SIP/2.0${crlf}${this.#via('a', number)}${lines}CSeq: 1 ACK${crlf}Max-Forwards: 70${crlf}Content-Length: 0${crlf}${crlf}`
  }

  bye(number: number, { target, lines }: Dialog): string {
    return `BYE ${target} SIP/2.0${crlf}${this.#via('b', number)}${lines}CSeq: 2 BYE${crlf}Max-Forwards: 70${crlf}Content-Length: 0${crlf}${crlf}`
  }

  /** The ACK of a refused INVITE is of its transaction (17.1.1.3). */
  ackRefusal(number: number, answer: string): string {
    return (
      `ACK sip:441782555555@${this.#edge} SIP/2.0${crlf}${this.#via('i', number)}${this.#from(number)}To: ${lineValue(answer, 'To')}${crlf}` +
      `Call-ID: ${number}-${this.#run}@${this.#here}${crlf}CSeq: 1 ACK${crlf}Max-Forwards: 70${crlf}Content-Length: 0${crlf}${crlf}`
    )
  }
}

/** The number of the call that a request in a gateway's hands began as; -1 when it is none of ours. */
export function numberInFrom(text: string): number {
  const from = text.indexOf(`${crlf}From: `)
  const at = text.indexOf('sip:', from)
  const number = Number.parseInt(text.slice(at + 6, at + 6 + numberDigits), 10)
  return from < 0 || at < 0 || Number.isNaN(number) ? -1 : number
}

/** Composes for one gateway. */
export class GatewayMessages {
  readonly #contact: string
  readonly #body: string

  constructor(here: Place, sdpBytes: number) {
    this.#contact = `Contact: <sip:bench@${here.address}:${here.port}>${crlf}`
    const body = sdpOf(here.address, '30', gatewayMedia)
    this.#body = body + padding(body, sdpBytes)
  }

  /** 180 and 200 to an INVITE. */
  answers(request: string, tag: string): readonly [string, string] {
    const head =
      `${linesOf(request, 'Via').join('')}${linesOf(request, 'Record-Route').join('')}From: ${lineValue(request, 'From')}${crlf}` +
      `To: ${lineValue(request, 'To')};tag=${tag}${crlf}Call-ID: ${lineValue(request, 'Call-ID')}${crlf}` +
      `CSeq: ${lineValue(request, 'CSeq')}${crlf}${this.#contact}`
    return [
      `SIP/2.0 180 Ringing${crlf}${head}Content-Length: 0${crlf}${crlf}`,
      withBody(`SIP/2.0 200 OK${crlf}${head}`, this.#body),
    ]
  }
}

/** 200 to a request inside a dialog, or to one that nobody expected. */
export const plainAnswer = (request: string): string =>
  `SIP/2.0 200 OK${crlf}${linesOf(request, 'Via').join('')}From: ${lineValue(request, 'From')}${crlf}` +
  `To: ${lineValue(request, 'To')}${crlf}Call-ID: ${lineValue(request, 'Call-ID')}${crlf}` +
  `CSeq: ${lineValue(request, 'CSeq')}${crlf}Content-Length: 0${crlf}${crlf}`
