// RFC 4475 against the real server: every message over UDP and over TCP, from an address it knows and from a stranger,
// each followed by a control OPTIONS that must be answered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tollgate } from '../kit/tollgate.ts'
import { deviations } from './deviations.ts'
import { runTcp } from './run-tcp.ts'
import { type TortureOutcome, type TortureTarget, runUdp } from './run-udp.ts'
import { tortureTable } from './table.ts'

const [address, known, stranger] = ['127.0.82.1', '127.0.82.2', '127.0.82.3']
const fromKnown: TortureTarget = { address, port: 5060, sourceAddress: known }
const fromStranger: TortureTarget = { address, port: 5060, sourceAddress: stranger, controlAddress: known }

/** A server of its own: the same branches come again, and must not meet the transactions of another run. */
async function withServer(run: (tollgate: Tollgate) => Promise<void>): Promise<void> {
  const tollgate = await Tollgate.start({
    sip: `${address}:5060`,
    file: {
      // A stranger sends them all here, and is to be answered each time.
      system: { protection: { blockFailures: 0 } },
      customers: [{ name: 'Tester', endpoints: [{ name: 'tester', direction: 'sends', addresses: [known] }] }],
    },
  })
  try {
    await run(tollgate)
    // Refused for want of a route, as they should be; none became a call.
    const attempts = (await tollgate.records()).flatMap((record) => record.attempts)
    assert.deepEqual(attempts, [])
    assert.equal(await tollgate.metric('tollgate_calls_active'), 0)
  } finally {
    await tollgate.stop()
  }
}

const failures = (outcomes: readonly TortureOutcome[]): string[] =>
  outcomes.flatMap(({ row, verdict }) => (verdict === undefined ? [] : [`${row.name}: ${verdict}`]))

/** Exactly the deviations that are listed: a new one fails, and so does one that has gone. */
function check(outcomes: readonly TortureOutcome[], protocol: 'udp' | 'tcp'): void {
  assert.equal(outcomes.length, tortureTable.length)
  const listed = deviations.filter((one) => one.protocol === protocol).map((one) => one.name)
  const failed = failures(outcomes)
  const unlisted = failed.filter((line) => !listed.includes(line.slice(0, line.indexOf(':'))))
  assert.deepEqual(unlisted, [])
  assert.equal(failed.length, listed.length, 'a deviation that is listed has gone')
  const answered = outcomes.filter((outcome) => outcome.statuses.length > 0)
  console.log(
    `RFC 4475 over ${protocol}: ${outcomes.length} messages, ${failed.length} deviations, ${answered.length} answered`,
  )
}

test('RFC4475-3: every message over UDP from a peer that is known', () =>
  withServer(async () => check(await runUdp(fromKnown), 'udp')))

test('RFC4475-3: every message over TCP from a peer that is known', () =>
  withServer(async () => check(await runTcp(fromKnown), 'tcp')))

test('RFC4475-3: a stranger is refused or dropped, whatever it sends', () =>
  withServer(async () => {
    assert.deepEqual(failures(await runUdp(fromStranger)), [])
    assert.deepEqual(failures(await runTcp(fromStranger)), [])
  }))
