// Gateways that die under load: calls go to the other one, the light turns red with a reason and green again.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const probe = {
  enabled: true,
  intervalSeconds: 2,
  intervalDownSeconds: 1,
  timeoutMs: 500,
  failuresDown: 2,
  successesUp: 2,
}
/** interval x threshold + time-out (product: health). */
const detectionMs = 2 * 2_000 + 500

interface BoardRow {
  readonly name: string
  readonly status: 'green' | 'red'
  readonly reason: string
}

const board = async (tollgate: Tollgate): Promise<Record<string, BoardRow>> => {
  const body = await tollgate.get<readonly BoardRow[] | { items: readonly BoardRow[] }>('/gateways')
  return Object.fromEntries(('items' in body ? body.items : body).map((row) => [row.name, row]))
}

const fileOf = (net: string, settings: object) => ({
  carriers: [
    {
      name: 'Acme',
      gatewayFailoverMax: 1,
      endpoints: ['1', '2'].map((last) => ({
        name: `acme-${last}`,
        direction: 'receives' as const,
        addresses: [`${net}.1${last}`],
        port: 5080,
        ...settings,
      })),
    },
  ],
  customers: [
    { name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`, `${net}.3`] }] },
  ],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
})

/** The killed gateway comes back: green, and calls go there again. */
async function assertReturns(tollgate: Tollgate, net: string): Promise<void> {
  const again = startSipp({ scenario: 'uas-at-once', address: `${net}.11`, port: 5080 })
  try {
    await again.ready
    await tollgate.eventually(
      'acme-1 green',
      () => board(tollgate),
      (rows) => rows['acme-1']?.status === 'green',
    )
    const remote = `${net}.1:5060`
    const after = await runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote,
      calls: 100,
      callsPerSecond: 100,
    })
    assert.equal(after.successful, 100)
    assert.ok((await again.stop()).successful > 20, 'the gateway that returned gets calls again')
  } finally {
    await again.kill()
  }
}

test('SIPp: one of two gateways is killed in the middle of 2,000 calls at 100/s', async () => {
  const net = '127.0.22'
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf(net, { probe }) })
  const first = startSipp({ scenario: 'uas-at-once', address: `${net}.11`, port: 5080 })
  const second = startSipp({ scenario: 'uas-at-once', address: `${net}.12`, port: 5080 })
  try {
    await Promise.all([first.ready, second.ready])
    const calling = runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote: `${net}.1:5060`,
      calls: 2_000,
      callsPerSecond: 100,
      pauseMs: 200,
    })
    await tollgate.eventually(
      'half of the calls',
      () => tollgate.recordCount(),
      (count) => count >= 900,
      30_000,
    )
    await first.kill()
    const killedAt = performance.now()
    const red = await tollgate.eventually(
      'acme-1 red',
      () => board(tollgate),
      (rows) => rows['acme-1']?.status === 'red',
    )
    const detectedMs = performance.now() - killedAt
    assert.match(red['acme-1']?.reason ?? '', /refused/)
    assert.ok(detectedMs < detectionMs, `red after ${Math.round(detectedMs)} ms`)
    const triedWhenRed = await tollgate.metric(
      'tollgate_sip_messages_total',
      'direction="out",transport="udp",method_or_class="INVITE"',
    )
    const callsWhenRed = await tollgate.recordCount()
    const caller = await calling
    assert.equal(caller.failed, 0, caller.errors)
    assert.equal(caller.successful, 2_000)
    await tollgate.assertNothingHeld(60_000)
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount('&outcome=answered'),
      (count) => count === 2_000,
    )
    const triedAtEnd = await tollgate.metric(
      'tollgate_sip_messages_total',
      'direction="out",transport="udp",method_or_class="INVITE"',
    )
    assert.ok(triedAtEnd - triedWhenRed <= 2_000 - callsWhenRed + 40, 'one INVITE for each call once it is red')
    console.log(`red after ${Math.round(detectedMs)} ms (${red['acme-1']?.reason}), 0 of 2,000 calls lost`)
    await assertReturns(tollgate, net)
  } finally {
    await Promise.all([first.kill(), second.kill()])
    await tollgate.stop()
  }
})

test('both gateways gone: 503 within 2 s for closed ports; once both are red 503 without an attempt', async () => {
  const net = '127.0.23'
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: fileOf(net, { probe: { ...probe, intervalSeconds: 30 } }),
  })
  const caller = await WireCaller.open(`${net}.3`, { address: `${net}.1`, port: 5060 })
  try {
    const first = await caller.request()
    assert.equal(first.status, 503)
    assert.ok(first.afterMs < 2_000, `${first.afterMs} ms`)
    await tollgate.eventually(
      'both red',
      () => board(tollgate),
      (rows) => rows['acme-1']?.status === 'red' && rows['acme-2']?.status === 'red',
    )
    const later = await caller.request()
    assert.equal(later.status, 503)
    const records = await tollgate.eventually(
      'two records',
      () => tollgate.records(),
      (rows) => rows.length === 2,
    )
    assert.deepEqual(
      records.map((row) => row.attempts.length),
      [0, 2],
    )
  } finally {
    caller.close()
    await tollgate.stop()
  }
})

test('both gateways silent: 408 within twice firstReplyMs and half a second', async () => {
  const net = '127.0.24'
  const silent = await Promise.all(
    ['11', '12'].map(async (last) => {
      const socket = createSocket('udp4')
      socket.bind(5080, `${net}.${last}`)
      await once(socket, 'listening')
      return socket
    }),
  )
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: fileOf(net, { timeouts: { firstReplyMs: 1_000 }, probe: { enabled: false } }),
  })
  const caller = await WireCaller.open(`${net}.3`, { address: `${net}.1`, port: 5060 })
  try {
    const answer = await caller.request()
    assert.equal(answer.status, 408)
    assert.ok(answer.afterMs >= 2_000 && answer.afterMs < 2_500, `${answer.afterMs} ms`)
  } finally {
    caller.close()
    await tollgate.stop()
    for (const socket of silent) socket.close()
  }
})

test('SIPp: first reply 1 s and a dead primary, the second INVITE leaves 1.0 s +- 0.1 after the first', async () => {
  const net = '127.0.29'
  const dead = createSocket('udp4')
  dead.bind(5080, `${net}.11`)
  await once(dead, 'listening')
  const settings = { timeouts: { firstReplyMs: 1_000 }, probe: { ...probe, intervalSeconds: 60 } }
  const [carrier] = fileOf(net, settings).carriers
  assert.ok(carrier)
  const endpoints = carrier.endpoints.map((endpoint, index) => ({ ...endpoint, weight: index === 0 ? 1 : 0 }))
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: { ...fileOf(net, settings), carriers: [{ ...carrier, endpoints }] },
  })
  const second = startSipp({ scenario: 'uas', address: `${net}.12`, port: 5080 })
  try {
    await second.ready
    const remote = `${net}.1:5060`
    const caller = await runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote,
      calls: 5,
      callsPerSecond: 5,
    })
    assert.equal(caller.successful, 5)
    const records = await tollgate.eventually(
      'records',
      () => tollgate.get<{ items: { attempts: { startedAt: string; reason: string }[] }[] }>('/call-records'),
      ({ items }) => items.length === 5,
    )
    for (const { attempts } of records.items) {
      const [first, next] = attempts.map(({ startedAt }) => Date.parse(startedAt))
      assert.equal(attempts[0]?.reason, 'no reply within 1000 ms')
      assert.ok(Math.abs((next ?? 0) - (first ?? 0) - 1_000) <= 100, `${(next ?? 0) - (first ?? 0)} ms`)
    }
  } finally {
    await second.kill()
    dead.close()
    await tollgate.stop()
  }
})
