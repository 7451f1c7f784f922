// The text of TOLLGATE_SIP_LISTEN, wildcard expansion, and how listeners are described.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCidr } from '../contract/address.ts'
import { describeListener, expandListen, parseAdvertise, parseListen } from './listener.ts'
import type { ListenSpec } from './listener.ts'
import type { LocalAddress } from './local-address.ts'
import { canonicalText, fitOf, isInside, localAddresses, ownAddress } from './local-address.ts'
import { parseAddress } from '../contract/address.ts'

const spec = (more: Partial<ListenSpec>): ListenSpec => ({
  protocol: 'udp',
  address: '127.0.0.1',
  port: 5060,
  name: null,
  advertise: null,
  ...more,
})

const local = (text: string): LocalAddress => {
  const subnet = parseCidr(text, true)
  const address = text.replace(/\/.*/, '')
  assert.ok(subnet !== undefined)
  return { address, family: subnet.family, subnet }
}

test('the list of listeners is parsed with names, advertised addresses and brackets', () => {
  assert.deepEqual(
    parseListen(
      'udp:0.0.0.0:5060, TCP:[2001:DB8:0::1]:5061;name=core;advertise=[2001:db8::2],tls:[::]:0;advertise=Sip.Example.com',
    ),
    {
      specs: [
        spec({ address: '0.0.0.0' }),
        spec({ protocol: 'tcp', address: '2001:db8::1', port: 5061, name: 'core', advertise: '2001:db8::2' }),
        spec({ protocol: 'tls', address: '::', port: 0, advertise: 'sip.example.com' }),
      ],
    },
  )
})

test('what is no listener is named, with what is accepted', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /^"" is not a listener: it does not have that form; accepted is a comma list of PROTOCOL:address:port/],
    ['udp:127.0.0.1', /does not have that form/],
    ['sctp:127.0.0.1:5060', /does not have that form/],
    ['udp:::1:5060', /does not have that form.*IPv6 in brackets/],
    ['udp:localhost:5060', /"localhost" is not an IP address/],
    ['udp:127.0.0.01:5060', /is not an IP address/],
    ['udp:[fe80::1]:5060', /link-local/],
    ['udp:127.0.0.1:65536', /port 65536 is above 65535/],
    ['udp:127.0.0.1:5060;name=a b', /the name "a b"/],
    ['udp:127.0.0.1:5060;advertise=a_b', /advertise "a_b" is neither/],
    ['udp:127.0.0.1:5060;rport', /"rport" is not known/],
    [
      'udp:127.0.0.1:5060,udp:127.0.0.1:5060;name=x',
      /^"udp:127.0.0.1:5060;name=x" is not a listener: it stands there twice/,
    ],
  ]
  for (const [text, pattern] of wrong) {
    const parsed = parseListen(text)
    assert.match('error' in parsed ? parsed.error : 'accepted', pattern, text)
  }
  assert.deepEqual([parseAdvertise('[2001:DB8::1]'), parseAdvertise('300.1.1.1')], ['2001:db8::1', undefined])
})

test('a wildcard becomes one socket per local address of its family, less those named by another entry', () => {
  const addresses = ['127.0.0.1/8', '192.0.2.2/24', '::1/128', '2001:db8::2/64'].map(local)
  const expanded = expandListen(
    [spec({ address: '0.0.0.0' }), spec({ address: '::', name: 'six' }), spec({ address: '192.0.2.2', name: 'own' })],
    addresses,
    '203.0.113.9',
  )
  assert.deepEqual(
    expanded.map((one) => [one.address, one.name, one.advertise, one.expanded]),
    [
      ['127.0.0.1', 'udp:0.0.0.0:5060', null, true],
      ['::1', 'six', null, true],
      ['2001:db8::2', 'six', null, true],
      ['192.0.2.2', 'own', '203.0.113.9', false],
    ],
  )
})

test('the advertised address of an entry comes before the one for all, which holds for its own family only', () => {
  const shown = (more: Partial<ListenSpec>, advertise: string | null): string | null | undefined =>
    expandListen([spec(more)], [], advertise)[0]?.advertise
  assert.equal(shown({ advertise: '203.0.113.1' }, '203.0.113.9'), '203.0.113.1')
  assert.equal(shown({}, '203.0.113.9'), '203.0.113.9')
  assert.equal(shown({ address: '2001:db8::2' }, '203.0.113.9'), null)
  assert.equal(shown({ address: '2001:db8::2' }, 'sip.example.com'), 'sip.example.com')
})

test('a listener is described with brackets in what Via and Contact say, and named by its real port', () => {
  const [six] = expandListen([spec({ address: '2001:db8::2', port: 0 })], [], null)
  const [four] = expandListen([spec({ name: 'core', advertise: '203.0.113.9' })], [], null)
  assert.ok(six !== undefined && four !== undefined)
  assert.deepEqual(describeListener(six, 3, 40_000), {
    id: 3,
    name: 'udp:[2001:db8::2]:40000',
    protocol: 'udp',
    family: 6,
    address: '2001:db8::2',
    port: 40_000,
    sentByHost: '[2001:db8::2]',
    sentByPort: 40_000,
  })
  const described = describeListener(four, 0, 5060)
  assert.deepEqual([described.name, described.address, described.sentByHost], ['core', '127.0.0.1', '203.0.113.9'])
})

test('a peer is best served by its own address, then loopback for loopback, then its subnet, then any but loopback', () => {
  const fit = (own: string, peer: string): number => {
    const address = parseAddress(peer)
    assert.ok(address !== undefined)
    return fitOf(local(own), address)
  }
  assert.deepEqual(
    ['192.0.2.2/24', '192.0.2.9/24', '203.0.113.1/24', '127.0.0.1/8'].map((own) => fit(own, '192.0.2.2')),
    [4, 2, 1, 0],
  )
  assert.deepEqual([fit('127.0.0.1/8', '127.0.0.5'), fit('192.0.2.2/24', '127.0.0.5')], [3, 1])
  assert.deepEqual([fit('2001:db8::1/64', '2001:db8::9'), fit('2001:db8:0:1::1/64', '2001:db8::9')], [2, 1])
})

test('ranges hold what they should, also when their length is no multiple of 8', () => {
  const holds = (range: string, text: string): boolean => {
    const [cidr, address] = [parseCidr(range), parseAddress(text)]
    assert.ok(cidr !== undefined && address !== undefined)
    return isInside(cidr, address)
  }
  assert.deepEqual(
    ['192.0.2.127', '192.0.2.128', '192.0.2.191', '192.0.2.192', '2001:db8::1'].map((text) =>
      holds('192.0.2.128/26', text),
    ),
    [false, true, true, false, false],
  )
  assert.deepEqual(
    ['fe80::1', 'febf::1', 'fec0::1'].map((text) => holds('fe80::/10', text)),
    [true, true, false],
  )
})

test('source addresses are canonical: no zone, mapped IPv4 unmapped, RFC 5952 for IPv6', () => {
  const texts = ['192.0.2.1', '::ffff:192.0.2.1', '2001:DB8:0:0::1', 'fe80::1%eth0', '::1', '::1']
  assert.deepEqual(texts.map(canonicalText), ['192.0.2.1', '192.0.2.1', '2001:db8::1', 'fe80::1', '::1', '::1'])
})

test('this machine has loopback addresses and never shows link-local ones; 127.0.0.9 stands for itself', () => {
  const addresses = localAddresses()
  assert.ok(addresses.some((one) => one.address === '127.0.0.1'))
  assert.ok(addresses.every((one) => !one.address.startsWith('fe80:')))
  assert.deepEqual(ownAddress('127.0.0.9', addresses), local('127.0.0.9'))
})
