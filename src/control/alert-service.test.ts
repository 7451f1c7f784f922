import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttemptRecord, CallRecord } from '../call/record.ts'
import type { WatchedTarget } from '../edge/seam.ts'
import { AlertRig } from '../../test/kit/alert-rig.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { applied, tester } from '../../test/kit/control-rig.ts'
import { nextTurn } from '../../test/kit/inbox.ts'
import { openMailServer } from '../../test/kit/mail-server.ts'
import type { Records } from './record-service.ts'

/** Turns the event loop until it is so; fails when it never is. */
async function turnUntil(isSo: () => Promise<boolean>): Promise<void> {
  const start = performance.now()
  while (!(await isSo())) {
    assert.ok(performance.now() - start < 10_000, 'it never was')
    await nextTurn()
  }
}

/** A call to Acme: answered after `setupMs` for `talkMs`, or failed. */
function calls(rig: AlertRig, count: number, { talkMs = 60_000, setupMs = 100, status = 200 } = {}): CallRecord[] {
  const answered = status === 200
  return Array.from({ length: count }, (_, i) => {
    const startedAt = rig.rig.clock.wallMs() - talkMs - setupMs
    const ringingAt = answered ? startedAt + setupMs : null
    const attempts = [attemptRecord({ accountId: rig.accountId, startedAt, ringingAt, status })]
    const outcome = answered ? 'answered' : 'failed'
    return callRecord(i, { outcome, talkMs: answered ? talkMs : 0, attempts })
  })
}

const numeric = [
  { kind: 'channels', rule: { threshold: 100, resetThreshold: 80 }, set: 'channels' },
  { kind: 'callsPerSecond', rule: { threshold: 100, resetThreshold: 80 }, set: 'callsPerSecond' },
  { kind: 'consecutiveFailures', rule: { threshold: 100, resetThreshold: 80 }, set: 'failures' },
] as const

for (const { kind, rule, set } of numeric)
  test(`${kind}: one alert at the threshold, nothing between the two thresholds, one recovery at the lower one`, () =>
    AlertRig.with(AlertRig.fileOf([{ name: 'Busy', kind, ...rule }]), async (rig) => {
      const at = (value: number): Promise<string[]> => {
        rig.rig.clock.advance(1_000)
        if (set === 'failures') rig.failures = new Map([[rig.accountId, value]])
        else rig.use = new Map([[rig.accountId, { channels: 0, callsPerSecond: 0, [set]: value }]])
        return rig.look()
      }
      assert.deepEqual(await at(99), [])
      assert.deepEqual(await at(100), ['Busy open'])
      assert.deepEqual(await at(250), ['Busy open'], 'an episode is raised once')
      assert.deepEqual(await at(81), ['Busy open'], 'above the reset threshold')
      assert.deepEqual(await at(99), ['Busy open'])
      assert.deepEqual(await at(80), ['Busy closed'])
      assert.deepEqual(await at(99), ['Busy closed'], 'below the threshold nothing is raised')
      assert.deepEqual(await at(100), ['Busy closed', 'Busy open'], 'a new episode')
    }))

test('without a reset threshold an alert is over just below its threshold', () =>
  AlertRig.with(AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 10 }]), async (rig) => {
    rig.use = new Map([[rig.accountId, { channels: 10, callsPerSecond: 0 }]])
    assert.deepEqual(await rig.look(), ['Busy open'])
    assert.equal(await rig.text(), 'carrier Acme: 10 live calls (alert at 10 live calls)')
    rig.use = new Map()
    assert.deepEqual(await rig.look(), ['Busy closed'])
  }))

const asrRule = {
  name: 'Low ASR',
  kind: 'asr',
  threshold: 0.4,
  resetThreshold: 0.6,
  windowMinutes: 5,
  minimumCalls: 10,
}

test('ASR: says nothing before the minimum of calls, then counts attempts of the window; old minutes drop out', () =>
  AlertRig.with(AlertRig.fileOf([asrRule]), async (rig) => {
    rig.control.alerts.addRecords(calls(rig, 9, { status: 503 }))
    assert.deepEqual(await rig.look(), [], 'nine calls are not enough')
    rig.control.alerts.addRecords(calls(rig, 1, { status: 503 }))
    assert.deepEqual(await rig.look(), ['Low ASR open'])
    assert.equal(await rig.text(), 'carrier Acme: ASR 0 % in 5 minutes (alert at 40 %)')
    rig.control.alerts.addRecords(calls(rig, 10))
    assert.deepEqual(await rig.look(), ['Low ASR open'], '50 % is between the thresholds')
    rig.rig.clock.advance(6 * 60_000)
    assert.deepEqual(await rig.look(), ['Low ASR open'], 'no calls say nothing')
    rig.control.alerts.addRecords(calls(rig, 10))
    assert.deepEqual(await rig.look(), ['Low ASR closed'], 'the failed calls are out of the window')
    assert.match(await rig.text(), / \| carrier Acme: ASR 100 % in 5 minutes/)
  }))

test('at a carrier each attempt at its gateways counts, at a customer each of its calls', () =>
  AlertRig.with(
    {
      ...AlertRig.fileOf([{ ...asrRule, minimumCalls: 4 }]),
      customers: [{ name: 'PBX', alerts: [{ ...asrRule, name: 'PBX ASR', minimumCalls: 4 }] }],
    },
    async (rig) => {
      const pbx = await rig.control.config.getAccount('customer', 'PBX')
      const failed: AttemptRecord = attemptRecord({ accountId: rig.accountId, status: 503, ringingAt: null })
      const elsewhere = attemptRecord({ accountId: 'car_other' })
      const records = Array.from({ length: 2 }, (_, i) =>
        callRecord(i, { callerAccountId: pbx.id, attempts: [failed, failed, elsewhere] }),
      )
      rig.control.alerts.addRecords(records)
      assert.deepEqual(await rig.look(), ['Low ASR open'], 'four failed attempts at Acme, two answered calls of PBX')
      rig.control.alerts.addRecords(records)
      assert.deepEqual(await rig.look(), ['Low ASR open'], 'four answered calls of PBX')
    },
  ))

test('ACD and PDD are means over answered calls and over those that rang', () =>
  AlertRig.with(
    AlertRig.fileOf([
      { name: 'Short', kind: 'acd', threshold: 10, resetThreshold: 30, windowMinutes: 5, minimumCalls: 4 },
      { name: 'Slow', kind: 'pdd', threshold: 4_000, resetThreshold: 2_000, windowMinutes: 5, minimumCalls: 4 },
    ]),
    async (rig) => {
      rig.control.alerts.addRecords(calls(rig, 4, { talkMs: 11_000, setupMs: 3_999 }))
      rig.control.alerts.addRecords(calls(rig, 40, { status: 486 }))
      assert.deepEqual(await rig.look(), [])
      rig.rig.clock.advance(6 * 60_000)
      rig.control.alerts.addRecords(calls(rig, 4, { talkMs: 9_000, setupMs: 5_000 }))
      assert.deepEqual((await rig.look()).toSorted(), ['Short open', 'Slow open'])
      rig.control.alerts.addRecords(calls(rig, 16, { talkMs: 60_000, setupMs: 1_000 }))
      assert.deepEqual((await rig.look()).toSorted(), ['Short closed', 'Slow closed'])
    },
  ))

const gatewayRule = { name: 'Gateway red', kind: 'gatewayRed' }

function state(rig: AlertRig, gateway: string, now: WatchedTarget['state'], reason = ''): WatchedTarget {
  return { ...rig.targetOf(gateway), state: now, reason }
}

test('gatewayRed: one alert and one recovery for each gateway, whatever it is red for meanwhile', () =>
  AlertRig.with(AlertRig.fileOf([gatewayRule]), async (rig) => {
    rig.targets = [state(rig, 'acme-1', 'failing', 'connection refused')]
    assert.deepEqual(await rig.look(), ['Gateway red acme-1 udp:192.0.2.10:5060 open'])
    assert.equal(await rig.text(), 'carrier Acme: gateway acme-1 udp:192.0.2.10:5060 is red: connection refused')
    rig.rig.clock.advance(1_000)
    rig.targets = [state(rig, 'acme-1', 'failing', 'no answer'), state(rig, 'acme-2', 'failing', 'no answer')]
    assert.equal((await rig.look()).length, 2)
    rig.targets = [state(rig, 'acme-1', 'green', 'answers OPTIONS'), state(rig, 'acme-2', 'off', 'switched off')]
    assert.deepEqual(await rig.look(), [
      'Gateway red acme-1 udp:192.0.2.10:5060 closed',
      'Gateway red acme-2 udp:192.0.2.11:5060 closed',
    ])
    assert.match(await rig.text(), / \| carrier Acme: gateway acme-2 .* is no longer watched: switched off$/)
  }))

test('gatewayRed: after a restart the open alert stays until the gateway is heard of, and is not raised again', () =>
  AlertRig.with(AlertRig.fileOf([gatewayRule]), async (rig) => {
    rig.targets = [state(rig, 'acme-1', 'failing', 'connection refused')]
    await rig.look()
    await rig.restart()
    rig.targets = [state(rig, 'acme-1', 'unknown', 'not probed yet')]
    assert.deepEqual(await rig.look(), ['Gateway red acme-1 udp:192.0.2.10:5060 open'])
    rig.targets = [state(rig, 'acme-1', 'failing', 'connection refused')]
    assert.deepEqual(await rig.look(), ['Gateway red acme-1 udp:192.0.2.10:5060 open'])
    rig.targets = [state(rig, 'acme-1', 'green', 'answers OPTIONS')]
    assert.deepEqual(await rig.look(), ['Gateway red acme-1 udp:192.0.2.10:5060 closed'])
  }))

test('consecutiveFailures: the count that a restart set to 0 is no recovery; a call that gets through is', () =>
  AlertRig.with(
    AlertRig.fileOf([{ name: 'Dead', kind: 'consecutiveFailures', threshold: 50, resetThreshold: 10 }]),
    async (rig) => {
      rig.failures = new Map([[rig.accountId, 50]])
      assert.deepEqual(await rig.look(), ['Dead open'])
      await rig.restart()
      for (const count of [0, 5, 60]) {
        rig.failures = new Map([[rig.accountId, count]])
        assert.deepEqual(await rig.look(), ['Dead open'])
      }
      rig.failures = new Map()
      rig.control.alerts.addRecords(calls(rig, 1, { status: 503 }))
      assert.deepEqual(await rig.look(), ['Dead open'])
      rig.control.alerts.addRecords(calls(rig, 1))
      assert.deepEqual(await rig.look(), ['Dead closed'])
    },
  ))

test('a rule of the system holds for its kind of account, and a rule of the same name takes its place', () =>
  AlertRig.with(
    {
      ...AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 20 }]),
      system: {
        alerts: [
          { name: 'Busy', kind: 'channels', threshold: 10, accounts: 'any' },
          { name: 'Fast', kind: 'callsPerSecond', threshold: 5, accounts: 'customers' },
        ],
      },
    },
    async (rig) => {
      const pbx = await rig.control.config.getAccount('customer', 'PBX')
      rig.use = new Map([rig.accountId, pbx.id].map((id) => [id, { channels: 15, callsPerSecond: 9 }]))
      await rig.look()
      const { items } = await rig.control.alerts.list({ limit: 10 })
      assert.deepEqual(items.map(({ account, name }) => `${account} ${name}`).toSorted(), ['PBX Busy', 'PBX Fast'])
    },
  ))

test('an alert whose rule or account goes is closed without a word to anybody', () =>
  AlertRig.with(AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 1 }]), async (rig) => {
    rig.use = new Map([[rig.accountId, { channels: 1, callsPerSecond: 0 }]])
    await rig.look()
    await applied(rig.control, AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 1, enabled: false }]))
    assert.deepEqual(await rig.look(), ['Busy closed'])
    assert.match(await rig.text(), /nobody watches this any more/)
  }))

test('a penalty takes the account out once for an episode, and comes back by the clock', () =>
  AlertRig.with(
    AlertRig.fileOf([{ name: 'Dead', kind: 'consecutiveFailures', threshold: 5, penaltyMinutes: 10 }]),
    async (rig) => {
      rig.failures = new Map([[rig.accountId, 5]])
      await rig.look()
      const { suspensions } = rig.control
      const until = rig.rig.clock.wallMs() + 600_000
      assert.deepEqual(suspensions.findPenalty(rig.accountId), { kind: 'penalty', reason: 'alert Dead', until })
      rig.rig.clock.advance(600_000)
      await rig.look()
      assert.equal(suspensions.findPenalty(rig.accountId), undefined, 'the open alert does not punish again')
    },
  ))

test('closed alerts, their texts and who was told survive a restart; filters find them', () =>
  AlertRig.with(
    AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 1, email: ['noc@example.com'] }]),
    async (rig) => {
      rig.use = new Map([[rig.accountId, { channels: 1, callsPerSecond: 0 }]])
      await rig.look()
      rig.use = new Map()
      await rig.look()
      await rig.restart()
      const { items } = await rig.control.alerts.list({ limit: 10, account: 'Acme', state: 'closed' })
      assert.deepEqual(
        items.map(({ name, deliveries }) => [
          name,
          ...deliveries.map(({ to, event, ok, detail }) => [to, event, ok, detail]),
        ]),
        [
          [
            'Busy',
            ['noc@example.com', 'raised', false, 'no mail server is configured (TOLLGATE_SMTP_URL)'],
            ['noc@example.com', 'recovered', false, 'no mail server is configured (TOLLGATE_SMTP_URL)'],
          ],
        ],
      )
      assert.equal((await rig.control.alerts.list({ limit: 10, state: 'open' })).total, 0)
      assert.equal((await rig.control.alerts.list({ limit: 10, account: 'PBX' })).total, 0)
    },
  ))

test('a message that could not be sent goes on after a restart, and a sent one does not go twice', () =>
  AlertRig.with(
    AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 1, email: ['noc@example.com'] }]),
    async (rig) => {
      const receiver = await openMailServer('127.0.74.3')
      const mail = {
        host: '127.0.74.3',
        port: receiver.port,
        secure: false,
        login: null,
        from: 'tollgate@edge.example',
      }
      const gone = { ...mail, port: 1 }
      const delivery = async () => (await rig.control.alerts.list({ limit: 1 })).items[0]?.deliveries[0]
      try {
        await rig.restart({ messages: { mail: gone, webhookAllow: [] } })
        rig.use = new Map([[rig.accountId, { channels: 1, callsPerSecond: 0 }]])
        await rig.look()
        await turnUntil(async () => (await delivery())?.tries === 1)
        assert.deepEqual([(await delivery())?.ok, (await delivery())?.pending], [false, true])
        await rig.restart({ messages: { mail, webhookAllow: [] } })
        await turnUntil(async () => (await delivery())?.ok === true)
        await rig.restart({ messages: { mail, webhookAllow: [] } })
        assert.deepEqual(await rig.look(), ['Busy open'])
        rig.use = new Map()
        await rig.look()
        await turnUntil(async () => receiver.mails.some(({ text }) => text.includes('[Tollgate] OK ')))
        assert.deepEqual(
          receiver.mails.map(({ text }) => /Tollgate\] (\w+) /.exec(text)?.[1]),
          ['ALERT', 'OK'],
        )
      } finally {
        await receiver.close()
      }
    },
  ))

test('balance: raised to the millionth at the threshold by the cost of calls, over when a payment came', () => {
  const alerts = [{ name: 'Credit', kind: 'balance', threshold: 2.4, resetThreshold: 10 }]
  const file = AlertRig.fileOf(alerts, { system: { alerts: [] } })
  const rates = [{ prefix: '', pricePerMinute: '0.60' }]
  const rated = { ...file, carriers: [{ name: 'Acme', rates, alerts }] }
  return AlertRig.with(rated, async (rig) => {
    const { control, accountId } = rig
    const pay = async (amount: string): Promise<void> => {
      await control.ledger.create(accountId, { description: 'transfer', amount }, tester)
      await control.ledger.settled()
    }
    /** A minute at 0.60. */
    const call = async (number: number): Promise<void> => {
      control.records.add([callRecord(number, { attempts: [attemptRecord({ accountId })] })], 0)
      await (control.records as Records).flush()
      await control.ledger.settled()
    }
    await pay('3.000001')
    assert.deepEqual(await rig.look(), [])
    await call(1)
    assert.deepEqual(await rig.look(), [], '2.400001 is above 2.4')
    await pay('-0.000001')
    assert.deepEqual(await rig.look(), ['Credit open'])
    assert.equal(await rig.text(), 'carrier Acme: balance 2.40 USD (alert at 2.40 USD)')
    await pay('7.599999')
    assert.deepEqual(await rig.look(), ['Credit open'])
    await pay('0.000001')
    assert.deepEqual(await rig.look(), ['Credit closed'])
  })
})

test('a signalling thread that does not answer is told of once, and nothing is raised or closed meanwhile', () =>
  AlertRig.with(AlertRig.fileOf([{ name: 'Busy', kind: 'channels', threshold: 1 }]), async (rig) => {
    rig.use = new Map([[rig.accountId, { channels: 1, callsPerSecond: 0 }]])
    await rig.look()
    const silent = { ask: () => Promise.reject(new Error('watched was not answered')) }
    for (let i = 0; i < 5; i++) await rig.control.alerts.look(silent)
    assert.equal(rig.rig.logLines.filter((line) => line.includes('alerts cannot be looked at')).length, 1)
    assert.deepEqual(await rig.look(), ['Busy open'])
  }))

test('after a restart a window knows the calls from before, out of the statistics', () =>
  AlertRig.with(AlertRig.fileOf([{ ...asrRule, minimumCalls: 10 }]), async (rig) => {
    const count = (records: readonly CallRecord[]): Promise<void> => {
      rig.control.onRecords(records, 0)
      return (rig.control.records as Records).flush()
    }
    await count(
      calls(rig, 9, { status: 503 }).map((record) => ({ ...record, startedAt: rig.rig.clock.wallMs() - 90_000 })),
    )
    assert.deepEqual(await rig.look(), [])
    await rig.restart()
    assert.deepEqual(await rig.look(), [])
    const [last] = calls(rig, 1, { status: 503 })
    assert.ok(last)
    rig.control.alerts.addRecords([last])
    assert.deepEqual(await rig.look(), ['Low ASR open'])
  }))
