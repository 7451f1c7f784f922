// What the torture runners need of SIP, read as plain text, so that a mistake of our own parser cannot hide itself.

export interface Answer {
  readonly status: number
  readonly callId: string
  readonly branch: string
  readonly text: string
}

const field = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? ''

/** One response; undefined for anything else. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const text = bytes.toString('latin1')
  const status = field(text, /^SIP\/2\.0 ([1-6]\d\d) /)
  if (status === '') return undefined
  return {
    status: Number(status),
    callId: field(text, /^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)/im),
    branch: field(text, /^(?:Via|v)[ \t]*:[^\r]*?;[ \t]*branch[ \t]*=[ \t]*([^;, \r]+)/im),
    text,
  }
}

/** Splits a stream of responses; all of them carry Content-Length. */
export function takeAnswers(stream: Buffer): { readonly answers: Answer[]; readonly rest: Buffer } {
  const answers: Answer[] = []
  let rest = stream
  for (;;) {
    while (rest[0] === 0x0d || rest[0] === 0x0a) rest = rest.subarray(1)
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd === -1) return { answers, rest }
    const length = Number(
      field(rest.toString('latin1', 0, headEnd), /^(?:Content-Length|l)[ \t]*:[ \t]*(\d+)/im) || '0',
    )
    const end = headEnd + 4 + length
    if (rest.length < end) return { answers, rest }
    const answer = readAnswer(rest.subarray(0, end))
    if (answer !== undefined) answers.push(answer)
    rest = rest.subarray(end)
  }
}

/** True when the answer is one to this message: by Call-ID, or by branch where the message has none. */
export function isAnswerTo(bytes: Buffer, answer: Answer): boolean {
  const text = bytes.toString('latin1')
  const callIds = [...text.matchAll(/^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)/gim)].map((found) => found[1])
  return callIds.length > 0 ? callIds.includes(answer.callId) : text.includes(`branch=${answer.branch}`)
}

/** The ACK that ends an INVITE transaction (RFC 3261 17.1.1.3); undefined where none is due. */
export function ackFor(answer: Answer): Buffer | undefined {
  const number = field(answer.text, /^CSeq[ \t]*:[ \t]*(\d+)[ \t]+INVITE/im)
  if (number === '' || answer.status < 300) return undefined
  const kept = (pattern: RegExp): string[] => pattern.exec(answer.text)?.slice(0, 1) ?? []
  const lines = [
    'ACK sip:torture@example.com SIP/2.0',
    ...kept(/^(?:Via|v)[ \t]*:[^\r]*/im),
    ...kept(/^(?:From|f)[ \t]*:[^\r]*(?:\r\n[ \t][^\r]*)*/im),
    ...kept(/^(?:To|t)[ \t]*:[^\r]*(?:\r\n[ \t][^\r]*)*/im),
    ...kept(/^(?:Call-ID|i)[ \t]*:[^\r]*/im),
    `CSeq: ${number} ACK`,
    'Content-Length: 0',
    '',
    '',
  ]
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

let controls = 0

/** A well-formed OPTIONS that every server answers to a peer it knows. */
export function controlRequest(
  transport: 'UDP' | 'TCP',
  address: string,
): { readonly bytes: Buffer; readonly callId: string } {
  controls += 1
  const callId = `control-${process.pid}-${controls}`
  const lines = [
    `OPTIONS sip:${address} SIP/2.0`,
    `Via: SIP/2.0/${transport} control.example.com;rport;branch=z9hG4bK-${callId}`,
    'Max-Forwards: 70',
    `From: <sip:control@example.com>;tag=${controls}`,
    `To: <sip:${address}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ]
  return { bytes: Buffer.from(lines.join('\r\n'), 'latin1'), callId }
}
