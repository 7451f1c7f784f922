// SIPp as a SIP user: challenged with 407, answers with MD5, its calls go through; with a wrong password none does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { runSipp, startSipp } from '../kit/sipp.ts'
import type { SippProcess } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.62'
const edge = `${net}.1:5060`
const password = 'S3cret!pw'
const calls = 50
let tollgate: Tollgate
let gateway: SippProcess

before(async () => {
  console.log(/SIPp v\S+/.exec(spawnSync('sipp', ['-v'], { encoding: 'utf8' }).stdout)?.[0] ?? 'sipp is missing')
  tollgate = await Tollgate.start({
    sip: edge,
    file: {
      system: { realm: 'sip.example.net' },
      carriers: [
        {
          name: 'Acme',
          endpoints: [
            { name: 'acme-1', direction: 'receives', addresses: [`${net}.11`], port: 5080, probe: { enabled: false } },
          ],
        },
      ],
      customers: [
        { name: 'PBX', sipUsers: [{ username: '441', password, allowedAddresses: [`${net}.0/29`], channelsMax: 40 }] },
      ],
      routes: [{ prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] }],
    },
  })
  gateway = startSipp({ scenario: 'uas', address: `${net}.11`, port: 5080 })
  await gateway.ready
})
after(async () => {
  await gateway.kill()
  await tollgate.stop()
})

const call = (address: string, count: number, wrong = false) =>
  runSipp({
    scenario: 'uac-digest',
    address,
    port: 5070,
    remote: edge,
    calls: count,
    callsPerSecond: 50,
    number: '441782555555',
    values: { USER: '441', PASSWORD: wrong ? 'wrong' : password },
    pauseMs: 100,
    timeLimitMs: 30_000,
  })

test('SIPp answers the challenge with MD5 and every call goes through, recorded under the SIP user', async () => {
  const caller = await call(`${net}.2`, calls)
  assert.deepEqual([caller.successful, caller.failed, caller.retransmissions], [calls, 0, 0], caller.errors)
  await tollgate.eventually(
    'records',
    () => tollgate.recordCount('&outcome=answered'),
    (count) => count === calls,
  )
  const { items } = await tollgate.get<{ items: { callerSipUser: string; callerAccount: string }[] }>('/call-records')
  assert.deepEqual(
    [...new Set(items.map(({ callerAccount, callerSipUser }) => `${callerAccount}/${callerSipUser}`))],
    ['PBX/441'],
  )
  await tollgate.assertNothingHeld()
  assert.equal(await tollgate.metric('tollgate_auth_challenges_total', 'no credentials'), calls)
  assert.equal(await tollgate.metric('tollgate_auth_rejections_total'), 0)
})

test('SIPp with a wrong password, and from an address outside the whitelist, gets no call through', async () => {
  for (const [address, wrong] of [
    [`${net}.3`, true],
    [`${net}.9`, false],
  ] as const) {
    const caller = await call(address, 2, wrong)
    assert.deepEqual([caller.successful, caller.failed], [0, 2])
  }
  assert.equal(await tollgate.recordCount('&outcome=answered'), calls)
})
