// 1,000 real calls, some answered at the second carrier, some refused, some given up: balance, statistics, alerts, reports and
// records tell the same story, to the millionth and to the call.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertItem } from '../../src/contract/api-alerts.ts'
import type { Page } from '../../src/contract/api-common.ts'
import type { CallRecordItem } from '../../src/contract/api-live.ts'
import type { BalanceItem } from '../../src/contract/api-money.ts'
import type { AccountSummary, CodesAnswer, FailoverReport, StatsAnswer } from '../../src/contract/api-stats.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import type { SippOptions } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const at = (last: number): string => `127.0.73.${last}`
const edge = `${at(101)}:5060`

const carrier = (name: string, last: number, more: object = {}) => ({
  name,
  backoff: false,
  endpoints: [
    {
      name: `${name.toLowerCase()}-1`,
      direction: 'receives' as const,
      addresses: [at(last)],
      port: 5080,
      probe: { enabled: false },
    },
  ],
  ...more,
})

const rates = [
  { prefix: '', pricePerMinute: '0.9', firstIncrementSeconds: 60, incrementSeconds: 60 },
  { prefix: '441', pricePerMinute: '0.0123', connectFee: '0.001' },
]

/** A rule that comes true with exactly so many calls, and one that would need one more. */
const exactly = (name: string, calls: number, rule: object): object[] =>
  [calls, calls + 1].map((minimumCalls) => ({
    name: `${name} ${minimumCalls}`,
    windowMinutes: 60,
    minimumCalls,
    ...rule,
  }))

const alerts = {
  Alpha: [
    { name: 'Credit', kind: 'balance', threshold: -200, resetThreshold: 0 },
    ...exactly('Talk', 650, { kind: 'acd', threshold: 86_400 }),
  ],
  Beta: [250, 251].map((threshold) => ({ name: `Dead ${threshold}`, kind: 'consecutiveFailures', threshold })),
  Gamma: exactly('Answers', 200, { kind: 'asr', threshold: 0 }),
  PBX: exactly('Answers', 1_000, { kind: 'asr', threshold: 1 }),
}

const file = {
  carriers: [
    carrier('Alpha', 111, { currency: 'EUR', rates, alerts: alerts.Alpha }),
    carrier('Beta', 112, { alerts: alerts.Beta, rates: [{ prefix: '', pricePerMinute: '99' }] }),
    carrier('Gamma', 113, { alerts: alerts.Gamma }),
    carrier('Delta', 114),
  ],
  customers: [
    {
      name: 'PBX',
      alerts: alerts.PBX as never,
      endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [at(102)] }],
    },
  ],
  routes: [
    { prefix: '441', from: 'customers' as const, targets: [{ carrier: 'Alpha' }] },
    { prefix: '442', from: 'customers' as const, targets: [{ carrier: 'Beta' }, { carrier: 'Alpha', priority: 1 }] },
    { prefix: '443', from: 'customers' as const, targets: [{ carrier: 'Gamma' }] },
    { prefix: '444', from: 'customers' as const, targets: [{ carrier: 'Delta' }] },
  ],
}

/** Calls by what becomes of them; 1,000 together. */
const groups = { answered: 400, failedOver: 250, notFound: 200, noRoute: 100, givenUp: 50 }

async function caller(port: number, change: Partial<SippOptions> & { readonly calls: number }): Promise<void> {
  const who = { scenario: 'uac', address: at(102), port, remote: edge } as const
  const result = await runSipp({ ...who, callsPerSecond: 40, ...change })
  assert.deepEqual([result.successful, result.failed], [change.calls, 0], result.errors)
}

/** One after the other would take a minute. */
const makeCalls = (): Promise<unknown> =>
  Promise.all([
    caller(5071, { calls: groups.answered, number: '441782', pauseMs: 990 }),
    caller(5072, { calls: groups.failedOver, number: '442782', pauseMs: 300 }),
    caller(5073, {
      scenario: 'uac-refused',
      calls: groups.notFound,
      number: '443782',
      values: { STATUS: '404' },
    }),
    caller(5074, { scenario: 'uac-refused', calls: groups.noRoute, number: '49', values: { STATUS: '404' } }),
    caller(5075, { scenario: 'uac-cancel', calls: groups.givenUp, number: '444782', callsPerSecond: 10 }),
  ])

async function allRecords(tollgate: Tollgate): Promise<readonly CallRecordItem[]> {
  const page = await tollgate.get<Page<CallRecordItem>>('/call-records?limit=1000')
  assert.deepEqual([page.total, page.items.length], [1_000, 1_000])
  return page.items
}

/** Decimal text as millionths, read in another way than the server's. */
const millionths = (text: string): bigint => {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + decimals.padEnd(6, '0'))
  return text.startsWith('-') ? -value : value
}

/** What a call of this length must cost at Alpha, by the rule in docs/guide/credit.md. */
function priceOf(record: CallRecordItem): bigint {
  const number = record.attempts.at(-1)?.destination ?? ''
  if (!number.startsWith('441')) return BigInt(Math.max(1, Math.ceil(record.talkMs / 60_000))) * 900_000n
  const seconds = Math.max(1, Math.ceil(record.talkMs / 1_000))
  return 1_000n + BigInt(Math.floor((12_300 * seconds) / 60 + 0.5))
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

async function assertCosts(tollgate: Tollgate, records: readonly CallRecordItem[]): Promise<bigint> {
  const answered = records.filter(({ outcome }) => outcome === 'answered')
  assert.equal(answered.length, groups.answered + groups.failedOver)
  for (const record of answered) {
    assert.equal(record.attempts.at(-1)?.account, 'Alpha')
    assert.equal(millionths(record.cost ?? '0'), priceOf(record), `${record.id}: ${record.talkMs} ms`)
    assert.equal(record.costCurrency, 'EUR')
  }
  for (const record of records.filter(({ outcome }) => outcome !== 'answered')) assert.equal(record.cost, null)
  const cost = sumOf(answered.map(({ cost: one }) => millionths(one ?? '0')))
  assert.ok(cost > 250n * 900_000n)
  const payment = { description: 'first transfer', amount: '250.00' }
  assert.equal((await tollgate.request('POST', '/api/v1/carriers/Alpha/payments', payment)).status, 201)
  const balance = await tollgate.get<BalanceItem>('/carriers/Alpha/balance')
  assert.equal(millionths(balance.cost), cost)
  assert.equal(millionths(balance.balance), 250_000_000n - cost)
  assert.equal((await tollgate.get<BalanceItem>('/carriers/Beta/balance')).cost, '0.00', 'who fails is paid nothing')
  return cost
}

/** Of the records: what the statistics of one scope must say. */
function countOf(records: readonly CallRecordItem[], account: string | undefined) {
  if (account === undefined)
    return {
      attempts: records.length,
      answered: records.filter(({ outcome }) => outcome === 'answered').length,
      failed: records.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused').length,
      cancelled: records.filter(({ outcome }) => outcome === 'cancelled').length,
      talkMs: records.reduce((sum, { talkMs }) => sum + talkMs, 0),
    }
  const attempts = records.flatMap((record) =>
    record.attempts.map((attempt, i) => ({ record, attempt, last: i === record.attempts.length - 1 })),
  )
  const own = attempts.filter(({ attempt }) => attempt.account === account)
  const ended = (outcome: string): typeof own => own.filter(({ record, last }) => last && record.outcome === outcome)
  return {
    attempts: own.length,
    answered: ended('answered').length,
    failed: own.length - ended('answered').length - ended('cancelled').length,
    cancelled: ended('cancelled').length,
    talkMs: ended('answered').reduce((sum, { record }) => sum + record.talkMs, 0),
  }
}

async function assertStatistics(tollgate: Tollgate, records: readonly CallRecordItem[], scope: string): Promise<void> {
  const account = /^account=(\w+)$/.exec(scope)?.[1] ?? (scope.startsWith('gateway=') ? scopes[scope] : undefined)
  const expected = countOf(records, account === 'PBX' ? undefined : account)
  const { attempts, answered, failed, cancelled, talkMs } = expected
  for (const step of ['minute', 'hour']) {
    const metric = 'attempts,answered,failed,cancelled,talkSeconds,asr,acdSeconds'
    const { totals, points } = await tollgate.get<StatsAnswer>(`/stats?${scope}&step=${step}&metric=${metric}`)
    const asr = attempts === 0 ? null : answered / attempts
    const acd = answered === 0 ? null : talkMs / answered / 1_000
    assert.deepEqual(totals, [attempts, answered, failed, cancelled, talkMs / 1_000, asr, acd], `${scope} by ${step}`)
    assert.equal(
      points.reduce((sum, { values }) => sum + (values[0] ?? 0), 0),
      attempts,
    )
  }
  const codes = await tollgate.get<CodesAnswer>(`/stats/codes?${scope}`)
  assert.equal(
    codes.items.reduce((sum, { count }) => sum + count, 0),
    attempts,
    `codes of ${scope}`,
  )
}

/** What is asked for, and the account whose attempts it counts. */
const scopes: Readonly<Record<string, string | undefined>> = {
  '': undefined,
  'account=PBX': 'PBX',
  'account=Alpha': 'Alpha',
  'account=Beta': 'Beta',
  'account=Gamma': 'Gamma',
  'account=Delta': 'Delta',
  'gateway=alpha-1': 'Alpha',
  'gateway=delta-1': 'Delta',
}

async function assertReports(tollgate: Tollgate, cost: bigint): Promise<void> {
  const { windows } = await tollgate.get<AccountSummary>('/carriers/Alpha/summary')
  const [day] = windows
  assert.deepEqual([day?.name, day?.attempts, day?.answered], ['24h', 650, 650])
  assert.equal(millionths(day?.cost ?? '0'), cost)
  const report = await tollgate.get<FailoverReport>('/carriers/Beta/failover-report')
  assert.deepEqual([report.failed, report.answeredElsewhere, report.complete], [250, 250, true])
  assert.deepEqual(
    report.rows.map(({ gateway, reason, count }) => [gateway, reason, count]),
    [['beta-1', '503 from the gateway', 250]],
  )
  const example = report.rows[0]?.examples[0]
  assert.equal(example?.answeredBy, 'Alpha/alpha-1')
  assert.equal((await tollgate.get<CallRecordItem>(`/call-records/${example?.callId}`)).attempts.length, 2)
  const gamma = await tollgate.get<FailoverReport>('/carriers/Gamma/failover-report')
  assert.deepEqual([gamma.failed, gamma.answeredElsewhere, gamma.rows], [200, 0, []])
  assert.deepEqual((await tollgate.get<CodesAnswer>('/stats/codes?account=Gamma')).items, [{ status: 404, count: 200 }])
}

/** Rules that need one call more than there were have said nothing; the others have, of exactly these calls. */
async function assertAlerts(tollgate: Tollgate, records: readonly CallRecordItem[], cost: bigint): Promise<void> {
  const list = async (): Promise<readonly AlertItem[]> =>
    (await tollgate.get<Page<AlertItem>>('/alerts?sort=account')).items
  const found = await tollgate.eventually('the alerts', list, (all) => all.some(({ state }) => state === 'closed'))
  const talkMs = records.reduce((sum, record) => sum + record.talkMs, 0)
  assert.deepEqual(
    found.filter(({ name }) => name !== 'Credit').map(({ account, name, value }) => [account, name, value]),
    [
      ['Alpha', 'Talk 650', talkMs / 650 / 1_000],
      ['Beta', 'Dead 250', 250],
      ['Gamma', 'Answers 200', 0],
      ['PBX', 'Answers 1000', 0.65],
    ],
  )
  const credit = found.filter(({ name }) => name === 'Credit')
  assert.equal(credit.length, 1, 'raised once')
  const [, balance = ''] = / over: carrier Alpha: balance (\S+) EUR /.exec(credit[0]?.text ?? '') ?? []
  assert.equal(millionths(balance), 250_000_000n - cost, credit[0]?.text)
}

interface ListedAccount {
  readonly name: string
  readonly summary: { readonly balance: string; readonly asr: number | null; readonly channels: number }
}

test('SIPp: 1,000 calls with failover, refusals and cancels; balance, statistics, alerts and records agree', async () => {
  const tollgate = await Tollgate.start({ sip: edge, file })
  const gateways = [
    startSipp({ scenario: 'uas', address: at(111), port: 5080 }),
    startSipp({ scenario: 'uas-refuse', address: at(112), port: 5080, values: { STATUS: '503', REASON: 'Down' } }),
    startSipp({ scenario: 'uas-refuse', address: at(113), port: 5080, values: { STATUS: '404', REASON: 'No' } }),
    startSipp({ scenario: 'uas-cancelled', address: at(114), port: 5080 }),
  ]
  try {
    await Promise.all(gateways.map(({ ready }) => ready))
    await makeCalls()
    await tollgate.assertNothingHeld()
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount(),
      (count) => count === 1_000,
    )
    const records = await allRecords(tollgate)
    const cost = await assertCosts(tollgate, records)
    await assertAlerts(tollgate, records, cost)
    for (const scope of Object.keys(scopes)) await assertStatistics(tollgate, records, scope)
    await assertReports(tollgate, cost)
    const { items } = await tollgate.get<{ items: readonly ListedAccount[] }>('/carriers')
    const alpha = items.find(({ name }) => name === 'Alpha')
    assert.deepEqual([millionths(alpha?.summary.balance ?? ''), alpha?.summary.asr], [250_000_000n - cost, 1])
    console.log(`1000 calls, cost ${cost} millionths, in records, statistics, summary and balance alike`)
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await tollgate.stop()
  }
})

test('SIPp: creditStop sends calls to the next carrier while the balance is 0 or less, and a payment takes it back at once', async () => {
  const stopped = {
    carriers: [
      carrier('Alpha', 111, { creditStop: true, rates: [{ prefix: '', pricePerMinute: '0', connectFee: '1.50' }] }),
      carrier('Beta', 112),
    ],
    customers: file.customers,
    routes: [
      { prefix: '', from: 'customers' as const, targets: [{ carrier: 'Alpha' }, { carrier: 'Beta', priority: 1 }] },
    ],
  }
  const tollgate = await Tollgate.start({ sip: edge, file: stopped })
  const gateways = [111, 112].map((last) => startSipp({ scenario: 'uas', address: at(last), port: 5080 }))
  /** Gateways that one more call was offered to, when it is over and charged. */
  const callOnce = async (count: number): Promise<string> => {
    await caller(5071, { calls: 1, number: '441782' })
    await tollgate.eventually(
      'the record',
      () => tollgate.recordCount(),
      (total) => total === count,
    )
    await tollgate.running.control.ledger.settled()
    const [record] = await tollgate.records()
    return record?.attempts.map(({ gateway }) => gateway).join(' ') ?? ''
  }
  const pay = (amount: string): Promise<unknown> =>
    tollgate.request('POST', '/api/v1/carriers/Alpha/payments', { description: 'transfer', amount })
  try {
    await Promise.all(gateways.map(({ ready }) => ready))
    assert.equal(await callOnce(1), 'beta-1', 'nothing was paid yet')
    await pay('2')
    assert.equal(await callOnce(2), 'alpha-1')
    assert.equal(await callOnce(3), 'alpha-1', 'there are 0.50 left')
    assert.equal((await tollgate.get<BalanceItem>('/carriers/Alpha/balance')).balance, '-1.00')
    assert.equal(await callOnce(4), 'beta-1')
    await pay('1')
    assert.equal(await callOnce(5), 'beta-1', 'a balance of 0 is used up')
    await pay('0.000001')
    assert.equal(await callOnce(6), 'alpha-1')
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await tollgate.stop()
  }
})
