import assert from 'node:assert/strict'
import { isIP, isIPv6 } from 'node:net'
import { test } from 'node:test'
import { addressText, cidrText, isHostName, parseAddress, parseCidr } from './address.ts'

const text = (written: string): string | undefined => {
  const address = parseAddress(written)
  return address === undefined ? undefined : addressText(address)
}

test('RFC5952-4: one canonical text for every way to write an address', () => {
  for (const [written, canonical] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[2001:db8::1]', '2001:db8::1'],
  ] as const)
    assert.equal(text(written), canonical, written)
})

test('what is no address is none: octal, short and long forms, zones, stray colons', () => {
  for (const written of [
    '',
    '010.1.2.3',
    '10.1',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.4 ',
    '0x7f.0.0.1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    ':1',
    '12345::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '[1.2.3.4]',
  ])
    assert.equal(text(written), undefined, written)
})

test('agrees with the platform about 20,000 texts near to addresses', () => {
  let seed = 7
  const next = (bound: number): number => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % bound
  const pieces = ['0', '1', '25', '255', '256', '01', 'ffff', 'a', 'g', '.', '.', ':', ':', '::', '192.0.2.1']
  for (let round = 0; round < 20_000; round += 1) {
    const written = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join('')
    assert.equal(parseAddress(written) !== undefined, isIP(written) !== 0, written)
    const canonical = text(written)
    if (canonical !== undefined && isIPv6(canonical)) assert.equal(text(canonical), canonical)
  }
})

test('ranges: host bits are a fault unless they may be masked; a mapped range is its IPv4 range', () => {
  const range = (written: string, mask = false): string | undefined => {
    const cidr = parseCidr(written, mask)
    return cidr === undefined ? undefined : cidrText(cidr)
  }
  assert.equal(range('192.0.2.0/24'), '192.0.2.0/24')
  assert.equal(range('192.0.2.1/24'), undefined)
  assert.equal(range('192.0.2.1/24', true), '192.0.2.0/24')
  assert.equal(range('192.0.2.1/32'), '192.0.2.1')
  assert.equal(range('0.0.0.0/0'), '0.0.0.0/0')
  assert.equal(range('::/0'), '::/0')
  assert.equal(range('2001:db8::/33'), '2001:db8::/33')
  assert.equal(range('::ffff:192.0.2.0/120'), '192.0.2.0/24')
  for (const written of [
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '192.0.2.0/024',
    '::/129',
    '::ffff:192.0.2.0/24',
  ])
    assert.equal(range(written), undefined, written)
})

test('RFC1123-2.1: host names, which are never confused with addresses', () => {
  for (const name of ['sip.example.net', 'a', 'xn--bcher-kva.example', '1a.example']) assert.ok(isHostName(name), name)
  for (const name of [
    '',
    '-a.example',
    'a-.example',
    'a..b',
    '10.1',
    '300.1.2.3',
    'a_b',
    'a'.repeat(64),
    '2001:db8::1',
  ])
    assert.ok(!isHostName(name), name)
})
