// A trace as text for people: who took part, one line for each message, then the messages themselves. Nothing in it can
// steer a terminal: control and direction characters of the peers are escaped.
import { addressOf, arrange } from './arrange.ts'
import type { Arrow, Participant } from './arrange.ts'
import type { Trace } from './trace.ts'

const columnWidth = 20

const escapeCharacter = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

/** latin1 as it passed the socket -> what it means; SIP is UTF-8 (RFC 3261 7). */
export const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

const name = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeCharacter)
const oneLine = (latin1: string): string => name(textOf(latin1))

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}~`)

const startLineOf = (text: string): string => /^[^\r\n]*/.exec(text)?.[0] ?? ''

/** `INVITE`, or `200 INVITE` for an answer: what fits on an arrow. */
export function shortName(text: string): string {
  const startLine = startLineOf(text)
  const status = /^SIP\/2\.0\s+(\d{3})/i.exec(startLine)?.[1]
  if (status === undefined) return startLine.split(' ', 1)[0] ?? ''
  const method = /^CSeq[ \t]*:\s*\d+\s+(\S+)/im.exec(text)?.[1] ?? ''
  return `${status} ${method}`.trim()
}

/** The start line, and whether SDP comes with it. */
export function summaryOf(text: string): string {
  const end = /\r?\n\r?\n/.exec(text)
  const body = end === null ? '' : text.slice(end.index + end[0].length)
  return `${startLineOf(text)}${/^v=0\r?\n/m.test(body) ? ' (SDP)' : ''}`
}

const secondsOf = (arrow: Arrow, first: Arrow | undefined): string =>
  ((arrow.message.monotonicMs - (first?.message.monotonicMs ?? 0)) / 1_000).toFixed(3).padStart(9)

/** `|--- INVITE --->|` between two of the columns. */
function drawArrow({ from, to, message }: Arrow, columns: number): string {
  const [left, right] = [Math.min(from, to), Math.max(from, to)]
  const width = (right - left) * columnWidth - 1
  const label = ` ${cut(oneLine(shortName(message.text)), columnWidth - 7)} `
  const shaft = `${'-'.repeat(Math.floor((width - label.length) / 2))}${label}`.padEnd(width, '-')
  const gap = `|${' '.repeat(columnWidth - 1)}`
  return `${gap.repeat(left)}|${to > from ? `${shaft.slice(0, -1)}>` : `<${shaft.slice(1)}`}${gap.repeat(columns - 1 - right)}|`
}

function participantLines(participants: readonly Participant[]): string[] {
  const titles = { caller: 'Caller', tollgate: 'Tollgate', gateway: 'Gateway' } as const
  return participants.map((one) => {
    const of = one.account === '' ? '' : ` of ${name(one.account)}`
    const who = one.kind === 'tollgate' ? '' : `${name(one.name)}${of}  `
    return `${titles[one.kind].padEnd(8)}  ${who}${one.addresses.map(name).join(', ')}`.trimEnd()
  })
}

function messageLines(arrow: Arrow, index: number, seconds: string): string[] {
  const { local, remote, direction, protocol, text } = arrow.message
  const [from, to] = direction === 'in' ? [remote, local] : [local, remote]
  return [
    `[${index + 1}] ${seconds.trim()} s  ${protocol} ${name(addressOf(from))} -> ${name(addressOf(to))}`,
    ...text
      .replace(/(?:\r?\n)+$/, '')
      .split(/\r?\n/)
      .map(oneLine),
    '',
  ]
}

/** @param trace masked (mask.ts). Lines end with LF. */
export function renderLadder(trace: Trace): string {
  const { participants, arrows } = arrange(trace)
  const [first, last] = [arrows[0], arrows.at(-1)]
  const started = first === undefined ? '' : `, from ${new Date(first.message.at).toISOString()}`
  const lasted = first === undefined || last === undefined ? '' : ` in ${secondsOf(last, first).trim()} s`
  const heading = participants.map((one) => cut(name(one.name), columnWidth - 2).padEnd(columnWidth)).join('')
  return [
    `Trace of ${name(trace.id)}: ${arrows.length} messages${lasted}${started}`,
    ...participantLines(participants),
    '',
    `  seconds  ${heading}`.trimEnd(),
    ...arrows.map(
      (arrow) =>
        `${secondsOf(arrow, first)}  ${drawArrow(arrow, participants.length)}  ${oneLine(summaryOf(arrow.message.text))}`,
    ),
    '',
    ...arrows.flatMap((arrow, index) => messageLines(arrow, index, secondsOf(arrow, first))),
  ].join('\n')
}
