// A carrier that challenges, played by SIPp: INVITE and BYE of each call, answered and checked by a program of others.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { oneGateway } from '../kit/one-gateway.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const calls = 50
const version = (): string => /SIPp v\S+/.exec(String(spawnSync('sipp', ['-v']).stdout))?.[0] ?? 'SIPp'

const fileOf = (net: string, password: string) => oneGateway(net, { username: 'tollgate', password })

// SIPp can check an answer in Authorization only; Kamailio asks for Proxy-Authorization in kamailio.test.ts.
const values = { REALM: 'carrier.example', USERNAME: 'tollgate', PASSWORD: 'Sipp-Secret-1' }

test(`SIPp challenges INVITE and BYE with 401 (MD5): ${calls} calls, each answer checked`, async () => {
  console.log(version())
  const net = '127.0.41'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, 'Sipp-Secret-1') })
  const gateway = startSipp({ scenario: 'uas-challenge', address: `${net}.11`, port: 5080, values, calls })
  try {
    await gateway.ready
    const caller = await runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote: `${net}.1:5060`,
      calls,
      callsPerSecond: 50,
    })
    assert.equal(caller.failed, 0, caller.errors)
    assert.equal(caller.successful, calls)
    const result = await gateway.stop()
    assert.deepEqual([result.successful, result.failed], [calls, 0], result.errors)
    await tollgate.assertNothingHeld()
    const records = await tollgate.eventually(
      'records',
      () => tollgate.records(),
      (rows) => rows.length === calls,
    )
    assert.ok(records.every(({ attempts }) => attempts.length === 1 && attempts[0]?.status === 200))
  } finally {
    await gateway.kill()
    await tollgate.stop()
  }
})

test('SIPp refuses a wrong password: the caller gets what the carrier says, once', async () => {
  const net = '127.0.43'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, 'Wrong-Secret-1') })
  const gateway = startSipp({ scenario: 'uas-challenge', address: `${net}.11`, port: 5080, values })
  try {
    await gateway.ready
    const caller = await runSipp({
      scenario: 'uac-refused',
      address: `${net}.2`,
      port: 5070,
      remote: `${net}.1:5060`,
      calls: 1,
      values: { STATUS: '403', REASON: '.*' },
    })
    assert.equal(caller.successful, 1, caller.errors)
  } finally {
    await gateway.kill()
    await tollgate.stop()
  }
})
