import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withControl } from '../../test/kit/control-rig.ts'
import type { Binding } from '../registrar/binding.ts'

const binding = (userId: string, contact: string): Binding => ({
  userId,
  contact,
  callId: 'c',
  cseq: 1,
  registeredAt: 1,
  expiresAt: 2,
  path: ['<sip:p;lr>'],
  userAgent: '',
  flow: { protocol: 'udp', address: '203.0.113.9', port: 40_000, listener: 'main', connection: 0 },
})

test('the newest state of each user is there after a restart; a user without contacts leaves nothing', () =>
  withControl(async (rig) => {
    const [one, two] = [binding('su_1', 'sip:a@1'), binding('su_2', 'sip:b@1')]
    rig.control.registrations.set('su_1', [binding('su_1', 'sip:old@1')])
    rig.control.registrations.set('su_1', [one])
    rig.control.registrations.set('su_2', [two])
    await rig.control.registrations.flush()
    assert.deepEqual(await rig.control.registrations.load(), [one, two])
    rig.control.registrations.set('su_2', [])
    const again = await rig.reopen()
    assert.deepEqual(await again.registrations.load(), [one], 'what waits is written at the end')
  }))
