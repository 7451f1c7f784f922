// What compiles, what is refused and what is warned of, with the path of each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from '../../test/kit/rows.ts'
import type { InputError } from '../base/fault.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { rangeCount } from './cidr-trie.ts'
import { compileDirectory } from './compile.ts'
import { emptyDirectory } from './empty.ts'
import { listAt, listCount } from './number-lists.ts'

type Account = NonNullable<DeclarativeInput['carriers']>[number]
type Entry = NonNullable<Account['endpoints']>[number]

const entry = (name: string, addresses: string[], more: Partial<Entry> = {}): Entry => ({
  name,
  direction: 'sends',
  addresses,
  ...more,
})
const compile = (input: DeclarativeInput) => compileDirectory(rowsOf(input))
const paths = (errors: readonly InputError[]): string[] => errors.map(({ path }) => path)

/** Errors when carrier A lists `first` and customer B lists `second`. */
const errorsOf = (first: Entry, second: Entry, more: { a?: Partial<Account>; b?: Partial<Account> } = {}) =>
  compile({
    carriers: [{ name: 'A', endpoints: [first], ...more.a }],
    customers: [{ name: 'B', endpoints: [second], ...more.b }],
  }).errors

test('rows become indexes, targets and sets; ids and names stay, paths go', () => {
  const { directory, errors, warnings } = compile({
    carriers: [
      {
        name: 'Acme',
        endpoints: [
          entry('acme-1', ['192.0.2.10', '2001:db8::1', '10.0.0.0/8'], { direction: 'receives', port: 5070 }),
          entry('acme-2', ['192.0.2.11'], { direction: 'both', transport: 'tls' }),
          entry('acme-in', ['192.0.2.10', '192.0.2.0/28']),
        ],
      },
    ],
    customers: [{ name: 'PBX', endpoints: [entry('pbx', ['198.51.100.20'], { direction: 'both' })] }],
    routes: [
      { prefix: '+44', from: 'customers', targets: [{ carrier: 'Acme' }] },
      { prefix: '44', from: { carrier: 'Acme' }, targets: [{ customer: 'PBX' }] },
      { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }], enabled: false },
    ],
  })
  assert.deepEqual({ errors, warnings }, { errors: [], warnings: [] })
  const [acme1, acme2, acmeIn] = directory.endpoints
  assert.deepEqual(
    acme1?.targets.map((target) => target.key),
    ['carrier:Acme/acme-1/udp:192.0.2.10:5070', 'carrier:Acme/acme-1/udp:2001:db8::1:5070'],
    'a range authorises and is never called',
  )
  assert.equal(acme2?.targets[0]?.port, 5061, 'the port follows the transport')
  assert.deepEqual(acmeIn?.targets, [])
  assert.deepEqual(directory.accounts[0]?.gateways, [0, 1])
  assert.deepEqual([listCount(directory.routeLists), listAt(directory.routeLists, 0)], [1, [0, 1]], 'off is in no list')
  assert.equal(directory.routes[1]?.targets[0]?.accountIndex, 1)
  assert.equal('path' in (acme1 ?? {}), false)
  assert.deepEqual(structuredClone(directory), directory, 'it crosses to another thread unchanged')
})

test('certificates tell entries of one address apart, by name, whatever its case', () => {
  const named = (name: string, peerName?: string) =>
    entry(name, ['192.0.2.1'], peerName === undefined ? {} : { tls: { peerName } })
  assert.deepEqual(errorsOf(named('a', 'a.example'), named('b', 'b.example')), [])
  assert.deepEqual(errorsOf(named('a', 'a.example'), named('b')), [])
  assert.deepEqual(paths(errorsOf(named('a', 'A.example'), named('b', 'a.example'))), [
    'customers[0].endpoints[0].addresses[0]',
  ])
})

test('two entries that a packet would fit alike are refused, whoever owns them', () => {
  const range = ['192.0.2.0/28']
  const errors = errorsOf(entry('x', ['10.0.0.0/8', ...range]), entry('y', ['172.16.0.0/12', ...range]))
  assert.deepEqual(errors, [
    {
      path: 'customers[0].endpoints[0].addresses[1]',
      message:
        '192.0.2.0/28 is also listed by entry "x" of carrier "A" (carriers[0].endpoints[0]): nothing tells the two ' +
        'apart: set sourcePort, sourceTransports, listener or dialledPrefix, or cliAuthentication on both',
    },
  ])
  const ofOneAccount = compile({ carriers: [{ name: 'A', endpoints: [entry('x', range), entry('y', range)] }] })
  assert.deepEqual(paths(ofOneAccount.errors), ['carriers[0].endpoints[1].addresses[0]'])
  assert.equal(errorsOf(entry('x', range), entry('y', range), { b: { status: 'inactive' } }).length, 1)
  assert.equal(errorsOf(entry('x', range), entry('y', range, { action: 'deny' })).length, 1, 'allowed and denied')
})

test('a condition that tells two entries apart is enough, and it must really do so', () => {
  const tie = (a: Partial<Entry>, b: Partial<Entry>): number =>
    errorsOf(entry('x', ['192.0.2.1'], a), entry('y', ['192.0.2.1'], b)).length
  const rows: [Partial<Entry>, Partial<Entry>, number][] = [
    [{}, {}, 1],
    [{ sourcePort: 5060 }, {}, 0],
    [{ sourcePort: 5060 }, { sourcePort: 5070 }, 0],
    [{ sourcePort: 5060 }, { sourcePort: 5060 }, 1],
    [{ sourceTransports: ['udp'] }, {}, 0],
    [{ sourceTransports: ['udp', 'tcp'] }, { sourceTransports: ['tcp'] }, 1],
    [{ sourceTransports: ['udp'] }, { sourceTransports: ['tcp'] }, 0],
    [{ listener: 'a' }, { listener: 'b' }, 0],
    [{ listener: 'a' }, { listener: 'a' }, 1],
    [{ dialledPrefix: '1' }, { dialledPrefix: '2' }, 0],
    [{ dialledPrefix: '1' }, { dialledPrefix: '12' }, 0],
    [{ dialledPrefix: '+1' }, { dialledPrefix: '1' }, 1],
    [{ state: 'off' }, {}, 0],
    [{ state: 'drain' }, {}, 1],
    [{ direction: 'receives' }, {}, 0],
    [{ direction: 'both' }, {}, 1],
    [{ cliAuthentication: true }, {}, 1],
    [{ action: 'deny' }, { action: 'deny' }, 0],
  ]
  for (const [a, b, expected] of rows) assert.equal(tie(a, b), expected, JSON.stringify([a, b]))
})

test('accounts that share a source by CLI must both ask for it, and with rules that differ', () => {
  const x = entry('x', ['192.0.2.1'], { cliAuthentication: true })
  const y = entry('y', ['192.0.2.1'], { cliAuthentication: true })
  assert.deepEqual(errorsOf(x, y, { a: { cliRules: ['441', '442'] }, b: { cliRules: ['443'] } }), [])
  const [error] = errorsOf(x, y, { a: { cliRules: ['441', '442'] }, b: { cliRules: ['443', '442'] } })
  assert.match(error?.message ?? '', /both accounts have the CLI rule "442"/)
})

test('names and usernames are unique where they serve as keys', () => {
  const { errors } = compile({
    carriers: [
      { name: 'A', endpoints: [entry('x', ['192.0.2.1']), entry('x', ['192.0.2.2'])] },
      { name: 'A', sipUsers: [{ username: '441' }] },
      { name: 'B', sipUsers: [{ username: '441' }] },
    ],
    customers: [{ name: 'A', endpoints: [entry('x', ['192.0.2.3'])] }],
  })
  assert.deepEqual(paths(errors), [
    'carriers[1].name',
    'carriers[0].endpoints[1].name',
    'carriers[2].sipUsers[0].username',
  ])
  assert.match(errors[2]?.message ?? '', /^Duplicate User Detected/)
})

test('routes: targets and senders that do not exist, a SIP user of a carrier, two for the same calls', () => {
  const { errors } = compile({
    carriers: [
      { name: 'A', endpoints: [entry('x', ['192.0.2.1'], { direction: 'both' })], sipUsers: [{ username: '441' }] },
    ],
    routes: [
      { prefix: '1', targets: [{ carrier: 'A' }, { carrier: 'Nobody' }] },
      { prefix: '2', targets: [{ sipUser: '441' }] },
      { prefix: '2', from: { customer: 'Nobody' }, targets: [{ carrier: 'A' }] },
      { prefix: '1', targets: [{ carrier: 'A' }] },
      { prefix: '1', from: 'carriers', targets: [{ carrier: 'A' }] },
      { prefix: '1', targets: [{ carrier: 'A' }], enabled: false },
    ],
  })
  assert.deepEqual(paths(errors), [
    'routes[0].targets[1]',
    'routes[1].targets[0]',
    'routes[2].from',
    'routes[3].prefix',
  ])
  assert.match(errors[1]?.message ?? '', /never a target/)
})

test('the channels of SIP users fit into their account; a user without a limit counts as the whole', () => {
  const users = (...channels: number[]) =>
    compile({
      customers: [
        {
          name: 'A',
          channelsMax: 10,
          sipUsers: channels.map((channelsMax, i) => ({ username: `u${i}`, channelsMax })),
        },
      ],
    }).errors
  assert.deepEqual(users(4, 6), [])
  assert.deepEqual(users(0), [])
  assert.deepEqual(users(4, 7), [
    {
      path: 'customers[0].sipUsers[1].channelsMax',
      message: 'No channel capacity available for your account. Requested 7, remaining 6, limit 10.',
    },
  ])
  assert.equal(users(0, 1).length, 1)
})

test('what is accepted but needs a look is a warning with a path', () => {
  const { errors, warnings } = compile({
    carriers: [
      {
        name: 'A',
        gatewayFailoverMax: 3,
        endpoints: [
          entry('in', ['10.0.0.0/8', '2001:db8::/32'], { outboundProxy: [{ uri: 'sip:192.0.2.9' }] }),
          entry('out', ['192.0.2.1'], { direction: 'receives' }),
          entry('cli', ['192.0.2.2', '192.0.2.2'], { cliAuthentication: true }),
        ],
      },
    ],
    customers: [
      {
        name: 'B',
        endpoints: [
          entry('b1', ['10.1.0.0/16', '10.2.0.0/16'], { direction: 'both', addresses: ['10.1.0.0/16', '10.2.0.1'] }),
          entry('b2', ['2001:db8::9'], { direction: 'both', weight: 0 }),
          entry('b3', ['198.51.100.1'], { direction: 'receives', weight: 0, priority: 1 }),
          entry('b4', ['198.51.100.2'], { direction: 'receives', weight: 0, priority: 1 }),
        ],
      },
      { name: 'C', endpoints: [entry('c', ['203.0.113.1'])] },
    ],
    routes: [{ targets: [{ customer: 'C' }] }],
  })
  assert.deepEqual(errors, [])
  assert.deepEqual(
    warnings.map(({ path, message }) => `${path}: ${message}`),
    [
      'routes[0].targets[0]: customer "C" has no entry that receives calls',
      'carriers[0].endpoints[0].outboundProxy: has no effect: this entry only sends and is never called',
      'carriers[0].gatewayFailoverMax: failover to 3 further gateways has no effect: there is one gateway with one address',
      'customers[0].endpoints[2].weight: all 2 gateways of priority 1 have weight 0: each is drawn alike',
      'customers[0].endpoints[0].addresses[0]: 10.1.0.0/16 lies inside 10.0.0.0/8 of entry "in" of carrier "A"; the more specific range wins',
      'customers[0].endpoints[1].addresses[0]: 2001:db8::9 lies inside 2001:db8::/32 of entry "in" of carrier "A"; the more specific range wins',
      'carriers[0].endpoints[2].addresses[1]: 192.0.2.2 is listed twice',
      'carriers[0].endpoints[2].cliAuthentication: the account has no CLI rules, so that no call fits this entry',
    ],
  )
})

test('each row has its own warnings, also where the list tells them of another row', () => {
  const { warnings, rowWarnings } = compile({
    carriers: [
      {
        name: 'A',
        endpoints: [
          entry('wide', ['10.0.0.0/8']),
          entry('gw', ['192.0.2.1'], { direction: 'receives' }),
          entry('zero-1', ['192.0.2.2'], { direction: 'receives', weight: 0, priority: 1 }),
          entry('zero-2', ['192.0.2.3'], { direction: 'receives', weight: 0, priority: 1 }),
        ],
      },
      {
        name: 'B',
        endpoints: [entry('narrow', ['10.1.0.0/16']), entry('same', ['192.0.2.1'], { direction: 'receives' })],
      },
    ],
  })
  const own = [...rowWarnings.values()].map((list) => list.map(({ code, path }) => `${code} ${path}`).join())
  assert.deepEqual(own.toSorted(), [
    'address_overlap addresses[0]',
    'address_overlap addresses[0]',
    'target_shared addresses[0]',
    'target_shared addresses[0]',
    'weights_zero weight',
    'weights_zero weight',
  ])
  assert.deepEqual(
    warnings.map(({ code, path }) => `${code} ${path}`),
    [
      'weights_zero carriers[0].endpoints[2].weight',
      'address_overlap carriers[1].endpoints[0].addresses[0]',
      'target_shared carriers[1].endpoints[1].addresses[0]',
    ],
  )
  const texts = [...rowWarnings.values()].flat().map(({ message }) => message)
  assert.ok(texts.includes('10.1.0.0/16 of entry "narrow" of carrier "B" lies inside, and wins there'))
})

test('of two blocks of one range the one that lasts longer counts', () => {
  const block = (expiresAt: string | null) => ({ address: '203.0.113.66', expiresAt })
  const { directory } = compile({ blocks: [block('2030-01-01T00:00:00Z'), block(null), block('2040-01-01T00:00:00Z')] })
  assert.deepEqual([...directory.blocked.v4.values], [1])
})

test('faults are bounded, whatever is imported', () => {
  const addresses = Array.from({ length: 3_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
  const errors = errorsOf(entry('x', addresses), entry('y', addresses))
  assert.equal(errors.length, 1_001)
  assert.match(errors.at(-1)?.message ?? '', /the rest is not listed/)
})

test('before set-up the directory knows nobody', () => {
  const { accounts, routes, sources, revision } = emptyDirectory()
  assert.deepEqual(
    { accounts, routes, ranges: rangeCount(sources.trie), revision },
    { accounts: [], routes: [], ranges: 0, revision: 0 },
  )
})
