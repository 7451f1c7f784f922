// Golden texts: what a person reads when a call is refused. Each names the entry that was compared and the value that lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, PolicyRig } from '../../test/kit/policy-rig.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import type { Refusal, SourceFacts } from './verdict.ts'

const input: DeclarativeInput = {
  system: { realm: 'sip.example.net', emergencyNumbers: ['112'] },
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        { name: 'acme-1', direction: 'receives', addresses: ['192.0.2.30'], channelsMax: 1 },
        { name: 'acme-2', direction: 'receives', addresses: ['192.0.2.31'], state: 'drain' },
        { name: 'acme-in', direction: 'sends', addresses: ['192.0.2.0/28'] },
        { name: 'acme-tcp', direction: 'sends', addresses: ['192.0.2.40'], sourceTransports: ['tcp'] },
        { name: 'acme-port', direction: 'sends', addresses: ['192.0.2.41'], sourcePort: 5070 },
        { name: 'acme-prefix', direction: 'sends', addresses: ['192.0.2.42'], dialledPrefix: '99' },
        { name: 'acme-second', direction: 'sends', addresses: ['192.0.2.43'], listener: 'second' },
        { name: 'acme-off', direction: 'sends', addresses: ['192.0.2.44'], state: 'off' },
        { name: 'acme-hole', direction: 'sends', addresses: ['192.0.2.8/29'], action: 'deny' },
        { name: 'acme-digest', direction: 'sends', addresses: ['192.0.2.45'], alsoRequireDigest: true },
      ],
    },
    { name: 'Old', status: 'inactive', endpoints: [{ name: 'old', direction: 'both', addresses: ['192.0.2.50'] }] },
  ],
  customers: [
    {
      name: 'PBX',
      channelsMax: 1,
      callsPerSecondMax: 2,
      cliRules: ['441'],
      endpoints: [
        { name: 'pbx', direction: 'both', addresses: ['198.51.100.20'] },
        { name: 'pbx-cli', direction: 'sends', addresses: ['198.51.100.21'], cliAuthentication: true },
        { name: 'pbx-drain', direction: 'sends', addresses: ['198.51.100.22'], state: 'drain' },
        { name: 'twin-1', direction: 'sends', addresses: ['198.51.100.23'] },
        { name: 'twin-2', direction: 'sends', addresses: ['198.51.100.23'] },
      ],
    },
  ],
  routes: [
    { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] },
    { prefix: '4420', from: 'carriers', targets: [{ customer: 'PBX' }] },
    { prefix: '33', targets: [{ carrier: 'Old' }] },
    { prefix: '34', targets: [{ customer: 'PBX' }] },
  ],
  blocks: [{ address: '203.0.113.0/24', reason: 'scanner' }],
}

interface Case {
  readonly title: string
  readonly facts: SourceFacts
  readonly prepare?: (rig: PolicyRig) => void
  readonly answer: string
  readonly headers?: Refusal['headers']
  readonly lines: readonly string[]
}

const noBlock = (address: string): string => `screen: no block in force contains ${address}`
const pbx = [
  noBlock('198.51.100.20'),
  'identify: pbx of customer PBX lists 198.51.100.20 and fits',
  'identify: caller is pbx of customer PBX',
]

const cases: readonly Case[] = [
  {
    title: 'nobody lists the source',
    facts: factsOf('192.0.2.20', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.20'),
      'identify: acme-1 of carrier Acme lists 192.0.2.30, source 192.0.2.20 is outside',
      'identify: acme-2 of carrier Acme lists 192.0.2.31, source 192.0.2.20 is outside',
      'identify: acme-in of carrier Acme lists 192.0.2.0/28, source 192.0.2.20 is outside',
      'identify: acme-hole of carrier Acme lists 192.0.2.8/29, source 192.0.2.20 is outside',
      'identify: acme-tcp of carrier Acme lists 192.0.2.40, source 192.0.2.20 is outside',
      'identify: no entry lists 192.0.2.20; 15 ranges are configured',
    ],
  },
  {
    title: 'the address only receives',
    facts: factsOf('192.0.2.30', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.30'),
      'identify: acme-1 of carrier Acme lists 192.0.2.30, but it only receives calls and authorises none',
      'identify: no entry fits 192.0.2.30',
    ],
  },
  {
    title: 'another transport',
    facts: factsOf('192.0.2.40', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.40'),
      'identify: acme-tcp of carrier Acme lists 192.0.2.40, but it wants transport tcp, this came by udp',
      'identify: no entry fits 192.0.2.40',
    ],
  },
  {
    title: 'another source port',
    facts: factsOf('192.0.2.41', '44', { port: 5061 }),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.41'),
      'identify: acme-port of carrier Acme lists 192.0.2.41, but it wants source port 5070, this is 5061',
      'identify: no entry fits 192.0.2.41',
    ],
  },
  {
    title: 'another dialled prefix',
    facts: factsOf('192.0.2.42', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.42'),
      'identify: acme-prefix of carrier Acme lists 192.0.2.42, but it wants dialled prefix 99, dialled is 44',
      'identify: no entry fits 192.0.2.42',
    ],
  },
  {
    title: 'another listener',
    facts: factsOf('192.0.2.43', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.43'),
      'identify: acme-second of carrier Acme lists 192.0.2.43, but it wants listener second, this came in by main',
      'identify: no entry fits 192.0.2.43',
    ],
  },
  {
    title: 'an entry that is off',
    facts: factsOf('192.0.2.44', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.44'),
      'identify: acme-off of carrier Acme lists 192.0.2.44, but its state is off',
      'identify: no entry fits 192.0.2.44',
    ],
  },
  {
    title: 'a hole in a range',
    facts: factsOf('192.0.2.9', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.9'),
      'identify: acme-hole of carrier Acme lists 192.0.2.8/29 around 192.0.2.9 and fits',
      'identify: acme-hole of carrier Acme denies 192.0.2.9',
    ],
  },
  {
    title: 'an entry that also requires digest, before anybody proved to be a SIP user',
    facts: factsOf('192.0.2.45', '44'),
    answer: '407 Proxy Authentication Required',
    lines: [
      noBlock('192.0.2.45'),
      'identify: acme-digest of carrier Acme lists 192.0.2.45 and fits',
      'identify: acme-digest of carrier Acme also requires the digest of a SIP user of its account',
    ],
  },
  {
    title: 'an inactive account',
    facts: factsOf('192.0.2.50', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('192.0.2.50'),
      'identify: old of carrier Old lists 192.0.2.50, but the account is inactive',
      'identify: no entry fits 192.0.2.50',
    ],
  },
  {
    title: 'a blocked source',
    facts: factsOf('203.0.113.66', '44'),
    answer: '403 Forbidden',
    lines: ['screen: source 203.0.113.66 is blocked by 203.0.113.0/24 without end: scanner'],
  },
  {
    title: 'two entries alike',
    facts: factsOf('198.51.100.23', '44'),
    answer: '403 IP Not Authorised',
    lines: [
      noBlock('198.51.100.23'),
      'identify: twin-1 of customer PBX lists 198.51.100.23 and fits',
      'identify: twin-2 of customer PBX lists 198.51.100.23 and fits',
      'identify: twin-1 of customer PBX and twin-2 of customer PBX fit 198.51.100.23 alike',
    ],
  },
  {
    title: 'a CLI that no rule allows',
    facts: factsOf('198.51.100.21', '44', { fromUser: '442' }),
    answer: '403 CLI restriction in effect',
    lines: [
      noBlock('198.51.100.21'),
      'identify: pbx-cli of customer PBX lists 198.51.100.21, but no CLI rule of the account matches 442',
      'identify: no entry fits 198.51.100.21',
    ],
  },
  {
    title: 'a draining sender',
    facts: factsOf('198.51.100.22', '44'),
    answer: '503 Service Unavailable',
    lines: [
      noBlock('198.51.100.22'),
      'identify: pbx-drain of customer PBX lists 198.51.100.22 and fits',
      'identify: pbx-drain of customer PBX is draining and takes no new calls',
    ],
  },
  {
    title: 'no number',
    facts: factsOf('198.51.100.20', '+'),
    answer: '404 Invalid Number',
    lines: [...pbx, 'normalise: the number is empty'],
  },
  {
    title: 'a number that is too long',
    facts: factsOf('198.51.100.20', '4'.repeat(129)),
    answer: '404 Invalid Number',
    lines: [...pbx, 'normalise: the number has 129 characters, at most 128 are routed'],
  },
  {
    title: 'no route',
    facts: factsOf('192.0.2.1', '4499'),
    answer: '404 No Route To Destination',
    lines: [
      noBlock('192.0.2.1'),
      'identify: acme-in of carrier Acme lists 192.0.2.0/28 around 192.0.2.1 and fits',
      'identify: caller is acme-in of carrier Acme',
      'normalise: destination 4499, CLI 441782000000',
      'find-route: route 44 from customers is not for carrier Acme',
      'find-route: no route for 4499; 4 prefixes are configured, closest: 44, 4420',
    ],
  },
  {
    title: 'a route for others only',
    facts: factsOf('198.51.100.20', '35'),
    answer: '404 No Route To Destination',
    lines: [
      ...pbx,
      'normalise: destination 35, CLI 441782000000',
      'find-route: no route for 35; 4 prefixes are configured, closest: 33, 34',
    ],
  },
  {
    title: 'a route back to the caller',
    facts: factsOf('198.51.100.20', '34'),
    answer: '404 No Route To Destination',
    lines: [
      ...pbx,
      'normalise: destination 34, CLI 441782000000',
      'find-route: 34 takes the route 34 from anybody',
      'rank: pbx udp:198.51.100.20:5060 of customer PBX: left out: the call comes from this account',
    ],
  },
  {
    title: 'a carrier that is not active',
    facts: factsOf('198.51.100.20', '33'),
    answer: '503 No Gateway Available',
    lines: [
      ...pbx,
      'normalise: destination 33, CLI 441782000000',
      'find-route: 33 takes the route 33 from anybody',
      'rank: old udp:192.0.2.50:5060 of carrier Old: left out: the account is inactive',
    ],
  },
  {
    title: 'gateways red and draining',
    facts: factsOf('198.51.100.20', '44'),
    prepare: (rig) => rig.red.set('carrier:Acme/acme-1/udp:192.0.2.30:5060', 'OPTIONS timed out 3 times'),
    answer: '503 No Gateway Available',
    lines: [
      ...pbx,
      'normalise: destination 44, CLI 441782000000',
      'find-route: 44 takes the route 44 from customers',
      'rank: acme-1 udp:192.0.2.30:5060 of carrier Acme: left out: red: OPTIONS timed out 3 times',
      'rank: acme-2 udp:192.0.2.31:5060 of carrier Acme: left out: its state is drain',
    ],
  },
  {
    title: 'the only gateway full',
    facts: factsOf('198.51.100.20', '44'),
    prepare: (rig) => {
      const target = rig.directory.endpoints[0]?.targets[0]
      assert.ok(target)
      rig.limits.admitGateway('other', target, rig.directory, false)
    },
    answer: '503 Service Unavailable',
    headers: [
      ['Warning', '399 sip.example.net "channels of the gateway endpoint are full"'],
      ['Reason', 'Q.850;cause=34'],
    ],
    lines: [
      ...pbx,
      'normalise: destination 44, CLI 441782000000',
      'find-route: 44 takes the route 44 from customers',
      'rank: acme-1 udp:192.0.2.30:5060 of carrier Acme: left out: endpoint acme-1 is full: 1 of 1 channels used',
      'rank: acme-2 udp:192.0.2.31:5060 of carrier Acme: left out: its state is drain',
    ],
  },
  {
    title: 'the caller has no channel left',
    facts: factsOf('198.51.100.20', '44'),
    prepare: (rig) => void rig.call(factsOf('198.51.100.20', '44')),
    answer: '503 Service Unavailable',
    headers: [
      ['Warning', '399 sip.example.net "channels of the account are full"'],
      ['Reason', 'Q.850;cause=34'],
    ],
    lines: [
      ...pbx,
      'normalise: destination 44, CLI 441782000000',
      'find-route: 44 takes the route 44 from customers',
      'rank: acme-1 udp:192.0.2.30:5060 of carrier Acme: priority 0, share 100 %',
      'rank: acme-2 udp:192.0.2.31:5060 of carrier Acme: left out: its state is drain',
      'draw: carrier Acme: acme-1 udp:192.0.2.30:5060',
      'admit: account PBX: 1 of 1 channels used, 1 of 2 calls per second used',
      'admit: no limit: the system, endpoint pbx, route 44',
      'admit: refused: account PBX is full: 1 of 1 channels used',
    ],
  },
  {
    title: 'the caller is too fast',
    facts: factsOf('198.51.100.20', '44'),
    prepare: (rig) => {
      for (let i = 0; i < 2; i++) {
        const { outcome } = rig.call(factsOf('198.51.100.20', '44'))
        assert.ok(outcome.kind === 'route')
        outcome.permit.release()
      }
    },
    answer: '503 Service Unavailable',
    headers: [
      ['Warning', '399 sip.example.net "calls per second of the account are used up"'],
      ['Reason', 'Q.850;cause=34'],
    ],
    lines: [
      ...pbx,
      'normalise: destination 44, CLI 441782000000',
      'find-route: 44 takes the route 44 from customers',
      'rank: acme-1 udp:192.0.2.30:5060 of carrier Acme: priority 0, share 100 %',
      'rank: acme-2 udp:192.0.2.31:5060 of carrier Acme: left out: its state is drain',
      'draw: carrier Acme: acme-1 udp:192.0.2.30:5060',
      'admit: account PBX: 0 of 1 channels used, 2 of 2 calls per second used',
      'admit: no limit: the system, endpoint pbx, route 44',
      'admit: refused: account PBX is too fast: 2 of 2 calls per second used',
    ],
  },
]

for (const { title, facts, prepare, answer, headers, lines } of cases)
  test(`refused: ${title}`, () => {
    const rig = new PolicyRig(input)
    prepare?.(rig)
    const live = rig.call(facts)
    const refusal = live.outcome
    assert.ok(refusal.kind === 'refuse')
    assert.deepEqual(
      [`${refusal.status} ${refusal.reasonPhrase}`, refusal.headers, live.lines],
      [answer, headers ?? [], lines],
    )
    const dry = new PolicyRig(input)
    prepare?.(dry)
    const simulated = dry.simulate(facts)
    assert.deepEqual(simulated.outcome, refusal, 'a simulation says the same')
    assert.deepEqual(
      simulated.lines.filter((line) => !line.startsWith('draw:')),
      lines.filter((line) => !line.startsWith('draw:')),
    )
  })
