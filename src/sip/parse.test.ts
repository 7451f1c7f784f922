import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { headerIds } from './header.ts'
import { type ParseFault, parseDatagram, parseFramed } from './parse.ts'

const required = [
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c1',
  'CSeq: 1 OPTIONS',
]

interface Written {
  readonly start?: string
  readonly without?: string
  readonly extra?: readonly string[]
  readonly body?: string
}

function write({ start = 'OPTIONS sip:b@example.com SIP/2.0', without = '-', extra = [], body = '' }: Written): Buffer {
  const kept = required.filter((line) => !line.startsWith(`${without}:`))
  return Buffer.from([start, ...kept, ...extra, '', body].join('\r\n'), 'latin1')
}

function faultOf(bytes: Buffer): ParseFault {
  const result = parseDatagram(bytes)
  assert(result.kind === 'fault', bytes.toString('latin1'))
  return result
}

const refused = (written: Written, reason: string, status = 400): void => {
  const fault = faultOf(write(written))
  assert.deepEqual([fault.reason, fault.status], [reason, status], JSON.stringify(written))
}

const accepted = (written: Written): void => {
  const result = parseDatagram(write(written))
  assert.equal(result.kind === 'fault' ? `${result.reason} in ${write(written).toString('latin1')}` : '', '')
}

test('RFC3261-8.1.1: each mandatory field is missed; Max-Forwards is not', () => {
  accepted({})
  for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) refused({ without: name }, 'missing_header')
})

test('RFC4475-3.3.8: a field that stands once may not stand twice, in either spelling', () => {
  for (const line of ['f: <sip:a@example.com>;tag=1', 't: <sip:b@example.com>', 'i: c1', 'CSeq: 1 OPTIONS'])
    refused({ extra: [line] }, 'duplicate_header')
  for (const line of ['Max-Forwards: 5', 'Content-Type: text/plain', 'Expires: 5', 'Refer-To: <sip:x@y>'])
    refused({ extra: [line, line] }, 'duplicate_header')
})

test('RFC3261-7.1: request lines', () => {
  for (const start of [
    'OPTIONS',
    'OPTIONS ',
    'OPTIONS sip:b@h',
    ' OPTIONS sip:b@h SIP/2.0',
    'OPT(IONS sip:b@h SIP/2.0',
  ])
    refused({ start }, 'request_line')
  for (const start of [
    'OPTIONS sip:b@h SIP/2.0 ',
    'OPTIONS sip:b@h HTTP/1.1',
    'OPTIONS sip:b@h SIP/2',
    'OPTIONS\tsip:b@h\tSIP/2.0',
  ])
    refused({ start }, 'request_line')
  for (const uri of [' sip:b@h', 'sip:b@h ', 'sip:b @h', '<sip:b@h>', 'b@h', 'sip:b@h?x=y', 'sip:', 'sip:b@h:0'])
    refused({ start: `OPTIONS ${uri} SIP/2.0` }, 'request_uri')
  for (const uri of ['sip:?b@h', 'tel:+1?x', 'urn:service:sos', 'sip:h', 'sips:b@[::1]:5061;lr'])
    accepted({ start: `OPTIONS ${uri} sip/2.0` })
})

test('RFC3261-21.5.6: another version is 505', () => {
  for (const version of ['SIP/7.0', 'SIP/2.1', 'SIP/1.0', 'sip/3.0', 'SIP/22.0'])
    refused({ start: `OPTIONS sip:b@h ${version}` }, 'sip_version', 505)
})

test('RFC3261-7.2: status lines; a faulty response is dropped', () => {
  for (const start of ['SIP/2.0 200 OK', 'SIP/2.0 100 ', 'sip/2.0 699 x', 'SIP/2.0 200']) accepted({ start })
  for (const status of ['99', '099', '700', '1000', '20', '2x0', '', ' 200', '-20', '4294967301'])
    refused({ start: `SIP/2.0 ${status} OK` }, 'status_line')
  for (const start of ['SIP/2.0 999 x', 'SIP/3.0 200 OK', 'SIP/2.0 200 OK'])
    assert.equal(faultOf(write({ start, extra: ['CSeq: 2 OPTIONS'] })).message, undefined)
})

test('RFC3261-8.1.1.5: CSeq is a number below 2^31 and the method of the request', () => {
  const cseq = (value: string): Written => ({ without: 'CSeq', extra: [`CSeq: ${value}`] })
  for (const value of ['0 OPTIONS', '2147483647 OPTIONS', '0001\tOPTIONS', '1  OPTIONS']) accepted(cseq(value))
  for (const value of ['', '1', 'OPTIONS', '-1 OPTIONS', '1OPTIONS', '1 OPTIONS x', '0x1 OPTIONS', '1e3 OPTIONS'])
    refused(cseq(value), 'cseq')
  for (const value of ['2147483648', '4294967296', '36893488147419103232']) refused(cseq(`${value} OPTIONS`), 'cseq')
  for (const value of ['1 INVITE', '1 options', '1 OPTION']) refused(cseq(value), 'cseq_method')
})

test('RFC3261-20: malformed identities', () => {
  for (const value of ['', '<sip:a@h', '<sip:a@h>;tag=', '<sip:a@h>;tag', '<sip:a@h>;tag=1;tag=2', '<sip:a@h>;;']) {
    refused({ without: 'From', extra: [`From: ${value}`] }, 'from')
    refused({ without: 'To', extra: [`To: ${value}`] }, 'to')
  }
  for (const value of ['', 'a b', 'a\tb', 'a\\\u0001b'])
    refused({ without: 'Call-ID', extra: [`Call-ID: ${value}`] }, 'call_id')
  for (const value of ['', '-1', '1.5', '0x10', '5,5']) refused({ extra: [`Max-Forwards: ${value}`] }, 'max_forwards')
  accepted({ extra: ['Max-Forwards: 300'] })
  for (const value of ['', 'SIP/2.0/UDP h,', 'SIP/2.0/UDP h;;x'])
    refused({ without: 'Via', extra: [`Via: ${value}`] }, 'via')
  refused({ extra: ['Via: SIP/2.0/UDP h, nonsense'] }, 'via')
})

test('malformed addresses of requests are refused; a response with one can still end its call', () => {
  for (const value of ['', '<sip:a@h>,', 'sip:a@h?x=y', '*, <sip:a@h>', '"x <sip:a@h>']) {
    refused({ extra: [`Contact: ${value}`] }, 'contact')
    accepted({ start: 'SIP/2.0 200 OK', extra: [`Contact: ${value}`] })
  }
  accepted({ extra: ['Contact: *'] })
  accepted({ extra: ['Contact: "a, b" <sip:a@h>, sip:c@d;q=0.1', 'm: <sip:e@f>'] })
  refused({ extra: ['Route: sip'] }, 'route')
  refused({ extra: ['Record-Route: <sip:h;lr>, x'] }, 'record_route')
})

test('RFC3261-7.3.1: lines of the head end with CRLF and nothing else', () => {
  const whole = write({ extra: ['X-Pad: a'] }).toString('latin1')
  const broken = [
    whole.replace('X-Pad: a\r\n', 'X-Pad: a\nContent-Length: 4\r\n'),
    whole.replace('X-Pad: a\r\n', 'X-Pad: a\rContent-Length: 4\r\n'),
    whole.replace('X-Pad: a\r\n', 'X-Pad: a\r\r\n'),
    whole.replace('X-Pad: a\r\n\r\n', 'X-Pad: a\n\n'),
    whole.replace('X-Pad: a\r\n\r\n', 'X-Pad: a\r\n\n'),
    whole.replaceAll('\r\n', '\n'),
    whole.replaceAll('\r\n', '\r'),
    whole.replace('X-Pad: a', 'X-Pad: a\\\n'),
  ]
  for (const text of broken)
    assert.equal(faultOf(Buffer.from(text, 'latin1')).reason, 'bare_line_end', JSON.stringify(text))
})

test('RFC3261-7.3.1: names are tokens, blanks stand before the colon at most, control characters nowhere', () => {
  for (const line of ['no colon here', ': empty', 'Two words: x', 'Na(me: x', 'N\u00e4me: x', '"q": x'])
    refused({ extra: [line] }, 'malformed_header')
  for (const line of ['X-A\u0000: x', 'X-A: x\u0000y', 'X-A: \u0001', 'X-A: x\u007f', 'X-A\u000b: x'])
    refused({ extra: [line] }, 'control_character')
  for (const line of ['X-A \t : x', 'X-A:', "X-!%*_+`'~.-: x", 'X-A: "\\\u0000"', 'X-A: \u00ff'])
    accepted({ extra: [line] })
  const folded = write({}).toString('latin1').replace('SIP/2.0\r\n', 'SIP/2.0\r\n folded: x\r\n')
  assert.equal(faultOf(Buffer.from(folded, 'latin1')).reason, 'malformed_header')
})

const wrongLengths = ['', '-1', '+5', '1e3', '0x20', '5,5', '5 5', '5.0', 'five', '\u0665', '5;', '1\r\n 0']

test('RFC3261-20.14: Content-Length is pure digits, in one reading only', () => {
  for (const value of wrongLengths) refused({ extra: [`Content-Length: ${value}`] }, 'content_length')
  for (const value of ['2', '  2\t', '002', '\r\n 2', '2\r\n ']) {
    const result = parseDatagram(write({ extra: [`Content-Length: ${value}`], body: 'abcd' }))
    assert(result.kind === 'request', JSON.stringify(value))
    assert.equal(result.body.toString(), 'ab')
  }
  for (const value of [
    '2147483647',
    '2147483648',
    '4294967296',
    '4294967328',
    '9007199254740994',
    `1${'0'.repeat(30)}`,
  ])
    refused({ extra: [`l: ${value}`], body: 'x'.repeat(32) }, 'truncated')
})

test('RFC4475-3.3.9: two Content-Length fields agree or are refused', () => {
  refused({ extra: ['Content-Length: 0', 'l: 1'], body: 'x' }, 'content_length')
  refused({ extra: ['l: 1', 'Content-Length: 0'], body: 'x' }, 'content_length')
  accepted({ extra: ['Content-Length: 1', 'l: 01'], body: 'x' })
})

test('RFC3261-18.3: a datagram may end after the message, never before; without Content-Length the body ends it', () => {
  const whole = parseDatagram(write({ body: 'abcd' }))
  assert(whole.kind === 'request')
  assert.equal(whole.body.toString(), 'abcd')
  refused({ extra: ['Content-Length: 5'], body: 'abcd' }, 'truncated')
  const bytes = write({ extra: ['Content-Length: 4'], body: 'abcd' })
  for (let end = 4; end < bytes.length; end++)
    assert.equal(faultOf(bytes.subarray(0, end)).reason, 'truncated', String(end))
  assert.equal(faultOf(Buffer.alloc(0)).reason, 'empty')
  assert.equal(faultOf(Buffer.from('\r\n\r\n')).reason, 'empty')
})

test('RFC3261-7.5: empty lines before the start line are skipped', () => {
  const result = parseDatagram(Buffer.concat([Buffer.from('\r\n\r\n'), write({ extra: ['l: 1'], body: 'x' })]))
  assert(result.kind === 'request')
  assert.equal(result.callId, 'c1')
  assert.equal(result.bytes.toString('latin1').slice(0, 7), 'OPTIONS')
  assert.equal(result.body.toString(), 'x')
})

test('a framed message is exactly one message', () => {
  const bytes = write({ extra: ['l: 1'], body: 'x' })
  assert.equal(parseFramed(bytes).kind, 'request')
  assert.equal(parseFramed(Buffer.concat([bytes, bytes])).kind, 'fault')
  assert.equal(parseFramed(bytes.subarray(0, -1)).kind, 'fault')
  assert.equal(parseFramed(write({})).kind, 'fault')
})

test('bounds: header fields, Via values, bytes', () => {
  const fields = bound('headersMax') - required.length
  accepted({ extra: Array.from({ length: fields }, () => 'X-A: y') })
  refused({ extra: Array.from({ length: fields + 1 }, () => 'X-A: y') }, 'too_many_headers')
  const vias = Array.from({ length: bound('viaMax') - 1 }, () => 'SIP/2.0/UDP h').join(', ')
  accepted({ extra: [`Via: ${vias}`] })
  refused({ extra: [`Via: ${vias}, SIP/2.0/UDP h`] }, 'too_many_vias')
  refused({ body: 'x'.repeat(bound('messageBytesMax')) }, 'too_large', 413)
  refused({ extra: [`X-A: ${'y'.repeat(bound('messageBytesMax'))}`, 'Subject: x'] }, 'too_large', 413)
})

test('of a head that is too large the answer is made from the fields before the end', () => {
  const long = `X-A: ${'y'.repeat(bound('messageBytesMax'))}`
  const { message } = faultOf(write({ extra: ['Subject: x', long, 'Organization: z'] }))
  assert.deepEqual([message?.callId, message?.value(headerIds.subject)], ['c1', 'x'])
  assert.equal(message?.find(headerIds.organization), -1)
  assert.equal(message.lineEndAt(message.headerCount - 1), message.headEnd)
  assert.ok(message.headEnd < 1_000)
})

test('a fault carries what could be read, and nothing where no answer may be sent', () => {
  const faulty = { without: 'To', extra: ['Subject: x'] }
  const message = faultOf(write(faulty)).message
  assert.equal(message?.callId, 'c1')
  assert.equal(message?.topVia.host, '192.0.2.1')
  assert.deepEqual(message?.to, { displayName: '', uri: '', parameters: '' })
  assert.equal(message?.toTag, undefined)
  const start = 'ACK sip:b@example.com SIP/2.0'
  assert.equal(faultOf(write({ ...faulty, start })).message, undefined)
  assert.equal(faultOf(write({ without: 'Via' })).message, undefined)
  const cut = faultOf(write({}).subarray(0, -5))
  assert.equal(cut.message?.callId, 'c1')
  assert.deepEqual(cut.message?.cseq, { number: 0, method: '' })
})
