// A gateway that only answers OPTIONS: 200 by RFC 3261 8.2.6, with received and rport (RFC 3581). Shares no code with
// the product.
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'

export interface Responder {
  readonly port: number
  /** How many OPTIONS it has answered. */
  readonly answered: () => number
  close(): Promise<void>
}

interface Source {
  readonly address: string
  readonly port: number
}

const headerLines = (text: string): string[] => (text.split('\r\n\r\n')[0] ?? '').split('\r\n').slice(1)
const namesHeader = (line: string, long: string, short: string): boolean =>
  new RegExp(`^(?:${long}|${short})[ \\t]*:`, 'i').test(line)

/** The top Via as it goes back: where the request came from, if it asked for that or said otherwise. */
function answeredVia(line: string, source: Source): string {
  const rport = line.replace(/;rport(?=[;,]|$)/i, `;rport=${source.port};received=${source.address}`)
  const sentBy = /SIP\/2\.0\/\w+\s+([^;:\s]+)/i.exec(line)?.[1]
  return rport === line && sentBy !== source.address ? `${line};received=${source.address}` : rport
}

interface Reply {
  /** `200 OK`. */
  readonly status: string
  /** Further header lines. */
  readonly lines?: readonly string[]
  readonly body?: string
}

/** A reply to any request: Via, From, To, Call-ID and CSeq as RFC 3261 8.2.6.2 has them. */
export function answerTo(text: string, source: Source, { status, lines: more = [], body = '' }: Reply): string {
  const lines = headerLines(text)
  const vias = lines.filter((line) => namesHeader(line, 'via', 'v'))
  const kept = (long: string, short: string): string[] => lines.filter((line) => namesHeader(line, long, short))
  const to = kept('to', 't').map((line) =>
    /;tag=/i.test(line) || status.startsWith('100') ? line : `${line};tag=gateway`,
  )
  return [
    `SIP/2.0 ${status}`,
    ...vias.map((line, at) => (at === 0 ? answeredVia(line, source) : line)),
    ...kept('record-route', 'record-route'),
    ...kept('from', 'f'),
    ...to,
    ...kept('call-id', 'i'),
    ...kept('cseq', 'cseq'),
    ...more,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export const answerOptions = (text: string, source: Source): string | undefined =>
  text.startsWith('OPTIONS ') ? answerTo(text, source, { status: '200 OK' }) : undefined

/** Port 0 = any free port. */
export async function openResponder(address: string, port: number): Promise<Responder> {
  const socket: Socket = createSocket('udp4')
  let answered = 0
  socket.on('message', (bytes, source) => {
    const answer = answerOptions(bytes.toString('latin1'), source)
    if (answer === undefined) return
    answered += 1
    socket.send(Buffer.from(answer, 'latin1'), source.port, source.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    answered: () => answered,
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}
