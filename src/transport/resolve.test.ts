// RFC 3263 and RFC 2782 on answers of the test's own: which questions are asked, and what they come to.
import assert from 'node:assert/strict'
import type { NaptrRecord, SrvRecord } from 'node:dns'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import type { AddressRecord, DnsAnswer, DnsClient } from './name-server.ts'
import type { Located, LocatedTarget, NameQuestion } from './resolve.ts'
import { locate } from './resolve.ts'

class FakeDns implements DnsClient {
  readonly asked: string[] = []
  readonly answers: Readonly<Record<string, DnsAnswer<unknown>>>

  constructor(answers: Readonly<Record<string, DnsAnswer<unknown>>>) {
    this.answers = answers
  }

  #find<Answer>(question: string): Promise<DnsAnswer<Answer>> {
    this.asked.push(question)
    return Promise.resolve((this.answers[question] ?? 'none') as DnsAnswer<Answer>)
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#find(`NAPTR ${name}`)
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#find(`SRV ${name}`)
  }

  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<AddressRecord>> {
    return this.#find(`${family === 4 ? 'A' : 'AAAA'} ${name}`)
  }
}

const at = (...addresses: string[]): AddressRecord[] => addresses.map((address) => ({ address, ttl: 60 }))
const srv = (name: string, port: number, priority = 0, weight = 0): SrvRecord => ({ name, port, priority, weight })
const naptr = (service: string, replacement: string, order: number, preference = 1): NaptrRecord => ({
  service,
  replacement,
  order,
  preference,
  flags: replacement === '' ? 'a' : 's',
  regexp: '',
})

const udp: NameQuestion = { name: 'gw.example', protocol: 'udp', port: null }

function targetsOf(located: Located): readonly LocatedTarget[] {
  assert.equal(located.kind, 'found')
  return located.kind === 'found' ? located.targets : []
}

test('RFC3263-4.2: with a port only addresses are asked for, of both families', async () => {
  const dns = new FakeDns({ 'A gw.example': at('192.0.2.2', '192.0.2.1'), 'AAAA gw.example': at('2001:db8::1') })
  const located = await locate({ ...udp, port: 5080 }, [4, 6], dns)
  assert.deepEqual(dns.asked, ['A gw.example', 'AAAA gw.example'])
  assert.deepEqual(
    targetsOf(located).map(({ address, port, tier }) => [address, port, tier]),
    [
      ['192.0.2.1', 5080, 0],
      ['192.0.2.2', 5080, 0],
      ['2001:db8::1', 5080, 0],
    ],
  )
})

test('RFC3263-4.2: without NAPTR and SRV the addresses serve, at the default port of the transport', async () => {
  for (const [protocol, service, port] of [
    ['udp', '_sip._udp', 5060],
    ['tcp', '_sip._tcp', 5060],
    ['tls', '_sips._tcp', 5061],
  ] as const) {
    const dns = new FakeDns({ 'A gw.example': at('192.0.2.1') })
    const [target] = targetsOf(await locate({ ...udp, protocol }, [4], dns))
    assert.deepEqual([target?.address, target?.port], ['192.0.2.1', port])
    assert.deepEqual(dns.asked, ['NAPTR gw.example', `SRV ${service}.gw.example`, 'A gw.example'])
  }
})

test('RFC3263-4.1: the transport chooses among the NAPTR records, order before preference', async () => {
  const dns = new FakeDns({
    'NAPTR gw.example': [
      naptr('SIP+D2T', '_sip._tcp.wrong.example', 0),
      naptr('SIP+D2U', '_sip._udp.second.example', 10, 1),
      naptr('sip+d2u', '_sip._udp.first.example', 5, 9),
      naptr('SIP+D2U', '', 0, 0),
    ],
    'SRV _sip._udp.first.example': [srv('a.example', 5070)],
    'A a.example': at('192.0.2.7'),
  })
  const [target] = targetsOf(await locate(udp, [4], dns))
  assert.deepEqual([target?.address, target?.port], ['192.0.2.7', 5070])
  assert.deepEqual(dns.asked, ['NAPTR gw.example', 'SRV _sip._udp.first.example', 'A a.example'])
})

test('RFC2782: priorities become tiers, weights become chances; a weight of 0 has a very small one', async () => {
  const dns = new FakeDns({
    'SRV _sip._udp.gw.example': [
      srv('backup.example', 5062, 20, 5),
      srv('big.example', 5060, 10, 60),
      srv('small.example', 5061, 10, 20),
      srv('rare.example', 5063, 10, 0),
    ],
    'A big.example': at('192.0.2.1', '192.0.2.2'),
    'A small.example': at('192.0.2.3'),
    'A rare.example': at('192.0.2.4'),
    'A backup.example': at('192.0.2.5'),
  })
  const targets = targetsOf(await locate(udp, [4], dns))
  const chance = new Map(targets.map(({ address, tier, share }) => [`${tier} ${address}`, share]))
  assert.deepEqual([...chance.keys()].toSorted(), [
    '0 192.0.2.1',
    '0 192.0.2.2',
    '0 192.0.2.3',
    '0 192.0.2.4',
    '1 192.0.2.5',
  ])
  assert.equal(chance.get('0 192.0.2.1'), 60 / 81 / 2)
  assert.equal(chance.get('0 192.0.2.3'), 20 / 81)
  assert.equal(chance.get('0 192.0.2.4'), 1 / 81)
  assert.equal(chance.get('1 192.0.2.5'), 1)
})

test('RFC2782: a target of "." says that the service is not offered, and nothing else is asked', async () => {
  const dns = new FakeDns({ 'SRV _sip._udp.gw.example': [srv('', 5060)], 'A gw.example': at('192.0.2.1') })
  assert.deepEqual(await locate(udp, [4], dns), { kind: 'none', reason: 'udp is not offered at this name' })
  assert.equal(dns.asked.includes('A gw.example'), false)
})

test('a name that does not exist is told apart from a DNS that does not answer', async () => {
  assert.deepEqual(await locate(udp, [4, 6], new FakeDns({})), { kind: 'none', reason: 'name not found' })
  const down = ['A gw.example', 'SRV _sip._udp.gw.example'].map((key) => new FakeDns({ [key]: 'failed' }))
  for (const dns of down) assert.deepEqual(await locate(udp, [4, 6], dns), { kind: 'failed' })
  // One family without an answer does not take away the other one, but the answer is not whole.
  const half = await locate(udp, [4, 6], new FakeDns({ 'A gw.example': at('192.0.2.1'), 'AAAA gw.example': 'failed' }))
  assert.equal(half.kind === 'found' && half.partial, true)
  // NAPTR is asked for by few resolvers: where it fails, the usual SRV name serves.
  const noNaptr = new FakeDns({ 'NAPTR gw.example': 'failed', 'A gw.example': at('192.0.2.1') })
  assert.equal((await locate(udp, [4], noNaptr)).kind, 'found')
})

test('the smallest time to live counts; addresses that no peer can have do not', async () => {
  const records = [
    { address: '192.0.2.1', ttl: 90 },
    { address: '192.0.2.2', ttl: 40 },
    { address: '0.0.0.0', ttl: 1 },
    { address: '239.1.2.3', ttl: 1 },
    { address: '255.255.255.255', ttl: 1 },
  ]
  const located = await locate(
    { ...udp, port: 5060 },
    [4, 6],
    new FakeDns({ 'A gw.example': records, 'AAAA gw.example': at('::', 'ff02::1') }),
  )
  assert.deepEqual(
    targetsOf(located).map(({ address }) => address),
    ['192.0.2.1', '192.0.2.2'],
  )
  assert.equal(located.kind === 'found' && located.ttlSeconds, 40)
})

test('a thousand records are cut to the bound, the nearest first; the same place twice is one target', async () => {
  const many = Array.from({ length: 1_000 }, (_, i) => srv(`host${i % 500}.example`, 5060, i))
  const answers = Object.fromEntries(many.map(({ name }, i) => [`A ${name}`, at(`10.0.${i >> 8}.${i & 255}`)]))
  const dns = new FakeDns({ ...answers, 'SRV _sip._udp.gw.example': many.toReversed() })
  const targets = targetsOf(await locate(udp, [4], dns))
  assert.equal(targets.length, bound('dnsTargetsMax'))
  assert.deepEqual([targets[0]?.tier, targets.at(-1)?.tier], [0, bound('dnsTargetsMax') - 1])
  const twice = new FakeDns({
    'SRV _sip._udp.gw.example': [srv('a.example', 5060, 1, 1), srv('b.example', 5060, 1, 3), srv('c.example', 5060, 2)],
    'A a.example': at('192.0.2.1'),
    'A b.example': at('192.0.2.1'),
    'A c.example': at('192.0.2.1'),
  })
  assert.deepEqual(targetsOf(await locate(udp, [4], twice)), [{ address: '192.0.2.1', port: 5060, tier: 0, share: 1 }])
})
