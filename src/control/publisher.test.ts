import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'

test('what is shown as in force is what the signalling threads have taken', () =>
  withControl(async ({ control }) => {
    const names = (): string[] => control.directory.accounts.map(({ name }) => name)
    const meanwhile: string[][] = []
    await control.attach({
      publish: () => {
        meanwhile.push(names())
        return Promise.resolve()
      },
    })
    await control.config.apply({ carriers: [{ name: 'Acme' }] }, { ...tester, dryRun: false, prune: false })
    assert.deepEqual(meanwhile, [[], []])
    assert.deepEqual(names(), ['Acme'])
  }))
