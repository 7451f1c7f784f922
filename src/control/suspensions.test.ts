import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SuspensionChanges } from '../policy/suspensions.ts'
import { applied, exampleFile, tester, withControl } from '../../test/kit/control-rig.ts'
import type { Control } from './open-control.ts'
import { Suspensions } from './suspensions.ts'

/** A signalling thread that notes what it is told, in order. */
function noting(): { readonly told: string[]; publish(): Promise<void>; suspend(changes: SuspensionChanges): void } {
  const told: string[] = []
  return {
    told,
    publish: async () => void told.push('directory'),
    suspend: (changes) => {
      for (const all of changes.values()) told.push(all.map(({ kind, reason }) => `${kind}: ${reason}`).join('; '))
    },
  }
}

async function acme({ config }: Control): Promise<string> {
  return (await config.getAccount('carrier', 'Acme')).id
}

const auditOf = async (control: Control): Promise<unknown[]> =>
  (await control.audit.list({ limit: 10, filter: { kind: 'carrier' } })).items
    .filter(({ action }) => action.includes('susp'))
    .map(({ action, actor, name, before, after }) => [action, actor, name, before, after])

test('a suspension is told to the signalling thread at once, without a new directory, and audited', () =>
  withControl(async ({ control, clock }) => {
    await applied(control, exampleFile)
    const edge = noting()
    await control.attach(edge)
    const id = await acme(control)
    const { revision } = control.config
    const until = clock.wallMs() + 60_000
    await control.suspensions.set(id, 'penalty', 'alert Low ASR', until)
    await control.suspensions.set(id, 'penalty', 'alert Low ASR', until)
    await control.suspensions.set(id, 'credit', 'balance -1.00 USD', null)
    assert.deepEqual(edge.told, [
      'directory',
      'penalty: alert Low ASR',
      'penalty: alert Low ASR; credit: balance -1.00 USD',
    ])
    assert.equal(control.config.revision, revision)
    assert.equal(control.suspensions.findAny(id)?.kind, 'penalty')
    const text = 'penalty: suspended until 2026-01-01T00:01:00.000Z: alert Low ASR'
    assert.equal(await control.suspensions.lift(id, { ...tester, kind: 'penalty' }), true)
    assert.equal(await control.suspensions.lift(id, { ...tester, kind: 'penalty' }), false)
    assert.equal(control.suspensions.findPenalty(id), undefined)
    assert.equal(control.suspensions.findAny(id)?.kind, 'credit')
    assert.deepEqual(await auditOf(control), [
      ['lift suspension', 'alice', 'Acme', text, null],
      ['suspend', 'credit', 'Acme', null, 'credit: suspended: balance -1.00 USD'],
      ['suspend', 'alerts', 'Acme', null, text],
    ])
  }))

test('it survives a restart and is told before the directory; what belongs to no account any more is forgotten', () =>
  withControl(async (rig) => {
    await applied(rig.control, exampleFile)
    const id = await acme(rig.control)
    const pbx = await rig.control.config.getAccount('customer', 'PBX')
    await rig.control.suspensions.set(id, 'penalty', 'alert Low ASR', rig.clock.wallMs() + 60_000)
    await rig.control.suspensions.set(pbx.id, 'credit', 'balance -1.00 USD', null)
    await applied(rig.control, { ...exampleFile, customers: [], routes: [] }, true)
    const control = await rig.reopen()
    const edge = noting()
    await control.attach(edge)
    assert.deepEqual(edge.told, ['penalty: alert Low ASR', 'directory'])
    assert.equal(control.suspensions.findAny(pbx.id), undefined)
  }))

test('it ends by itself, also in the store, and also while nothing ran', () =>
  withControl(async (rig) => {
    await applied(rig.control, exampleFile)
    const edge = noting()
    await rig.control.attach(edge)
    const id = await acme(rig.control)
    await rig.control.suspensions.set(id, 'penalty', 'alert Low ASR', rig.clock.wallMs() + 60_000)
    rig.clock.advance(59_999)
    assert.notEqual(rig.control.suspensions.findAny(id), undefined)
    rig.clock.advance(1)
    assert.equal(rig.control.suspensions.findAny(id), undefined)
    assert.ok(rig.control.suspensions instanceof Suspensions)
    await rig.control.suspensions.endThoseThatAreOver()
    assert.deepEqual(edge.told.slice(1), ['penalty: alert Low ASR', ''])
    const [last] = await auditOf(rig.control)
    assert.deepEqual((last as string[]).slice(0, 3), ['lift suspension', 'clock', 'Acme'])
    await rig.control.suspensions.set(id, 'penalty', 'again', rig.clock.wallMs() + 1_000)
    rig.clock.advance(1_000)
    const control = await rig.reopen()
    assert.equal(control.suspensions.findAny(id), undefined)
  }))
