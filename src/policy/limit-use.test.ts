// What statistics read of the limits: peaks between two readings, and how often a limit turned a call away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PolicyRig } from '../../test/kit/policy-rig.ts'
import type { DirectoryRoute, GatewayTarget } from '../directory/directory.ts'
import type { Caller, Permit } from './verdict.ts'
import type { LimitRefusal } from './limits.ts'

const rigOf = (gateway: object = {}): PolicyRig =>
  new PolicyRig({
    carriers: [
      {
        name: 'Acme',
        endpoints: [{ name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], ...gateway }],
      },
    ],
  })

const take = (rig: PolicyRig, id: string): Permit | LimitRefusal => {
  const target = rig.directory.endpoints[0]?.targets[0] as GatewayTarget
  return rig.limits.admitGateway(id, target, rig.directory, false)
}

const release = (permit: Permit | LimitRefusal): void => {
  if ('release' in permit) permit.release()
}

const useOf = (rig: PolicyRig): unknown[] =>
  rig.limits
    .takeUse()
    .map(({ scope, channelsPeak, callsPerSecondPeak, breaches }) => [scope, channelsPeak, callsPerSecondPeak, breaches])

test('peaks are the highest since the last reading, and start anew with what is in use', () => {
  const rig = rigOf()
  assert.deepEqual(useOf(rig), [])
  const permits = ['a', 'b', 'c'].map((id) => take(rig, id))
  for (const permit of permits.slice(1)) release(permit)
  rig.clock.advance(2_000)
  release(take(rig, 'd'))
  assert.deepEqual(useOf(rig), [
    ['account', 3, 3, 0],
    ['endpoint', 3, 3, 0],
  ])
  assert.deepEqual(useOf(rig), [
    ['account', 1, 0, 0],
    ['endpoint', 1, 0, 0],
  ])
  for (const permit of permits) release(permit)
  useOf(rig)
  assert.deepEqual(useOf(rig), [])
})

test('a call that a limit turns away is a breach of the scope that was full and of the system, and no use', () => {
  const rig = rigOf({ channelsMax: 1 })
  release(take(rig, 'a'))
  const first = take(rig, 'b')
  take(rig, 'c')
  take(rig, 'd')
  assert.deepEqual(useOf(rig), [
    ['system', 0, 0, 2],
    ['account', 1, 2, 0],
    ['endpoint', 1, 2, 2],
  ])
  release(first)
})

test('a change of the directory forgets no peak that was not read', () => {
  const rig = rigOf()
  release(take(rig, 'a'))
  rig.clock.advance(5_000)
  rig.publish(rig.directory)
  assert.equal(useOf(rig).length, 2)
  rig.publish(rig.directory)
  assert.deepEqual(useOf(rig), [])
})

test('a SIP user has peaks and breaches of its own', () => {
  const rig = new PolicyRig({
    customers: [{ name: 'PBX', sipUsers: [{ username: '441', password: 'Secret-12345', channelsMax: 1 }] }],
    routes: [{ prefix: '', targets: [{ customer: 'PBX' }] }],
  })
  const { directory } = rig
  const [sipUser, account, route] = [directory.sipUsers[0], directory.accounts[0], directory.routes[0]]
  const caller = { account, sipUser, cli: '' } as Caller
  for (const id of ['a', 'b']) rig.limits.admitCaller(id, { directory, caller, route: route as DirectoryRoute }, false)
  assert.deepEqual(
    useOf(rig).filter((row) => Array.isArray(row) && row[0] === 'sipUser'),
    [['sipUser', 1, 1, 1]],
  )
})
