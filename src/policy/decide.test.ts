// From an INVITE of a known caller to a verdict: route, rank, draw, admit; and that a simulation says the same and takes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, PolicyRig } from '../../test/kit/policy-rig.ts'
import { counts } from '../../test/kit/counts.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import type { RouteVerdict, Verdict } from './verdict.ts'

type Account = NonNullable<DeclarativeInput['carriers']>[number]
type Entry = NonNullable<Account['endpoints']>[number]

const gateway = (name: string, address: string | string[], more: Partial<Entry> = {}): Entry => ({
  name,
  direction: 'receives',
  addresses: typeof address === 'string' ? [address] : address,
  ...more,
})

const carrier = (name: string, endpoints: Entry[], more: Partial<Account> = {}): Account => ({
  name,
  endpoints,
  ...more,
})

const pbx = {
  name: 'PBX',
  endpoints: [{ name: 'pbx', direction: 'both' as const, addresses: ['198.51.100.20'] }],
}

const rigOf = (carriers: Account[], more: Partial<DeclarativeInput> = {}) =>
  new PolicyRig({
    carriers,
    customers: [pbx],
    routes: [{ prefix: '', targets: carriers.map(({ name }) => ({ carrier: name })) }],
    ...more,
  })

const fromPbx = factsOf('198.51.100.20', '441782')
const key = (account: string, name: string, address: string): string => `carrier:${account}/${name}/udp:${address}:5060`

function routed(verdict: Verdict): RouteVerdict {
  assert.ok(verdict.kind === 'route', verdict.kind === 'refuse' ? verdict.detail : '')
  return verdict
}

/** `Acme: acme-1 acme-2 | Other: o-1`, in the order in which they are tried. */
const huntOf = (rig: PolicyRig, verdict: Verdict): string =>
  routed(verdict)
    .hunt.map(
      ({ account, gateways }) =>
        `${account.name}: ${gateways.map((target) => rig.directory.endpoints[target.endpointIndex]?.name).join(' ')}`,
    )
    .join(' | ')

test('gateways of 10 and 1: the first gets 10/11 of 11,000 calls within three sigma', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1', { weight: 10 }), gateway('b', '192.0.2.2')])])
  let first = 0
  for (let i = 0; i < counts.draws; i++) {
    const verdict = routed(rig.call(fromPbx).outcome)
    if (huntOf(rig, verdict) === 'Acme: a b') first += 1
    verdict.permit.release()
    rig.clock.advance(5)
  }
  const sigma = Math.sqrt((counts.draws * 10) / 121)
  assert.ok(Math.abs(first - (counts.draws * 10) / 11) < 3 * sigma, `${first} of ${counts.draws}`)
  assert.equal(rig.limits.usedChannels('system', 'system'), 0)
})

test('the weight of an entry is divided among its addresses', () => {
  const rig = rigOf([
    carrier('Acme', [gateway('a', ['192.0.2.1', '192.0.2.3'], { weight: 10 }), gateway('b', '192.0.2.2')]),
  ])
  const shares = () => rig.simulate(fromPbx).candidates.map(({ target, share }) => [target, share])
  assert.deepEqual(shares(), [
    ['udp:192.0.2.1:5060', 5 / 11],
    ['udp:192.0.2.3:5060', 5 / 11],
    ['udp:192.0.2.2:5060', 1 / 11],
  ])
  rig.red.set(key('Acme', 'a', '192.0.2.1'), 'connection refused')
  assert.deepEqual(shares(), [
    ['udp:192.0.2.1:5060', 0],
    ['udp:192.0.2.3:5060', 5 / 6],
    ['udp:192.0.2.2:5060', 1 / 6],
  ])
})

test('tiers: better targets of the route first, better gateways of an account first, draws only inside', () => {
  const rig = rigOf(
    [
      carrier('Acme', [
        gateway('a-last', '192.0.2.1', { priority: 5, weight: 100 }),
        gateway('a-first', '192.0.2.2'),
        gateway('a-idle', '192.0.2.3', { weight: 0 }),
      ]),
      carrier('Backup', [gateway('b', '192.0.2.4')]),
    ],
    { routes: [{ targets: [{ carrier: 'Backup', priority: 1, weight: 100 }, { carrier: 'Acme' }] }] },
  )
  for (let i = 0; i < 50; i++)
    assert.equal(huntOf(rig, rig.call(fromPbx).outcome), 'Acme: a-first a-idle a-last | Backup: b')
})

test('accounts of equal priority are drawn by weight', () => {
  const rig = rigOf([carrier('A', [gateway('a', '192.0.2.1')]), carrier('B', [gateway('b', '192.0.2.2')])], {
    routes: [{ targets: [{ carrier: 'A', weight: 3 }, { carrier: 'B' }] }],
  })
  let first = 0
  for (let i = 0; i < 4_000; i++) if (huntOf(rig, rig.call(fromPbx).outcome).startsWith('A')) first += 1
  assert.ok(Math.abs(first - 3_000) < 3 * Math.sqrt(4_000 * 0.75 * 0.25), String(first))
})

test('left out, each with its reason: red, drain, off, full, too fast, inactive, suspended, no identity, the caller', () => {
  const rig = new PolicyRig({
    carriers: [
      carrier('Acme', [
        gateway('red', '192.0.2.1'),
        gateway('drain', '192.0.2.2', { state: 'drain' }),
        gateway('off', '192.0.2.3', { state: 'off' }),
        gateway('full', '192.0.2.4', { channelsMax: 1 }),
        gateway('fast', '192.0.2.5', { callsPerSecondMax: 1 }),
        gateway('good', '192.0.2.6'),
      ]),
      carrier('Sleeping', [gateway('s', '192.0.2.7')], { status: 'pending' }),
      carrier('Punished', [gateway('p', '192.0.2.8')]),
      carrier('Owing', [gateway('o', '192.0.2.11')]),
      carrier('Strict', [gateway('i', '192.0.2.9')], { assertedIdentity: 'required' }),
      carrier('Crowded', [gateway('c', '192.0.2.10')], { channelsMax: 1 }),
    ],
    customers: [pbx],
    routes: [
      {
        targets: [
          ...['Acme', 'Sleeping', 'Punished', 'Owing', 'Strict', 'Crowded'].map((name) => ({ carrier: name })),
          { customer: 'PBX' },
        ],
      },
    ],
  })
  const until = Date.UTC(2026, 0, 2)
  rig.suspensions.apply(
    new Map([
      ['carrier:Punished', [{ kind: 'penalty', reason: 'alert Low ASR', until }]],
      ['carrier:Owing', [{ kind: 'credit', reason: 'balance -1.00', until: null }]],
    ]),
  )
  rig.red.set(key('Acme', 'red', '192.0.2.1'), 'OPTIONS timed out 3 times')
  for (const name of ['full', 'fast', 'c']) {
    const target = rig.directory.endpoints.find((row) => row.name === name)?.targets[0]
    assert.ok(target)
    const permit = rig.limits.admitGateway(`other-${name}`, target, rig.directory, false)
    if (name === 'fast' && !('kind' in permit)) permit.release()
  }
  assert.deepEqual(
    rig.simulate(fromPbx).candidates.map(({ gateway: name, excluded }) => [name, excluded]),
    [
      ['red', 'red: OPTIONS timed out 3 times'],
      ['drain', 'its state is drain'],
      ['off', 'its state is off'],
      ['full', 'endpoint full is full: 1 of 1 channels used'],
      ['fast', 'endpoint fast is too fast: 1 of 1 calls per second used'],
      ['good', undefined],
      ['s', 'the account is pending'],
      ['p', 'the account is suspended until 2026-01-02T00:00:00.000Z: alert Low ASR'],
      ['o', 'the account is suspended: balance -1.00'],
      ['i', 'it requires a P-Asserted-Identity and the call has none that may be trusted'],
      ['c', 'account Crowded is full: 1 of 1 channels used'],
      ['pbx', 'the call comes from this account'],
    ],
  )
  assert.equal(huntOf(rig, rig.call(fromPbx).outcome), 'Acme: good')
})

test('a full gateway that is left out counts as a rejection of a live call only', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1', { channelsMax: 1 }), gateway('b', '192.0.2.2')])])
  const target = rig.directory.endpoints[0]?.targets[0]
  assert.ok(target)
  rig.limits.admitGateway('other', target, rig.directory, false)
  const rejections = () =>
    rig.metrics
      .snapshot()
      .filter(({ metric }) => metric === 'limitRejections')
      .map(({ labels, values }) => [...labels, ...values])
  rig.simulate(fromPbx)
  assert.deepEqual(rejections(), [])
  assert.equal(huntOf(rig, rig.call(fromPbx).outcome), 'Acme: b')
  assert.deepEqual(rejections(), [['endpoint', 'a', 'channels', 1]])
})

test('a simulation has the steps, candidates and shares of the next call and takes nothing', () => {
  const rig = rigOf(
    [carrier('Acme', [gateway('a', '192.0.2.1', { weight: 10, channelsMax: 9 }), gateway('b', '192.0.2.2')])],
    { system: { channelsMax: 5, callsPerSecondMax: 5 } },
  )
  const withoutDraw = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('draw:'))
  for (let i = 0; i < 3; i++) {
    const before = JSON.stringify(rig.limits.states(9))
    const dry = rig.simulate(fromPbx)
    assert.equal(dry.outcome, 'route')
    assert.equal(JSON.stringify(rig.limits.states(9)), before)
    assert.deepEqual(withoutDraw(dry.lines), withoutDraw(rig.call(fromPbx).lines))
    assert.deepEqual(
      dry.lines.filter((line) => line.startsWith('draw:')),
      ['draw: left out in a simulation: the shares above are the chances'],
    )
  }
})

test('the explanation follows the directory and what is left out, call by call', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1'), gateway('b', '192.0.2.2', { weight: 3 })])])
  const { directory } = rig
  const ranked = (): string[] => rig.call(fromPbx).lines.filter((line) => /^(identify|rank):/.test(line))
  const before = ranked()
  assert.match(before.at(-1) ?? '', /^rank: b udp:192\.0\.2\.2:5060 of carrier Acme: priority \d+, share 75 %$/)
  assert.deepEqual(ranked(), before)
  rig.red.set(key('Acme', 'a', '192.0.2.1'), 'no reply')
  assert.deepEqual(
    ranked()
      .slice(-2)
      .map((line) => line.replace(/^.*Acme: /, '')),
    [
      'left out: red: no reply',
      before
        .at(-1)
        ?.replace(/^.*Acme: /, '')
        .replace('75 %', '100 %'),
    ],
  )
  rig.red.delete(key('Acme', 'a', '192.0.2.1'))
  const endpoints = directory.endpoints.map((one) => (one.name === 'b' ? { ...one, name: 'renamed' } : one))
  rig.directory = { ...directory, endpoints }
  assert.deepEqual(
    ranked(),
    before.map((line) => line.replace('rank: b ', 'rank: renamed ')),
  )
})

test('a decision without an explanation is the same decision', () => {
  const input = [carrier('Acme', [gateway('a', '192.0.2.1', { weight: 3 }), gateway('b', '192.0.2.2')])]
  const [told, silent] = [rigOf(input), rigOf(input)]
  for (let i = 0; i < 20; i++) {
    const expected = huntOf(told, told.call(fromPbx).outcome)
    const caller = silent.identify(fromPbx)
    assert.ok(!('kind' in caller))
    assert.equal(huntOf(silent, silent.decide(`call-${i}`, caller, fromPbx.dialled)), expected)
  }
})

test('the numbers are rewritten before anything else, and the verdict carries the result', () => {
  const rig = new PolicyRig({
    carriers: [carrier('Acme', [gateway('a', '192.0.2.1')])],
    customers: [
      {
        name: 'PBX',
        endpoints: [
          {
            name: 'pbx',
            direction: 'sends',
            addresses: ['198.51.100.20'],
            rewrites: [
              { parameter: 'destination', pattern: '^0', replacement: '+44' },
              { parameter: 'cli', pattern: '^', replacement: '44' },
            ],
          },
        ],
      },
    ],
    routes: [{ prefix: '44', targets: [{ carrier: 'Acme' }] }],
  })
  const verdict = routed(rig.call(factsOf('198.51.100.20', '01782', { fromUser: '1783' })).outcome)
  assert.deepEqual([verdict.destination, verdict.cli, verdict.route.prefix], ['+441782', '441783', '44'])
})

test('the route: longest prefix, then this account before its kind before everybody, + ignored', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1')])], {
    routes: [
      { prefix: '44', from: 'any', targets: [{ carrier: 'Acme' }] },
      { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] },
      { prefix: '44', from: { customer: 'PBX' }, targets: [{ carrier: 'Acme' }] },
      { prefix: '4420', from: 'any', targets: [{ carrier: 'Acme' }] },
      { prefix: '4421', from: { carrier: 'Acme' }, targets: [{ carrier: 'Acme' }] },
      { prefix: '4422', from: 'any', targets: [{ carrier: 'Acme' }], enabled: false },
      { prefix: '45', from: 'customers', targets: [{ carrier: 'Acme' }] },
      { prefix: '45', from: 'any', targets: [{ carrier: 'Acme' }] },
    ],
  })
  const routeFor = (number: string): string => routed(rig.call({ ...fromPbx, dialled: number }).outcome).route.id
  assert.deepEqual(
    ['441', '+441', '4420', '4421', '4422', '45'].map((number) => routeFor(number)),
    ['route:2', 'route:2', 'route:3', 'route:2', 'route:2', 'route:6'],
  )
})

test('RFC3261-21.5.4: system full: its own reason phrase and Retry-After; emergency numbers go through and are counted', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1', { channelsMax: 1 })])], {
    system: { realm: 'no host name', channelsMax: 1, emergencyNumbers: ['112'] },
  })
  routed(rig.call(fromPbx).outcome)
  const full = rig.call(fromPbx).outcome
  assert.ok(full.kind === 'refuse')
  assert.deepEqual(
    [full.status, full.reasonPhrase, full.headers],
    [
      503,
      'Request Terminated: Server at max channels',
      [
        ['Warning', '399 tollgate "channels of the system are full"'],
        ['Reason', 'Q.850;cause=34'],
        ['Retry-After', '5'],
      ],
    ],
  )
  const target = rig.directory.endpoints[0]?.targets[0]
  assert.ok(target)
  rig.limits.admitGateway('other', target, rig.directory, false)
  assert.equal(rig.simulate({ ...fromPbx, dialled: '112' }).outcome, 'route')
  const emergency = routed(rig.call({ ...fromPbx, dialled: '112' }).outcome)
  assert.equal(emergency.exempt, true)
  assert.equal(rig.limits.usedChannels('system', 'system'), 2)
})

test('system too fast: the other reason phrase', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1')])], { system: { callsPerSecondMax: 1 } })
  routed(rig.call(fromPbx).outcome)
  const { outcome } = rig.call(fromPbx)
  assert.equal(outcome.kind === 'refuse' && outcome.reasonPhrase, 'Request Terminated: Server at max cps')
})

test('a stranger cannot make it throw, whatever is dialled or shown as CLI', () => {
  const rig = rigOf([carrier('Acme', [gateway('a', '192.0.2.1')])])
  for (const text of ['', '+', '\r\nX: y', '\u0000', '%00', 'a'.repeat(65_000), '\ud800', '𝟜𝟜', '__proto__', '$&']) {
    const { outcome } = rig.call(factsOf('198.51.100.20', text, { fromUser: text, assertedUser: text }))
    if (outcome.kind === 'route') assert.ok(outcome.destination === text && text !== '')
    else assert.equal(outcome.code, 'number_invalid')
  }
})
