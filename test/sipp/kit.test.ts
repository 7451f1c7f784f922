// The scenarios against each other, without Tollgate between them: a failure here is SIPp's or the scenario's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSipp, startSipp } from '../kit/sipp.ts'
import type { SippScenario } from '../kit/sipp.ts'

const pairs: readonly (readonly [SippScenario, SippScenario])[] = [
  ['uac', 'uas'],
  ['uac', 'uas-ring'],
  ['uac-callee-ends', 'uas-ends'],
  ['uac-cancel', 'uas-cancelled'],
  ['uac-cancel-early', 'uas-trying'],
  ['uac-refused', 'uas-refuse'],
  ['uac-reinvite', 'uas-reinvite'],
]
const values = { STATUS: '486', REASON: 'Busy Here' }

for (const [caller, gateway] of pairs) {
  test(`${caller} and ${gateway} fit together`, async () => {
    const peer = startSipp({ scenario: gateway, address: '127.0.90.1', port: 5090, values, pauseMs: 100 })
    await peer.ready
    const called = await runSipp({
      scenario: caller,
      address: '127.0.90.2',
      port: 5091,
      remote: '127.0.90.1:5090',
      calls: 20,
      callsPerSecond: 100,
      pauseMs: 50,
      number: '441782555555',
      values,
      timeLimitMs: 15_000,
    })
    const answered = await peer.stop()
    for (const result of [called, answered]) {
      assert.deepEqual([result.successful, result.failed, result.retransmissions], [20, 0, 0], result.errors)
      assert.equal(result.exitCode, 0)
      assert.equal(result.timedOut, false)
    }
  })
}

test('a killed process is reported without counts, and a taken port is refused', async () => {
  const peer = startSipp({ scenario: 'uas', address: '127.0.90.1', port: 5092 })
  await peer.ready
  assert.throws(() => startSipp({ scenario: 'uas', address: '127.0.90.1', port: 5092 }), /taken by another process/)
  const result = await peer.kill()
  assert.equal(result.exitCode, null)
  assert.equal(result.total, 0)
})

test('the time limit ends a process that hangs', async () => {
  const result = await startSipp({ scenario: 'uas', address: '127.0.90.1', port: 5093, timeLimitMs: 300 }).finished
  assert.equal(result.timedOut, true)
})
