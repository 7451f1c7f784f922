import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { randomBelow, seededRandom } from '../base/random.ts'
import {
  escapeUser,
  isUri,
  parseTelUri,
  parseUri,
  schemeOf,
  serializeUri,
  splitUser,
  unescapeUser,
  uriParameter,
} from './uri.ts'

const wellFormed = [
  'sip:alice@atlanta.com',
  'sip:alice:secretword@atlanta.com;transport=tcp',
  'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
  'sip:+1-212-555-1212:1234@gateway.com;user=phone',
  'sips:1212@gateway.com',
  'sip:alice@192.0.2.4',
  'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
  'sip:alice;day=tuesday@atlanta.com',
  'sip:bob@[2001:db8::9:1]:5070;transport=udp',
  'sip:[::1]',
  'sip:1234#99@192.0.2.1:5080;lr',
  'sip:a@host_name.example;x',
]

test('RFC3261-19.1.3: the examples are read and written back as they were', () => {
  for (const text of wellFormed) {
    const uri = parseUri(text)
    assert(uri !== undefined, text)
    assert.equal(serializeUri(uri), text)
    assert.deepEqual(parseUri(serializeUri(uri)), uri)
  }
})

test('RFC3261-19.1.1: the parts', () => {
  assert.deepEqual(parseUri('SIP:+1234;phone-context=x:pw@Example.COM:5070;lr;Transport=TCP?a=b'), {
    scheme: 'sip',
    user: '+1234;phone-context=x',
    password: 'pw',
    host: 'example.com',
    port: 5070,
    parameters: ';lr;Transport=TCP',
    headers: '?a=b',
  })
  assert.equal(parseUri('sip:bob@[2001:DB8::1]')?.host, '[2001:db8::1]')
})

test('malformed URIs are no URIs', () => {
  const malformed = [
    '',
    'sip',
    'sip:',
    'sip:@',
    'sip:@h',
    'sip:a@',
    'sip:a@b@c',
    'sip::pw@h',
    'sip:[',
    'sip:[]',
    'sip:[::1',
  ]
  const ports = ['sip:h:', 'sip:h:0', 'sip:h:65536', 'sip:h:99999999999', 'sip:h:5x', 'sip:h:-1', 'sip:[::1]5060']
  const signs = [
    'sip:a b@h',
    'sip:a@h h',
    'sip:<a@h>',
    'sip:a"b@h',
    'sip:a%zz@h',
    'sip:a%4@h',
    'sip:a@h;x=\n',
    'sip:h?a=<b>',
  ]
  for (const text of [...malformed, ...ports, ...signs, 'tel:+1', 'alan@jasomi.com', 'sip:h/x'])
    assert.equal(parseUri(text), undefined, text)
})

test('RFC3261-19.1.1: parameters by name in any case', () => {
  const uri = parseUri('sip:a@h;LR;transport=tcp;m%61ddr=10.0.0.1')
  assert(uri !== undefined)
  assert.equal(uriParameter(uri, 'lr'), '')
  assert.equal(uriParameter(uri, 'Transport'), 'tcp')
  assert.equal(uriParameter(uri, 'maddr'), '10.0.0.1')
  assert.equal(uriParameter(uri, 'ttl'), undefined)
})

test('RFC3261-19.1.2: user parts are unescaped once, and control characters stay escaped', () => {
  assert.equal(unescapeUser('%31%32%2B'), '12+')
  assert.equal(unescapeUser('%2541'), '%41')
  for (const text of ['%00', '%0D%0A', '%7f', '%', '%4', '%zz']) assert.equal(unescapeUser(text), text)
  assert.equal(escapeUser('1234#99'), '1234%2399')
  assert.equal(escapeUser('a b@c:d%'), 'a%20b%40c%3Ad%25')
  assert.equal(escapeUser('+49;phone-context=x'), '+49;phone-context=x')
  assert.equal(escapeUser('\u00fc'), '%FC')
  assert.equal(escapeUser('\u20ac'), '%E2%82%AC')
})

test('what is escaped can stand in a URI and comes back', () => {
  for (let code = 0; code < 256; code++) {
    const text = `1${String.fromCharCode(code)}2`
    const uri = parseUri(`sip:${escapeUser(text)}@h`)
    assert(uri !== undefined, text)
    const isControl = code < 0x20 || code === 0x7f
    assert.equal(unescapeUser(uri.user ?? ''), isControl ? escapeUser(text) : text)
  }
})

test('RFC3966-3: tel URIs; number and parameters of a user part', () => {
  assert.deepEqual(splitUser('+1234;phone-context=x'), { number: '+1234', parameters: ';phone-context=x' })
  assert.deepEqual(splitUser('1234'), { number: '1234', parameters: '' })
  assert.deepEqual(parseTelUri('tel:+1-201-555-0123;ext=1'), { number: '+1-201-555-0123', parameters: ';ext=1' })
  assert.equal(parseTelUri('tel:'), undefined)
  assert.equal(parseTelUri('tel:1 2'), undefined)
  assert.equal(parseTelUri('sip:1@h'), undefined)
})

test('RFC3986-3.1: schemes', () => {
  assert.equal(schemeOf('SoAp.Beep://h'), 'soap.beep')
  for (const text of ['', ':x', '1a:x', 'a b:c', 'nothing']) assert.equal(schemeOf(text), '', text)
  assert(isUri('urn:service:sos'))
  assert(!isUri('urn:'))
  assert(!isUri('urn:a b'))
})

test('mutated URIs never throw, and what is read can be written and read again', () => {
  const random = seededRandom(seeds.mutatedUris)
  const signs = '@:;?<>[]%"\\ \t\r\n,=&/#aA19.\u0000\u00ff'
  let read = 0
  for (let i = 0; i < counts.mutatedUris; i++) {
    let text = wellFormed[randomBelow(random, wellFormed.length)] ?? ''
    for (let left = randomBelow(random, 4); left >= 0; left--) {
      const at = randomBelow(random, text.length + 1)
      const sign = signs[randomBelow(random, signs.length)] ?? ''
      text = text.slice(0, at) + sign + text.slice(at + randomBelow(random, 3))
    }
    const uri = parseUri(text)
    if (uri === undefined) continue
    read += 1
    assert.deepEqual(parseUri(serializeUri(uri)), uri, text)
    assert(uri.port === undefined || (uri.port > 0 && uri.port < 65_536))
  }
  console.log(`${counts.mutatedUris} mutated URIs, seed ${seeds.mutatedUris}: ${read} still well formed`)
  assert(read > counts.mutatedUris / 10)
})
