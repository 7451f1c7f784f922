// Test calls from the command line to gateways played by SIPp: one that challenges and answers, one that refuses, one that
// says nothing; and to a port where nobody is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tollgateCommand } from '../kit/command.ts'
import { startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.76'
const values = { REALM: 'carrier.example', USERNAME: 'tollgate', PASSWORD: 'Sipp-Secret-1' }

const gateway = (name: string, host: number, more: object = {}) => ({
  name,
  direction: 'receives' as const,
  addresses: [`${net}.${host}`],
  port: 5080,
  probe: { enabled: false },
  ...more,
})

const file = {
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        gateway('challenges', 11, { username: 'tollgate', password: 'Sipp-Secret-1', state: 'off' }),
        gateway('refuses', 12),
        gateway('silent', 13),
        gateway('nobody', 14),
      ],
    },
  ],
}

const testCall = (tollgate: Tollgate, name: string, ...more: string[]) =>
  tollgateCommand(tollgate, 'test-call', '--gateway', name, '--to', '441782000000', ...more)

test('SIPp gateways are tested from the command line: ladder and result; 0 for green, 1 for red', async () => {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file })
  const started = [
    startSipp({ scenario: 'uas-challenge', address: `${net}.11`, port: 5080, values }),
    startSipp({ scenario: 'uas-refuse', address: `${net}.12`, port: 5080, values: { STATUS: '503', REASON: 'Full' } }),
    startSipp({ scenario: 'uas-silent', address: `${net}.13`, port: 5080 }),
  ]
  try {
    await Promise.all(started.map(({ ready }) => ready))
    const answered = await testCall(tollgate, 'challenges')
    assert.equal(answered.code, 0, answered.out)
    const arrows = answered.out
      .split('\n')
      .flatMap((line) => /(-->|<--) {2}(\d* ?[A-Z]+)/.exec(line)?.slice(1, 3).join(' ') ?? [])
    assert.deepEqual(arrows.slice(0, 4), ['--> INVITE', '<-- 401 INVITE', '--> ACK', '--> INVITE'])
    assert.equal(
      arrows.findLast((arrow) => arrow.includes('BYE')),
      '<-- 200 BYE',
    )
    assert.match(answered.out, /^first reply after \d+ ms, .*\ngreen {2}answered after \d+ ms, then hung up$/m)
    assert.ok(!answered.out.includes('Sipp-Secret-1'))

    const refused = await testCall(tollgate, 'refuses', '--json')
    assert.equal(refused.code, 1)
    const { id, result, text, ladder } = JSON.parse(refused.out)
    assert.deepEqual([result, ladder.length], ['red', 3])
    assert.match(text, /^503 from the gateway: the gateway takes no calls now/)
    assert.match((await tollgateCommand(tollgate, 'trace', id)).out, /503 Full/)

    const silent = await testCall(tollgate, 'silent')
    assert.equal(silent.code, 1)
    assert.match(silent.out, /^red {2}no reply within 3000 ms$/m)

    const nobody = await testCall(tollgate, 'nobody')
    assert.equal(nobody.code, 1)
    assert.match(nobody.out, /^red {2}connection refused$/m)

    assert.equal((await testCall(tollgate, 'no-such-gateway')).code, 1)
    assert.equal((await tollgateCommand(tollgate, 'test-call', '--gateway', 'silent')).code, 2)

    const records = await tollgate.eventually(
      'records',
      () => tollgate.records('&account=test%20call'),
      (rows) => rows.length === 4,
    )
    assert.deepEqual(records.map(({ outcome }) => outcome).toSorted(), ['answered', 'failed', 'failed', 'failed'])
    await tollgate.assertNothingHeld()
    assert.equal(await tollgate.metric('tollgate_test_calls_total', 'result="red"'), 3)
  } finally {
    await Promise.all(started.map((one) => one.kill()))
    await tollgate.stop()
  }
})
