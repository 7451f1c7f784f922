// Channels and calls per second: exact peaks, nothing taken by refused calls, released exactly once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PolicyRig } from '../../test/kit/policy-rig.ts'
import { renderMetrics } from '../base/metrics.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import type { DirectoryRoute, GatewayTarget } from '../directory/directory.ts'
import type { LimitScope } from './limit-counter.ts'
import type { CallerScopes, LimitRefusal } from './limits.ts'
import type { Caller, Permit } from './verdict.ts'

interface Maxima {
  channelsMax?: number
  callsPerSecondMax?: number
}

/** Carrier Acme with gateway acme-1, customer PBX that calls it by a route; each with its limits. */
const inputOf = (limits: {
  system?: Maxima
  carrier?: Maxima
  gateway?: Maxima
  customer?: Maxima
  entry?: Maxima
  route?: Maxima
}): DeclarativeInput => ({
  system: { ...limits.system },
  carriers: [
    {
      name: 'Acme',
      ...limits.carrier,
      endpoints: [
        { name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], ...limits.gateway },
        { name: 'acme-2', direction: 'receives', addresses: ['192.0.2.11'] },
      ],
    },
  ],
  customers: [
    {
      name: 'PBX',
      ...limits.customer,
      endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['198.51.100.20'], ...limits.entry }],
    },
  ],
  routes: [{ prefix: '44', targets: [{ carrier: 'Acme' }], ...limits.route }],
})

const scopesOf = ({ directory }: PolicyRig): CallerScopes => {
  const [route] = directory.routes
  const account = directory.accounts.find((row) => row.name === 'PBX')
  const endpoint = directory.endpoints.find((row) => row.name === 'pbx')
  return { directory, caller: { account, endpoint, cli: '' } as Caller, route: route as DirectoryRoute }
}

const targetOf = ({ directory }: PolicyRig, name = 'acme-1'): GatewayTarget =>
  directory.endpoints.find((row) => row.name === name)?.targets[0] as GatewayTarget

const isRefused = (permit: Permit | LimitRefusal): permit is LimitRefusal => 'kind' in permit

test('each caller-side scope: the peak is exactly the limit, whichever scope it is', () => {
  const cases: [Parameters<typeof inputOf>[0], LimitScope][] = [
    [{ system: { channelsMax: 50 } }, 'system'],
    [{ customer: { channelsMax: 50 } }, 'account'],
    [{ entry: { channelsMax: 50 } }, 'endpoint'],
    [{ route: { channelsMax: 50 } }, 'route'],
  ]
  for (const [limits, scope] of cases) {
    const rig = new PolicyRig(inputOf(limits))
    const permits: Permit[] = []
    for (let i = 0; i < 400; i++) {
      const permit = rig.limits.admitCaller(`call-${i}`, scopesOf(rig), false)
      if (isRefused(permit)) {
        assert.deepEqual([permit.scope, permit.limit, permit.used, permit.max], [scope, 'channels', 50, 50])
      } else permits.push(permit)
    }
    assert.equal(permits.length, 50, scope)
    permits[7]?.release()
    assert.equal(isRefused(rig.limits.admitCaller('next', scopesOf(rig), false)), false)
    assert.equal(isRefused(rig.limits.admitCaller('one more', scopesOf(rig), false)), true)
  }
})

test('all or nothing: a call that one scope refuses is counted in none', () => {
  const rig = new PolicyRig(inputOf({ route: { channelsMax: 1 } }))
  const scopes = scopesOf(rig)
  const permit = rig.limits.admitCaller('a', scopes, false) as Permit
  assert.equal(isRefused(rig.limits.admitCaller('b', scopes, false)), true)
  for (const [scope, id] of [
    ['system', 'system'],
    ['account', 'customer:PBX'],
    ['endpoint', 'customer:PBX/pbx'],
    ['route', 'route:0'],
  ] as const) {
    assert.equal(rig.limits.usedChannels(scope, id), 1, scope)
    assert.equal(rig.limits.usedPerSecond(scope, id), 1, scope)
  }
  permit.release()
  permit.release()
  assert.equal(rig.limits.usedChannels('system', 'system'), 0)
})

test('a permit is released once, and each attempt of a call has its own', () => {
  const rig = new PolicyRig(inputOf({ carrier: { channelsMax: 2 } }))
  const admit = (name: string) => rig.limits.admitGateway('a', targetOf(rig, name), rig.directory, false)
  const channels = () => rig.limits.states(9).find((use) => use.name === 'Acme' && use.kind === 'channels')
  const first = admit('acme-1') as Permit
  const second = admit('acme-2') as Permit
  assert.equal(isRefused(admit('acme-2')), true, 'an attempt that still rings holds its channel')
  assert.deepEqual([channels()?.used, channels()?.calls], [2, ['a']])
  first.release()
  first.release()
  assert.equal(channels()?.used, 1)
  second.release()
  assert.equal(channels()?.used, 0)
})

test('gateways: endpoint and account are taken together, and a full one takes nothing', () => {
  const rig = new PolicyRig(inputOf({ carrier: { channelsMax: 3 }, gateway: { channelsMax: 2 } }))
  const admit = (callId: string, name: string) =>
    rig.limits.admitGateway(callId, targetOf(rig, name), rig.directory, false)
  admit('a', 'acme-1')
  admit('b', 'acme-1')
  const full = admit('c', 'acme-1')
  assert.deepEqual(isRefused(full) && [full.scope, full.side, full.name], ['endpoint', 'gateway', 'acme-1'])
  assert.equal(rig.limits.usedChannels('account', 'carrier:Acme'), 2)
  admit('c', 'acme-2')
  const carrierFull = admit('d', 'acme-2')
  assert.deepEqual(isRefused(carrierFull) && [carrierFull.scope, carrierFull.detail], [
    'account',
    'account Acme is full: 3 of 3 channels used',
  ])
})

test('CPS limit 10 and 40 offered per second for 20 s: 10 in each second, none in a window too many', () => {
  const rig = new PolicyRig(inputOf({ customer: { callsPerSecondMax: 10 } }))
  const accepted: number[] = []
  for (let i = 0; i < 800; i++) {
    const permit = rig.limits.admitCaller(`call-${i}`, scopesOf(rig), false)
    if (!isRefused(permit)) {
      accepted.push(rig.clock.nowMs())
      permit.release()
    }
    rig.clock.advance(25)
  }
  assert.equal(accepted.length, 200)
  for (const [i, time] of accepted.entries()) assert.ok(i < 10 || time - (accepted[i - 10] as number) >= 1_000)
})

test('toward a gateway the window is 20 ms longer, so that jitter cannot push one too many into a second', () => {
  const rig = new PolicyRig(inputOf({ gateway: { callsPerSecondMax: 1 } }))
  const admitted = (callId: string): boolean =>
    !isRefused(rig.limits.admitGateway(callId, targetOf(rig), rig.directory, false))
  assert.equal(admitted('a'), true)
  rig.clock.advance(1_015)
  assert.equal(admitted('b'), false)
  rig.clock.advance(5)
  assert.equal(admitted('b'), true)
})

test('exempt calls are never refused and always counted', () => {
  const rig = new PolicyRig(inputOf({ system: { channelsMax: 1, callsPerSecondMax: 1 } }))
  rig.limits.admitCaller('a', scopesOf(rig), false)
  assert.equal(isRefused(rig.limits.admitCaller('b', scopesOf(rig), true)), false)
  assert.equal(rig.limits.usedChannels('system', 'system'), 2)
  assert.equal(isRefused(rig.limits.admitCaller('c', scopesOf(rig), false)), true)
})

test('a change of the directory changes the maxima and no count; an old directory does not bring old limits back', () => {
  const rig = new PolicyRig(inputOf({ customer: { channelsMax: 2 } }))
  const old = scopesOf(rig)
  const permits = ['a', 'b'].map((callId) => rig.limits.admitCaller(callId, old, false) as Permit)
  assert.equal(isRefused(rig.limits.admitCaller('c', old, false)), true)
  const wider = new PolicyRig(inputOf({ customer: { channelsMax: 4 } })).directory
  rig.publish({ ...wider, revision: 2 })
  assert.equal(isRefused(rig.limits.admitCaller('c', scopesOf(rig), false)), false)
  assert.equal(isRefused(rig.limits.admitCaller('d', old, false)), false)
  assert.equal(isRefused(rig.limits.admitCaller('e', old, false)), true)
  assert.deepEqual(
    rig.limits.states(2).find((use) => use.scope === 'account' && use.name === 'PBX' && use.kind === 'channels'),
    { scope: 'account', id: 'customer:PBX', name: 'PBX', kind: 'channels', limit: 4, used: 4, calls: ['a', 'b'] },
  )
  for (const permit of permits) permit.release()
  assert.equal(rig.limits.usedChannels('account', 'customer:PBX'), 2)
})

test('calls outlive their entry in the list of limits, and empty counters are forgotten', () => {
  const rig = new PolicyRig(inputOf({}))
  const permit = rig.limits.admitGateway('a', targetOf(rig), rig.directory, false) as Permit
  rig.publish({ ...new PolicyRig({}).directory, revision: 2 })
  const channels = () => rig.limits.states(10).filter((use) => use.kind === 'channels' && use.used > 0)
  assert.deepEqual(
    channels().map((use) => [use.scope, use.name, use.calls]),
    [
      ['account', 'Acme', ['a']],
      ['endpoint', 'acme-1', ['a']],
    ],
  )
  permit.release()
  rig.clock.advance(5_000)
  rig.publish(rig.directory)
  assert.deepEqual(channels(), [])
})

test('refusals are counted by scope, name and kind', () => {
  const rig = new PolicyRig(inputOf({ customer: { channelsMax: 1 } }))
  for (const callId of ['a', 'b', 'c']) rig.limits.admitCaller(callId, scopesOf(rig), false)
  assert.match(
    renderMetrics(rig.metrics.snapshot()),
    /tollgate_limit_rejections_total\{scope="account",name="PBX",kind="channels"\} 2/,
  )
})

test('a lease without a call is given back at the second look in a row, in all its scopes; others stay', () => {
  const rig = new PolicyRig(inputOf({ customer: { channelsMax: 5 } }))
  for (const id of ['lost', 'live', 'late'])
    assert.equal(isRefused(rig.limits.admitCaller(id, scopesOf(rig), false)), false)
  const used = () => rig.limits.usedChannels('system', 'system')
  assert.deepEqual(
    rig.limits.reap((id) => id === 'live'),
    [],
  )
  assert.equal(used(), 3)
  const freed = rig.limits.reap((id) => id !== 'lost')
  assert.deepEqual(new Set(freed.map(({ callId }) => callId)), new Set(['lost']))
  assert.equal(freed.length, 4)
  assert.equal(used(), 2)
  const state = rig.limits.states(10).find(({ kind, scope }) => kind === 'channels' && scope === 'account')
  assert.deepEqual(new Set(state?.calls), new Set(['live', 'late']))
  assert.deepEqual(rig.limits.states(1).find(({ scope }) => scope === 'system')?.calls.length, 1)
})
