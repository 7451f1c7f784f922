import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayState } from '../edge/seam.ts'
import { noSuspensions } from '../policy/suspensions.ts'
import { applied, withControl } from '../../test/kit/control-rig.ts'
import { boardOf, gatewayBoard } from './gateway-board.ts'
import type { GatewayBoardRow } from './gateway-board.ts'
import type { Control } from './open-control.ts'

const gateway = (name: string, weight: number, more: object = {}) => ({
  name,
  direction: 'receives',
  addresses: [`192.0.2.${weight}`],
  weight,
  ...more,
})

const fileOf = (...endpoints: object[]) => ({ carriers: [{ name: 'Acme', endpoints }] })

/** What the signalling thread says: all green, with the changes by gateway name. */
function statesOf(control: Control, changes: Record<string, Partial<GatewayState>> = {}): GatewayState[] {
  return control.directory.endpoints.flatMap((endpoint) =>
    endpoint.targets.map((target) => ({
      endpointId: endpoint.id,
      targetKey: target.key,
      status: 'green',
      reason: 'OPTIONS answered with 200',
      since: 5,
      lastProbe: { at: 6, result: '200 in 3 ms' },
      channels: 0,
      callsPerSecond: 0,
      failures: 0,
      accountFailures: 0,
      history: [],
      ...changes[endpoint.name],
    })),
  )
}

const rowsOf = (control: Control, changes: Record<string, Partial<GatewayState>> = {}): GatewayBoardRow[] =>
  boardOf(control.directory, statesOf(control, changes), noSuspensions)

const short = (rows: readonly GatewayBoardRow[]): unknown[] => rows.map((row) => [row.name, row.status, row.share])

test('each target with its name, carrier and share; weights 10 and 1 give 10/11 and 1/11', () =>
  withControl(async ({ control }) => {
    await applied(
      control,
      fileOf(gateway('b', 1), gateway('a', 10), { name: 's', direction: 'sends', addresses: ['10.0.0.0/8'] }),
    )
    const edge = { ask: async () => statesOf(control) as never }
    const rows = await gatewayBoard(control.directory, edge, noSuspensions)
    assert.deepEqual(rows[0], {
      endpointId: control.directory.endpoints.find(({ name }) => name === 'a')?.id,
      name: 'a',
      accountId: control.directory.accounts.find(({ name }) => name === 'Acme')?.id,
      carrier: 'Acme',
      target: 'udp:192.0.2.10:5060',
      share: 10 / 11,
      status: 'green',
      reason: 'OPTIONS answered with 200',
      since: 5,
      lastProbe: { at: 6, result: '200 in 3 ms' },
      channels: 0,
      callsPerSecond: 0,
      channelsMax: 0,
      callsPerSecondMax: 0,
      consecutiveFailures: 0,
    })
    assert.deepEqual(short(rows), [
      ['a', 'green', 10 / 11],
      ['b', 'green', 1 / 11],
    ])
  }))

test('a red gateway has no share, the others have it all; lower tiers wait for the best one', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf(gateway('a', 10), gateway('b', 1), gateway('c', 5, { priority: 1 })))
    const red = { status: 'red', reason: 'OPTIONS timed out 3 times' } as const
    assert.deepEqual(short(rowsOf(control)), [
      ['a', 'green', 10 / 11],
      ['b', 'green', 1 / 11],
      ['c', 'green', 0],
    ])
    assert.deepEqual(short(rowsOf(control, { a: red })), [
      ['a', 'red', 0],
      ['b', 'green', 1],
      ['c', 'green', 0],
    ])
    const [first, , last] = rowsOf(control, { a: red, b: red })
    assert.equal(first?.reason, 'OPTIONS timed out 3 times')
    assert.equal(last?.share, 1)
  }))

test('the weight of an entry is divided among its addresses', () =>
  withControl(async ({ control }) => {
    await applied(
      control,
      fileOf(gateway('a', 2, { addresses: ['192.0.2.1', '192.0.2.2', '192.0.2.0/28'] }), gateway('b', 2)),
    )
    assert.deepEqual(short(rowsOf(control)), [
      ['a', 'green', 1 / 4],
      ['a', 'green', 1 / 4],
      ['b', 'green', 1 / 2],
    ])
  }))

test('what the operator switched off or drains, and whose account is inactive, is red with that reason', () =>
  withControl(async ({ control }) => {
    await applied(
      control,
      fileOf(gateway('a', 1, { state: 'off' }), gateway('b', 2, { state: 'drain' }), gateway('c', 3)),
    )
    const rows = rowsOf(control)
    assert.deepEqual(short(rows), [
      ['a', 'red', 0],
      ['b', 'red', 0],
      ['c', 'green', 1],
    ])
    assert.match(rows[0]?.reason ?? '', /switched off/)
    assert.match(rows[1]?.reason ?? '', /draining/)
    await applied(control, { carriers: [{ name: 'Acme', status: 'inactive' }] })
    assert.deepEqual(
      rowsOf(control).map(({ status }) => status),
      ['red', 'red', 'red'],
    )
    assert.equal(rowsOf(control)[2]?.reason, 'carrier Acme is inactive')
  }))

test('a full gateway stays green, says so and has no share', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf(gateway('a', 1, { channelsMax: 30 }), gateway('b', 2, { callsPerSecondMax: 5 })))
    const [a, b] = rowsOf(control, { a: { channels: 30 } })
    assert.deepEqual([a?.status, a?.reason, a?.share, b?.share], ['green', 'full: 30 of 30 channels', 0, 1])
    const [, full] = rowsOf(control, { b: { callsPerSecond: 5 } })
    assert.deepEqual([full?.status, full?.reason], ['green', 'full: 5 of 5 calls per second'])
  }))

test('a gateway in backoff stays green, says so, shows its failures and has no share, unless its account wants none', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf(gateway('a', 1), gateway('b', 2)))
    const [a, b] = rowsOf(control, { a: { failures: 50 }, b: { failures: 49 } })
    assert.deepEqual([a?.status, a?.share, a?.consecutiveFailures, b?.share], ['green', 0, 50, 1])
    assert.match(a?.reason ?? '', /^backoff: 50 or more consecutive failures/)
    assert.equal(b?.reason, 'OPTIONS answered with 200')
    const [both] = rowsOf(control, { a: { accountFailures: 51 } })
    assert.match(both?.reason ?? '', /^backoff of the account: /)
    await applied(control, { carriers: [{ name: 'Acme', backoff: false }] })
    const [off] = rowsOf(control, { a: { failures: 50, accountFailures: 50 } })
    assert.deepEqual([off?.reason, off?.consecutiveFailures], ['OPTIONS answered with 200', 50])
  }))

test('states of targets that are no longer in the directory are left out', () =>
  withControl(async ({ control }) => {
    await applied(control, fileOf(gateway('a', 1), gateway('b', 2)))
    const states = statesOf(control)
    await applied(control, fileOf(gateway('a', 3)), true)
    assert.deepEqual(boardOf(control.directory, states, noSuspensions), [])
  }))

test('a name without an address is red with its reason and has no share; its neighbours share the calls', () =>
  withControl(async ({ control }) => {
    const named = gateway('named', 3, { addresses: ['192.0.2.7', 'gw.example'] })
    await applied(control, fileOf(named, gateway('plain', 1)))
    const entry = control.directory.endpoints.find(({ name }) => name === 'named')
    const [name] = entry?.unresolved ?? []
    assert.ok(entry !== undefined && name !== undefined)
    const [state] = statesOf(control)
    assert.ok(state !== undefined)
    const ofName = { ...state, endpointId: entry.id, targetKey: name.key, status: 'red', reason: name.reason } as const
    const stray = { ...ofName, targetKey: `${entry.id}/dns:gone.example` }
    const rows = boardOf(control.directory, [...statesOf(control), ofName, stray], noSuspensions)
    assert.deepEqual(
      rows.map(({ target, status, share, reason }) => [target, status, share, reason]),
      [
        ['dns:gw.example', 'red', 0, 'DNS: not asked yet'],
        ['udp:192.0.2.7:5060', 'green', 0.75, 'OPTIONS answered with 200'],
        ['udp:192.0.2.1:5060', 'green', 0.25, 'OPTIONS answered with 200'],
      ],
    )
  }))
