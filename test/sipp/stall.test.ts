// The control thread stands still for 3 s while calls run at 200/s: signalling does not notice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneGateway } from '../kit/one-gateway.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.28'
const stallMs = 3_000

test('SIPp: the control thread is blocked for 3 s at 200 calls/s, no message is sent twice', async () => {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: oneGateway(net) })
  const gateway = startSipp({ scenario: 'uas', address: `${net}.11`, port: 5080 })
  try {
    await gateway.ready
    const calling = runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote: `${net}.1:5060`,
      calls: 1_600,
      callsPerSecond: 200,
      pauseMs: 200,
    })
    await tollgate.eventually(
      'calls run',
      () => tollgate.recordCount(),
      (count) => count >= 200,
    )
    const before = performance.now()
    // This is the control thread: store, API and publication stand still with it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs)
    const stalledMs = performance.now() - before
    const caller = await calling
    const served = await gateway.stop()
    console.log(
      `control stood still for ${Math.round(stalledMs)} ms; retransmissions ${caller.retransmissions + served.retransmissions}`,
    )
    assert.ok(stalledMs >= stallMs)
    assert.equal(caller.successful, 1_600)
    assert.equal(caller.failed, 0)
    assert.equal(caller.retransmissions + served.retransmissions, 0)
    assert.equal(await tollgate.metric('tollgate_sip_retransmissions_total'), 0)
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount(),
      (count) => count === 1_600,
    )
    await tollgate.assertNothingHeld()
  } finally {
    await gateway.kill()
    await tollgate.stop()
  }
})
