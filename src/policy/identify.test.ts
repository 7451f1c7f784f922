// Who is calling: ranges, conditions, CLI, states; and that a wrong answer is always a refusal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { factsOf, PolicyRig } from '../../test/kit/policy-rig.ts'
import { rowsOf } from '../../test/kit/rows.ts'
import { randomBelow, seededRandom, type Random } from '../base/random.ts'
import { parseAddress, type IpAddress } from '../contract/address.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { compileDirectory } from '../directory/compile.ts'
import { Explanation } from './explanation.ts'
import { identify, isKnownSource } from './identify.ts'
import type { SourceFacts } from './verdict.ts'

type Entry = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>[number]
type Account = Omit<NonNullable<DeclarativeInput['carriers']>[number], 'name'>

const entry = (name: string, addresses: string[], more: Partial<Entry> = {}): Entry => ({
  name,
  direction: 'sends',
  addresses,
  ...more,
})

/** One carrier for each list of entries, named A, B, ... */
const rigOf = (entries: Entry[][], more: Account[] = []) =>
  new PolicyRig({
    carriers: entries.map((endpoints, i) => ({ name: 'ABCDEF'[i] ?? 'Z', endpoints, ...more[i] })),
  })

/** `account/entry`, or status and reason of the refusal. */
function who(rig: PolicyRig, facts: SourceFacts): string {
  const found = rig.identify(facts)
  return 'kind' in found
    ? `${found.status} ${found.reasonPhrase} (${found.code})`
    : `${found.account.name}/${found.endpoint?.name ?? found.sipUser?.username ?? ''}`
}

const unknown = '403 IP Not Authorised (source_unknown)'

test('the most specific range wins, whoever owns the wider one', () => {
  const rig = rigOf([[entry('wide', ['10.0.0.0/8', '::/0'])], [entry('narrow', ['10.1.2.0/24', '2001:db8::/64'])]])
  assert.equal(who(rig, factsOf('10.1.2.3', '1')), 'B/narrow')
  assert.equal(who(rig, factsOf('10.1.3.3', '1')), 'A/wide')
  assert.equal(who(rig, factsOf('::ffff:10.1.2.3', '1')), 'B/narrow', 'IPv4-mapped equals IPv4')
  assert.equal(who(rig, factsOf('2001:db8::5', '1')), 'B/narrow')
  assert.equal(who(rig, factsOf('2001:db9::5', '1')), 'A/wide')
  assert.equal(who(rig, factsOf('11.0.0.1', '1')), unknown)
})

test('an entry that only receives authorises nothing, but its address may ask OPTIONS', () => {
  const rig = rigOf([
    [
      entry('out', ['192.0.2.1'], { direction: 'receives' }),
      entry('off', ['192.0.2.2'], { state: 'off' }),
      entry('hole', ['192.0.2.3'], { action: 'deny' }),
    ],
  ])
  assert.equal(who(rig, factsOf('192.0.2.1', '1')), unknown)
  const known = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) =>
    isKnownSource(rig.directory, parseAddress(address) as IpAddress),
  )
  assert.deepEqual(known, [true, false, false, false])
})

test('inside a range the conditions decide in order: port, transport, listener, dialled prefix', () => {
  const at = ['192.0.2.1']
  const rig = rigOf([
    [entry('plain', at)],
    [entry('port', at, { sourcePort: 5070 })],
    [entry('tcp', at, { sourceTransports: ['tcp'] })],
    [entry('listener', at, { listener: 'second' })],
    [entry('prefix', at, { dialledPrefix: '+99' }), entry('longer', at, { dialledPrefix: '991' })],
  ])
  const ask = (more: Partial<SourceFacts>, dialled = '1') => who(rig, factsOf('192.0.2.1', dialled, more))
  assert.equal(ask({}), 'A/plain')
  assert.equal(ask({ port: 5070 }), 'B/port')
  assert.equal(ask({ transport: 'tcp' }), 'C/tcp')
  assert.equal(ask({ listener: 'second' }), 'D/listener')
  assert.equal(ask({}, '990'), 'E/prefix')
  assert.equal(ask({}, '+991'), 'E/longer')
  assert.equal(ask({ port: 5070, transport: 'tcp', listener: 'second' }, '991'), 'B/port')
  assert.equal(ask({ transport: 'tcp', listener: 'second' }, '991'), 'C/tcp')
  assert.equal(ask({ listener: 'second' }, '991'), 'D/listener')
})

test('when no entry of the narrowest range fits, the next wider one is asked', () => {
  const rig = rigOf([
    [entry('wide', ['10.0.0.0/8'])],
    [entry('narrow', ['10.1.2.0/24'], { sourcePort: 5070 }), entry('off', ['10.1.2.3'], { state: 'off' })],
  ])
  assert.equal(who(rig, factsOf('10.1.2.3', '1', { port: 5070 })), 'B/narrow')
  assert.equal(who(rig, factsOf('10.1.2.3', '1')), 'A/wide')
})

test('a deny entry cuts a hole, and only for the packets that it means', () => {
  const rig = rigOf([
    [
      entry('wide', ['10.0.0.0/8']),
      entry('hole', ['10.1.0.0/16'], { action: 'deny' }),
      entry('udp-hole', ['10.2.0.0/16'], { action: 'deny', sourceTransports: ['udp'] }),
      entry('island', ['10.1.2.3']),
    ],
  ])
  assert.equal(who(rig, factsOf('10.1.0.1', '1')), '403 IP Not Authorised (source_denied)')
  assert.equal(who(rig, factsOf('10.1.2.3', '1')), 'A/island')
  assert.equal(who(rig, factsOf('10.2.0.1', '1')), '403 IP Not Authorised (source_denied)')
  assert.equal(who(rig, factsOf('10.2.0.1', '1', { transport: 'tcp' })), 'A/wide')
})

test('a tie at run time is refused, and denied where one of the two denies', () => {
  const alike = rigOf([[entry('x', ['192.0.2.1'])], [entry('y', ['192.0.2.1'])]])
  assert.equal(who(alike, factsOf('192.0.2.1', '1')), '403 IP Not Authorised (source_ambiguous)')
  const denied = rigOf([[entry('x', ['192.0.2.1'])], [entry('y', ['192.0.2.1'], { action: 'deny' })]])
  assert.equal(who(denied, factsOf('192.0.2.1', '1')), '403 IP Not Authorised (source_denied)')
  const decided = rigOf([
    [entry('x', ['192.0.2.1'])],
    [entry('y', ['192.0.2.1'])],
    [entry('z', ['192.0.2.1'], { sourcePort: 5060 })],
  ])
  assert.equal(who(decided, factsOf('192.0.2.1', '1')), 'C/z', 'a tie below the winner does not matter')
})

test('accounts that are not active or under penalty cannot call; a penalty ends by itself, missing credit stops nobody here', () => {
  const at = (status: 'inactive' | 'pending') => rigOf([[entry('x', ['192.0.2.1'])]], [{ status }])
  assert.equal(who(at('inactive'), factsOf('192.0.2.1', '1')), '403 IP Not Authorised (account_inactive)')
  assert.equal(who(at('pending'), factsOf('192.0.2.1', '1')), '403 IP Not Authorised (account_inactive)')
  const input = { carriers: [{ name: 'A', endpoints: [entry('x', ['192.0.2.1'])] }] }
  const rig = new PolicyRig(input)
  const until = rig.clock.wallMs() + 60_000
  rig.suspensions.apply(new Map([['carrier:A', [{ kind: 'penalty', reason: 'alert Low ASR', until }]]]))
  assert.equal(who(rig, factsOf('192.0.2.1', '1')), '403 IP Not Authorised (account_inactive)')
  rig.clock.advance(60_000)
  assert.equal(who(rig, factsOf('192.0.2.1', '1')), 'A/x')
})

test('CLI authentication tells accounts behind one address apart, by number or pattern', () => {
  const shared = entry('x', ['192.0.2.1'], { cliAuthentication: true })
  const rig = rigOf(
    [[shared], [shared], [shared]],
    [{ cliRules: ['+4411', '4412'] }, { cliRules: ['^4422\\d{3}$'] }, { cliRules: [] }],
  )
  const ask = (fromUser: string) => who(rig, factsOf('192.0.2.1', '1', { fromUser }))
  assert.equal(ask('4411'), 'A/x')
  assert.equal(ask('+4412'), 'A/x')
  assert.equal(ask('4422123'), 'B/x')
  assert.equal(ask('44221234'), '403 CLI restriction in effect (cli_restricted)')
  assert.equal(ask('44111'), '403 CLI restriction in effect (cli_restricted)', 'a number is compared whole')
})

test('RFC3325: the asserted identity is the CLI of those who may assert it, From that of others', () => {
  const rig = rigOf([[entry('x', ['192.0.2.1'])], [entry('y', ['192.0.2.2'])]], [{}, { trustIdentity: false }])
  const cli = (address: string, assertedUser: string | undefined) => {
    const found = rig.identify(factsOf(address, '1', { fromUser: 'from', assertedUser }))
    return 'kind' in found ? found.code : [found.cli, found.identityAsserted]
  }
  assert.deepEqual(cli('192.0.2.1', 'asserted'), ['asserted', true])
  assert.deepEqual(cli('192.0.2.1', undefined), ['from', false])
  assert.deepEqual(cli('192.0.2.2', 'asserted'), ['from', false])
})

test('what this version cannot check fails closed, and a draining sender is told to come later', () => {
  const rig = rigOf([
    [
      entry('digest', ['192.0.2.1'], { alsoRequireDigest: true }),
      entry('drain', ['192.0.2.2'], { state: 'drain' }),
      entry('wide', ['192.0.2.0/24']),
    ],
  ])
  assert.equal(who(rig, factsOf('192.0.2.1', '1')), '407 Proxy Authentication Required (digest_required)')
  assert.equal(who(rig, factsOf('192.0.2.2', '1')), '503 Service Unavailable (source_draining)')
  assert.equal(who(rig, factsOf('192.0.2.3', '1')), 'A/wide')
})

test('a block refuses until it expires; the most specific one in force is named', () => {
  const rig = new PolicyRig({
    carriers: [{ name: 'A', endpoints: [entry('x', ['0.0.0.0/0'])] }],
    blocks: [
      { address: '203.0.113.0/24', reason: 'scanners', expiresAt: '2026-01-01T00:02:00Z' },
      { address: '203.0.113.66', reason: 'this one', expiresAt: '2026-01-01T00:01:00Z' },
    ],
  })
  const refusal = () => {
    const found = rig.identify(factsOf('203.0.113.66', '1'))
    return 'kind' in found ? [found.status, found.code, found.detail] : found.endpoint?.name
  }
  const by = (range: string, until: string, reason: string) => [
    403,
    'source_blocked',
    `source 203.0.113.66 is blocked by ${range} until ${until}: ${reason}`,
  ]
  assert.deepEqual(refusal(), by('203.0.113.66', '2026-01-01T00:01:00Z', 'this one'))
  rig.clock.advance(60_000)
  assert.deepEqual(refusal(), by('203.0.113.0/24', '2026-01-01T00:02:00Z', 'scanners'))
  rig.clock.advance(60_000)
  assert.equal(refusal(), 'x')
})

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[randomBelow(random, items.length)] as Item

test(`${counts.sharedSources} random sets of entries on one source: what compiles is never ambiguous, and a tie is always found`, () => {
  const random = seededRandom(seeds.sharedSources)
  let compiled = 0
  for (let round = 0; round < counts.sharedSources; round++) {
    const conditions = (): Partial<Entry> => ({
      sourcePort: pick(random, [null, null, 5060, 5070]),
      sourceTransports: pick<('udp' | 'tcp')[]>(random, [[], [], ['udp'], ['udp', 'tcp']]),
      listener: pick(random, [null, null, 'main']),
      dialledPrefix: pick(random, ['', '', '4', '+4', '44']),
      cliAuthentication: randomBelow(random, 3) === 0,
    })
    const rows = rowsOf({
      carriers: Array.from({ length: 2 + randomBelow(random, 2) }, (_, i) => ({
        name: String(i),
        cliRules: [`44${i}`],
        endpoints: [entry('x', ['192.0.2.1'], conditions())],
      })),
    })
    const { directory, errors } = compileDirectory(rows)
    let ambiguous = 0
    for (const port of [5060, 5070, 5080])
      for (const transport of ['udp', 'tcp'] as const)
        for (const listener of ['main', 'second'])
          for (const dialled of ['1', '41', '441'])
            for (const fromUser of ['440', '441', '442', '']) {
              const found = identify(directory, factsOf('192.0.2.1', dialled, { port, transport, listener, fromUser }))
              if ('kind' in found && found.code === 'source_ambiguous') ambiguous += 1
            }
    if (errors.length === 0) {
      compiled += 1
      assert.equal(ambiguous, 0, JSON.stringify(rows.endpoints))
    }
    // Two accounts on one source of which only one goes by CLI are refused on save although no packet fits both alike.
    const mixed = new Set(rows.endpoints.map((row) => row.cliAuthentication)).size > 1
    if (errors.length > 0 && !mixed && rows.endpoints.length === 2)
      assert.ok(ambiguous > 0, JSON.stringify(rows.endpoints))
  }
  assert.ok(compiled > counts.sharedSources / 10, `${compiled} compiled`)
})

test('an entry may ask for a certificate: the name that was proved identifies, also from anywhere and before other entries', () => {
  const rig = rigOf([
    [entry('certified', ['0.0.0.0/0'], { tls: { peerName: 'PBX.example' } })],
    [entry('other', ['0.0.0.0/0'], { tls: { peerName: 'other.example' } })],
    [entry('plain', ['192.0.2.0/24'])],
    [entry('both', ['198.51.100.1'], { tls: { peerName: 'pbx.example' } }), entry('open', ['198.51.100.1'])],
  ])
  const from = (address: string, ...peerNames: string[]): string =>
    who(rig, factsOf(address, '1', { transport: 'tls', ...(peerNames.length === 0 ? {} : { peerNames }) }))
  assert.equal(from('203.0.113.9', 'pbx.example'), 'A/certified')
  assert.equal(from('203.0.113.9', 'x.example', 'other.example'), 'B/other')
  assert.equal(from('203.0.113.9', 'pbx.example', 'other.example'), '403 IP Not Authorised (source_ambiguous)')
  for (const names of [[], ['xpbx.example'], ['pbx.example.net'], ['PBX.example'], ['']])
    assert.equal(from('203.0.113.9', ...names), unknown, names.join())
  assert.equal(from('192.0.2.1', 'pbx.example'), 'C/plain', 'the most specific range comes first')
  assert.equal(from('198.51.100.1', 'pbx.example'), 'D/both')
  assert.equal(from('198.51.100.1'), 'D/open')
  const explanation = new Explanation()
  rig.identify(factsOf('203.0.113.9', '1', { transport: 'tls', peerNames: ['x.example'] }), explanation)
  const told = JSON.stringify(explanation.steps)
  assert.match(told, /it wants a TLS certificate for PBX\.example, this proved x\.example/)
})
