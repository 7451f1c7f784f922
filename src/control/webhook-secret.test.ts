import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../store/store.ts'
import { withControl } from '../../test/kit/control-rig.ts'
import { WebhookSecret } from './webhook-secret.ts'

test('the secret is made when it is first needed, outlives a restart, and lies nowhere in the clear', () =>
  withControl(async (rig) => {
    await rig.control.close()
    const open = (): Promise<Store> => Store.open(rig.dataDir, 0)
    const store = await open()
    const secret = new WebhookSecret(store)
    const first = await secret.get()
    assert.equal(await secret.get(), first)
    const second = await secret.make()
    assert.notEqual(second, first)
    await store.close()
    const again = await open()
    assert.equal(await new WebhookSecret(again).get(), second)
    await again.close()
    for (const clear of [first, second]) assert.ok(!rig.bytes().includes(clear.slice('whsec_'.length)))
    await rig.reopen()
  }))
