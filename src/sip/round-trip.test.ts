import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { type Random, randomBelow, randomToken, seededRandom } from '../base/random.ts'
import { headerIds, headerName } from './header.ts'
import type { SipMessage } from './message.ts'
import { parseDatagram, parseFramed } from './parse.ts'
import { MessageWriter, headerSet } from './serialize.ts'

const pick = <T>(random: Random, values: readonly T[]): T => values[randomBelow(random, values.length)] as T

/** Blanks, also folded, as they may stand around separators. */
const blanks = (random: Random): string => pick(random, ['', '', '', ' ', '\t', '  ', '\r\n ', ' \r\n\t '])
const word = (random: Random): string => randomToken(random, 1 + randomBelow(random, 12))
const name = (random: Random, text: string): string => pick(random, [text, text.toLowerCase(), text.toUpperCase()])

const address = (random: Random): string => {
  const uri = `sip:${word(random)}@${pick(random, ['example.com', '192.0.2.1:5070', '[2001:db8::1]'])}`
  const display = pick(random, ['', `${word(random)} `, `"${word(random)}, \\"x\\""${blanks(random)}`])
  return `${display}<${uri}${pick(random, ['', ';lr', ';transport=tcp?x=y'])}>`
}

/** One message as text, with every freedom that the grammar leaves. */
function write(random: Random): string {
  const b = (): string => blanks(random)
  const method = pick(random, ['INVITE', 'BYE', 'OPTIONS', word(random)])
  const body = pick(random, ['', 'v=0\r\n', '\0\xff\r\n\r\n'])
  const via = (): string =>
    `SIP${b()}/${b()}2.0${b()}/${b()}UDP ${b()}h${b()};${b()}branch${b()}=${b()}z9${word(random)}`
  const fields = [
    [name(random, pick(random, ['Via', 'v'])), pick(random, [via(), `${via()}${b()},${b()}${via()}`])],
    [name(random, pick(random, ['From', 'f'])), `${address(random)}${b()};${b()}tag${b()}=${b()}${word(random)}`],
    [name(random, pick(random, ['To', 't'])), address(random)],
    [name(random, pick(random, ['Call-ID', 'i'])), word(random)],
    [name(random, 'CSeq'), `00${randomBelow(random, 99)} ${b()}${method}`],
    ...Array.from({ length: randomBelow(random, 4) }, () => [
      `X-${word(random)}`,
      `${word(random)}${b()}\xe2\x82\xac,;`,
    ]),
    ...Array.from({ length: randomBelow(random, 3) }, () => [
      'Route',
      `${address(random)}${b()},${b()}${address(random)}`,
    ]),
  ]
  if (body !== '' || randomBelow(random, 2) === 0)
    fields.push([pick(random, ['l', 'Content-Length']), String(body.length)])
  const start = pick(random, [`${method} sip:${word(random)}@h SIP/2.0`, 'SIP/2.0 180 Ringing'])
  const colon = (): string => pick(random, [':', ' :', '\t: ', ': '])
  return [start, ...fields.map(([key, value]) => `${key}${colon()}${b()}${value}${b()}`), '', body].join('\r\n')
}

const writer = new MessageWriter()
const rewrite = (message: SipMessage): Buffer =>
  (message.kind === 'request'
    ? writer.requestLine(message.method, message.requestUri)
    : writer.statusLine(message.status, message.reasonPhrase)
  )
    .copyHeaders(message, headerSet())
    .finish(message.body)

const fieldsOf = (message: SipMessage): string[] =>
  Array.from(
    { length: message.headerCount },
    (_, i) => `${message.headerNameAt(i)}: ${message.headerValueAt(i)}`,
  ).filter((_, i) => message.headerIdAt(i) !== headerIds.contentLength)

test('what is parsed, written and parsed again is the same message', () => {
  const random = seededRandom(seeds.roundTrips)
  for (let i = 0; i < counts.roundTrips; i++) {
    const text = write(random)
    const first = parseDatagram(Buffer.from(text, 'latin1'))
    assert(first.kind !== 'fault', JSON.stringify([first.kind === 'fault' && first.detail, text]))
    const written = rewrite(first)
    const second = parseFramed(written)
    assert(second.kind !== 'fault', text)
    assert.deepEqual(rewrite(second), written)
    assert.deepEqual(fieldsOf(second), fieldsOf(first))
    for (const key of [
      'kind',
      'method',
      'requestUri',
      'status',
      'callId',
      'cseq',
      'topVia',
      'from',
      'to',
      'body',
    ] as const)
      assert.deepEqual(second[key], first[key], key)
    assert.match(first.topVia.branch ?? '', /^z9/)
    assert.notEqual(first.fromTag, undefined)
    assert.equal(
      first.values(headerIds.route).every((value) => value.endsWith('>')),
      true,
      headerName(headerIds.route),
    )
  }
  console.log(`${counts.roundTrips} messages there and back, seed ${seeds.roundTrips}`)
})
