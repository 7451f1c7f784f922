// 5,000 calls at 200/s over two gateways of weights 10 and 1: none lost, none sent twice, shares and counters right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const calls = 5_000
const edge = '127.0.21.1'

const gateway = (name: string, address: string, weight: number) => ({
  name,
  direction: 'receives' as const,
  addresses: [address],
  port: 5080,
  weight,
  probe: { enabled: false },
})

test('SIPp: 5,000 calls at 200/s, gateways 10:1', async () => {
  const tollgate = await Tollgate.start({
    sip: `${edge}:5060`,
    file: {
      carriers: [
        { name: 'Acme', endpoints: [gateway('acme-1', '127.0.21.11', 10), gateway('acme-2', '127.0.21.12', 1)] },
      ],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['127.0.21.2'] }] }],
      routes: [{ prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] }],
    },
  })
  const first = startSipp({ scenario: 'uas', address: '127.0.21.11', port: 5080 })
  const second = startSipp({ scenario: 'uas', address: '127.0.21.12', port: 5080 })
  try {
    await Promise.all([first.ready, second.ready])
    const caller = await runSipp({
      scenario: 'uac',
      address: '127.0.21.2',
      port: 5070,
      remote: `${edge}:5060`,
      calls,
      callsPerSecond: 200,
      pauseMs: 200,
      number: '441782555555',
    })
    const [one, two] = await Promise.all([first.stop(), second.stop()])
    assert.equal(caller.successful, calls)
    assert.equal(caller.failed, 0)
    assert.equal(caller.retransmissions + one.retransmissions + two.retransmissions, 0)
    assert.equal(one.successful + two.successful, calls)
    const sigma = Math.sqrt(calls * (10 / 11) * (1 / 11))
    console.log(
      `shares ${one.successful}:${two.successful}, expected ${Math.round((calls * 10) / 11)} +- ${Math.round(4.5 * sigma)}`,
    )
    assert.ok(Math.abs(one.successful - (calls * 10) / 11) < 4.5 * sigma)
    await tollgate.assertNothingHeld()
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount('&outcome=answered'),
      (count) => count === calls,
    )
    assert.equal(await tollgate.metric('tollgate_calls_total', 'outcome="answered"'), calls)
    assert.equal(await tollgate.metric('tollgate_calls_total', 'gateway="acme-1"'), one.successful)
    assert.equal(await tollgate.metric('tollgate_calls_active'), 0)
    assert.equal(await tollgate.metric('tollgate_limit_used', 'kind="channels"'), 0)
    assert.equal(await tollgate.metric('tollgate_sip_retransmissions_total'), 0)
  } finally {
    await Promise.all([first.kill(), second.kill()])
    await tollgate.stop()
  }
})
