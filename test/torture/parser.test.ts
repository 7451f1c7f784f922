// RFC 4475 against the parser and the stream framer: every row of the table, and what single messages are about.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseDatagram, parseFramed } from '../../src/sip/parse.ts'
import { buildResponse } from '../../src/sip/respond.ts'
import { StreamFramer } from '../../src/sip/stream-framer.ts'
import { parseUri, schemeOf, unescapeUser, uriParameter } from '../../src/sip/uri.ts'
import { utf8 } from '../../src/sip/characters.ts'
import { headerParameter, parseNameAddr } from '../../src/sip/name-addr.ts'
import { type TortureRow, tortureTable } from './table.ts'

const tag = (row: TortureRow): string => (row.section === '-' ? 'RFC4475-3' : `RFC4475-${row.section}`)

function parsed(name: string): SipMessage {
  const row = tortureTable.find((one) => one.name === name)
  assert(row !== undefined, name)
  const result = parseDatagram(row.bytes)
  assert(result.kind !== 'fault', `${name}: ${JSON.stringify(result)}`)
  return result
}

test('the table holds every message of the archive once', () => {
  assert.equal(tortureTable.length, 51)
  assert.equal(new Set(tortureTable.map((row) => row.name)).size, 51)
})

for (const row of tortureTable) {
  test(`${tag(row)}: ${row.name} (${row.title}): the parser ${row.parser}s it`, () => {
    const result = parseDatagram(row.bytes)
    assert.equal(result.kind === 'fault' ? result.reason : undefined, row.fault)
    // What must be read and is refused all the same is refused for its meaning, and was read to its end.
    if (row.parser === 'accept' && result.kind === 'fault') {
      assert.equal(result.reason, 'missing_header')
      assert.equal(result.message?.bytes.length, row.bytes.length)
    }
    if (row.parser === 'reject') assert.equal(result.kind, 'fault')
  })

  test(`${tag(row)}: ${row.name}: a refusal has the status that is expected, and can be built`, () => {
    const result = parseDatagram(row.bytes)
    if (result.kind !== 'fault') return
    const statuses = row.udp.filter((one) => /^\d+$/.test(one))
    if (statuses.length > 0) assert(statuses.includes(String(result.status) as never), `${result.status}`)
    if (result.message === undefined) {
      assert(row.silenceAllowed)
      return
    }
    const answer = buildResponse(result.message, { status: result.status, toTag: 'mine' })
    const framer = new StreamFramer()
    framer.push(answer)
    assert(Buffer.isBuffer(framer.next()))
    assert.equal(framer.pendingBytes, 0)
  })

  test(`${tag(row)}: ${row.name}: a stream gives ${row.stream}`, () => {
    const framer = new StreamFramer()
    framer.push(row.bytes)
    const found: Buffer[] = []
    let last = framer.next()
    for (; Buffer.isBuffer(last); last = framer.next()) found.push(last)
    const ended = last === undefined ? 'waits' : 'closes'
    assert.equal(['', 'one', 'two'][found.length] || ended, row.stream)
    if (row.stream === 'one') assert.deepEqual(parseFramed(found[0] as Buffer).kind, parseDatagram(row.bytes).kind)
  })
}

test('RFC4475-3.1.1.1: folding, blanks around separators, compact names and lists', () => {
  const message = parsed('wsinv')
  assert.equal(message.values(headerIds.via).length, 3)
  assert.equal(message.topVia.host, '192.0.2.2')
  assert.equal(message.topVia.transport, 'UDP')
  assert.equal(message.maxForwards, 68)
  assert.deepEqual(message.cseq, { number: 9, method: 'INVITE' })
  assert.equal(message.toTag, '1918181833n')
  assert.equal(message.fromTag, '98asjd8')
  assert.equal(message.from.displayName, String.raw`"J Rosenberg \\\""`)
  assert.equal(message.value(headerIds.subject), '')
  assert.equal(message.valueOf('UnknownHeaderWithUnusualValue'), ';;,,;;,;')
  assert.equal(message.valueOf('newfangledheader'), 'newfangled value continued newfangled value')
  assert.equal(headerParameter(message.contact?.parameters ?? '', 'q'), '0.33')
  assert.equal(message.body.length, 150)
})

test('RFC4475-3.1.1.2: every character of a token, NUL in a quoted pair, UTF-8 in a parameter', () => {
  const message = parsed('intmeth')
  assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~")
  assert.equal(parseUri(message.requestUri)?.host, 'example.com')
  assert.equal(message.to.displayName, '"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f"')
  assert.equal(utf8(headerParameter(message.from.parameters, "fromParam''~+*_!.-%") ?? ''), 'работающий')
})

test('RFC4475-3.1.1.3: escapes are resolved once and do not move the end of the user part', () => {
  const message = parsed('esc01')
  const uri = parseUri(message.requestUri)
  assert.equal(uri?.host, 'example.net')
  assert.equal(unescapeUser(uri?.user ?? ''), 'sips:user@example.com')
  const contact = parseUri(message.contact?.uri ?? '')
  assert(contact !== undefined)
  assert.equal(uriParameter(contact, 'lr'), '')
  assert.equal(uriParameter(contact, 'name'), 'v%61lue%25%34%31')
  assert.equal(unescapeUser('value%2541'), 'value%41')
})

test('RFC4475-3.1.1.4: escaped NULs do not shorten a user part', () => {
  const message = parsed('escnull')
  assert.equal(unescapeUser(parseUri(message.to.uri)?.user ?? ''), 'null-%00-null')
  const users = message.values(headerIds.contact).map((value) => parseUri(parseNameAddr(value)?.uri ?? '')?.user)
  assert.deepEqual(users, ['%00', '%00%00'])
})

test('RFC4475-3.1.1.5: no escapes in methods and header names', () => {
  const message = parsed('esc02')
  assert.equal(message.method, 'RE%47IST%45R')
  assert.equal(message.values(headerIds.contact).length, 2)
  assert.equal(message.valueOf('C%6Fntact'), '<sip:alias2@host2.example.com>')
})

test('RFC4475-3.1.1.7: long values are echoed byte for byte, with all 34 Via values', () => {
  const message = parsed('longreq')
  assert.equal(message.values(headerIds.via).length, 34)
  assert.equal(message.topVia.branch, undefined)
  const answer = parseDatagram(buildResponse(message, { status: 404, toTag: 'mine' }))
  assert(answer.kind === 'response')
  assert.deepEqual(answer.values(headerIds.via), message.values(headerIds.via))
  assert.equal(answer.callId, message.callId)
  assert.equal(answer.value(headerIds.to), `${message.value(headerIds.to)};tag=mine`)
  assert.equal(answer.value(headerIds.from), message.value(headerIds.from))
})

test('RFC4475-3.1.1.8: bytes after the end of the message in a datagram are ignored', () => {
  const message = parsed('dblreq')
  assert.equal(message.method, 'REGISTER')
  assert.equal(message.bytes.length, 300)
  assert.equal(message.body.length, 0)
})

test('RFC4475-3.1.1.9: a semicolon in the user part belongs to the user part', () => {
  const uri = parseUri(parsed('semiuri').requestUri)
  assert.equal(uri?.user, 'user;par=u%40example.net')
  assert.equal(uri?.host, 'example.com')
  assert.equal(uri?.parameters, '')
})

test('RFC4475-3.1.1.10: unknown transports are read', () => {
  assert.equal(parsed('transports').topVia.transport, 'UDP')
  assert.equal(parsed('transports').values(headerIds.via).length, 5)
})

test('RFC4475-3.1.1.11: a binary body stays as it is', () => {
  const message = parsed('mpart01')
  assert.equal(message.body.length, 553)
  assert(message.body.includes(0))
  assert.equal(message.topVia.rport, '')
})

test('RFC4475-3.1.1.12: UTF-8 in a reason phrase', () => {
  assert.equal(utf8(parsed('unreason').reasonPhrase), '= 2**3 * 5**2 но сто девяносто девять - простое')
  assert.equal(parsed('noreason').reasonPhrase, '')
})

test('RFC4475-3.3.2: unknown schemes are read and named', () => {
  assert.equal(schemeOf(parsed('unkscm').requestUri), 'nobodyknowsthisscheme')
  assert.equal(schemeOf(parsed('novelsc').requestUri), 'soap.beep')
})

test('RFC4475-3.3.12: parameters belong to the header without brackets and to the URI with them', () => {
  const outside = parsed('cparam01').contact
  assert.equal(headerParameter(outside?.parameters ?? '', 'unknownparam'), '')
  assert.equal(outside?.uri, 'sip:+19725552222@gw1.example.net')
  const inside = parsed('cparam02').contact
  assert.equal(inside?.parameters, '')
  assert.equal(parseUri(inside?.uri ?? '')?.parameters, ';unknownparam')
})

test('RFC4475-3.3.14: headers in a URI are kept apart', () => {
  const uri = parseUri(parsed('regescrt').contact?.uri ?? '')
  assert.equal(uri?.headers, '?Route=%3Csip:sip.example.com%3E')
  assert.equal(uri?.host, 'example.com')
})

test('RFC4475-3.4.1: RFC 2543: no branch, no From tag, no Max-Forwards, body to the end of the datagram', () => {
  const message = parsed('inv2543')
  assert.equal(message.topVia.branch, undefined)
  assert.equal(message.fromTag, undefined)
  assert.equal(message.maxForwards, undefined)
  assert.equal(message.body.length, 105)
})
