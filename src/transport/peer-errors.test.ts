// Errors are said once per peer and turn, and never from inside the call that found them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextTurn } from '../../test/kit/inbox.ts'
import { silentLog } from '../../test/kit/transport.ts'
import { errorKind, PeerErrors } from './peer-errors.ts'
import type { TransportError } from '../sip/flow.ts'

const error = (port: number, detail: string): TransportError => ({
  kind: 'refused',
  protocol: 'udp',
  address: '192.0.2.1',
  port,
  detail,
})

test('a burst is said once per peer, after the call; the next turn may say it again', async () => {
  const said: string[] = []
  const errors = new PeerErrors({ onPeerError: (one) => said.push(`${one.port} ${one.detail}`) }, silentLog)
  for (let i = 0; i < 100; i++) {
    errors.report(error(1, `first ${i}`))
    errors.report(error(2, `second ${i}`))
  }
  assert.deepEqual(said, [])
  await nextTurn()
  assert.deepEqual(said, ['1 first 0', '2 second 0'])
  errors.report(error(1, 'again'))
  await nextTurn()
  assert.deepEqual(said.slice(2), ['1 again'])
  errors.report(error(1, 'too late'))
  errors.close()
  errors.report(error(1, 'closed'))
  await nextTurn()
  assert.equal(said.length, 3)
})

test("the system's error codes have kinds, others are other", () => {
  const kindOf = (code: string): string => errorKind(Object.assign(new Error(code), { code }))
  assert.deepEqual(
    ['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'EMSGSIZE', 'EINVAL'].map(kindOf),
    ['refused', 'unreachable', 'timeout', 'reset', 'reset', 'too_large', 'other'],
  )
  assert.equal(errorKind(new Error('no code')), 'other')
})
