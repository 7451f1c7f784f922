import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import type { Problem } from '../contract/api-common.ts'
import { accountSummary, codesAnswer, failoverReport, statsAnswer } from '../contract/api-stats.ts'
import type { StatsAnswer } from '../contract/api-stats.ts'
import type { Records } from '../control/record-service.ts'

let rig: ApiRig

const gateway = (name: string, address: string) => ({ name, direction: 'receives', addresses: [address] })
const file = {
  carriers: [
    { name: 'Acme', endpoints: [gateway('gw-1', '192.0.2.1'), gateway('gw-2', '192.0.2.2')] },
    { name: 'Beta', endpoints: [gateway('gw-1', '192.0.2.3')] },
  ],
  customers: [
    {
      name: 'PBX',
      endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['198.51.100.1'] }],
      sipUsers: [{ username: '441', password: 'Secret-12345' }],
    },
  ],
}

before(async () => {
  rig = await openApiRig()
  assert.equal((await rig.fetch('POST', '/api/v1/config/apply', { body: file })).status, 200)
  const idOf = async (kind: 'carrier' | 'customer', name: string) =>
    (await rig.control.config.getAccount(kind, name)).id
  const [acme, beta, pbx] = [
    await idOf('carrier', 'Acme'),
    await idOf('carrier', 'Beta'),
    await idOf('customer', 'PBX'),
  ]
  const { items } = await rig.control.config.listEndpoints({ limit: 10, accountId: acme, sort: 'name' })
  const failed = attemptRecord({
    accountId: acme,
    endpointId: items[0]?.id ?? '',
    status: 503,
    reason: '503 from the gateway',
  })
  const answered = attemptRecord({ accountId: beta, account: 'Beta', endpointId: 'ep_beta' })
  const startedAt = Date.now() - 1_000
  const sends = await rig.control.config.listEndpoints({ limit: 10, accountId: pbx })
  const user = await rig.control.config.getSipUser('441')
  const bySipUser = { callerEndpointId: null, callerSipUserId: user.id, callerSipUser: '441' }
  const callerEndpointId = sends.items[0]?.id ?? ''
  const call = { callerAccountId: pbx, callerEndpointId, startedAt, answeredAt: startedAt + 900, talkMs: 30_000 }
  const times = { startedAt, ringingAt: null }
  rig.control.records.add(
    [
      callRecord(1, {
        ...call,
        attempts: [
          { ...failed, ...times },
          { ...answered, ...times },
        ],
      }),
      callRecord(2, { ...call, ...bySipUser, attempts: [{ ...answered, ...times }] }),
      callRecord(3, { ...call, attempts: [], outcome: 'refused', status: 404, answeredAt: null, talkMs: 0 }),
    ],
    0,
  )
  await (rig.control.records as Records).flush()
})
after(() => rig.close())

const stats = async (query: string): Promise<StatsAnswer> => {
  const { status, json } = await rig.fetch('GET', `/api/v1/stats?${query}`)
  assert.equal(status, 200, JSON.stringify(json))
  return statsAnswer.parse(json)
}

const totals = async (query: string): Promise<unknown> =>
  (await stats(`${query}&metric=attempts,answered,failed,cancelled,talkSeconds,asr`)).totals

test('each side of each account counts what is its own', async () => {
  assert.deepEqual(await totals(''), [3, 2, 1, 0, 60, 2 / 3])
  assert.deepEqual(await totals('account=PBX'), [3, 2, 1, 0, 60, 2 / 3])
  assert.deepEqual(await totals('account=PBX&side=gateway'), [0, 0, 0, 0, 0, null])
  assert.deepEqual(await totals('account=Acme'), [1, 0, 1, 0, 0, 0])
  assert.deepEqual(await totals('account=Beta'), [2, 2, 0, 0, 60, 1])
  assert.deepEqual(await totals('account=Acme&gateway=gw-1'), [1, 0, 1, 0, 0, 0])
  assert.deepEqual(await totals('gateway=gw-2'), [0, 0, 0, 0, 0, null])
})

test('an entry that sends and a SIP user count the calls that came from them', async () => {
  assert.deepEqual(await totals('endpoint=pbx'), [2, 1, 1, 0, 30, 1 / 2])
  assert.deepEqual(await totals('account=PBX&endpoint=pbx&side=caller'), [2, 1, 1, 0, 30, 1 / 2])
  assert.deepEqual(await totals('sipUser=441'), [1, 1, 0, 0, 30, 1])
  assert.equal((await stats('sipUser=441')).side, 'caller')
  assert.deepEqual(await totals('gateway=pbx'), [0, 0, 0, 0, 0, null])
})

test('points and totals come in the order of the metrics; default is all of them, by the minute for an hour', async () => {
  const answer = await stats('account=Beta')
  assert.equal(answer.metrics.length, 11)
  assert.equal(answer.step, 'minute')
  assert.ok(answer.points.length >= 60 && answer.points.length <= 61)
  assert.ok(answer.points.every(({ values }) => values.length === 11))
  assert.deepEqual((await stats('metric=asr,attempts')).metrics, ['asr', 'attempts'])
})

test('codes, with those of nobody', async () => {
  const codes = async (query: string) =>
    codesAnswer.parse((await rig.fetch('GET', `/api/v1/stats/codes?${query}`)).json).items
  assert.deepEqual(await codes(''), [
    { status: 200, count: 2 },
    { status: 404, count: 1 },
  ])
  assert.deepEqual(await codes('account=Acme'), [{ status: 503, count: 1 }])
  assert.deepEqual(await codes('gateway=gw-2'), [])
})

test('what cannot be answered is said with its path', async () => {
  const pathsOf = async (query: string): Promise<string[]> => {
    const { status, json } = await rig.fetch('GET', `/api/v1/stats?${query}`)
    assert.equal(status, 400, query)
    return (json as Problem).errors.map(({ path }) => path)
  }
  assert.deepEqual(await pathsOf('metric=attempts,nonsense'), ['metric'])
  assert.deepEqual(await pathsOf('step=second'), ['step'])
  assert.deepEqual(await pathsOf('gateway=gw-1'), ['gateway'])
  assert.deepEqual(await pathsOf('gateway=gw-2&side=caller'), ['side'])
  assert.deepEqual(await pathsOf('endpoint=pbx&side=gateway'), ['side'])
  assert.deepEqual(await pathsOf('sipUser=441&side=gateway'), ['side'])
  assert.deepEqual(await pathsOf('sipUser=441&endpoint=pbx'), ['sipUser'])
  assert.deepEqual(await pathsOf('endpoint=gw-1'), ['endpoint'])
  assert.deepEqual(await pathsOf('from=yesterday'), ['from'])
  assert.deepEqual(await pathsOf('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'), ['from'])
  assert.equal((await rig.fetch('GET', '/api/v1/stats?account=nobody')).status, 404)
  assert.equal((await rig.fetch('GET', '/api/v1/stats?gateway=nobody')).status, 404)
  assert.equal((await rig.fetch('GET', '/api/v1/stats?endpoint=nobody')).status, 404)
  assert.equal((await rig.fetch('GET', '/api/v1/stats?sipUser=nobody')).status, 404)
})

test('summary and failover report of carriers and customers', async () => {
  const summaryOf = async (path: string) =>
    accountSummary.parse((await rig.fetch('GET', `/api/v1/${path}/summary`)).json)
  const beta = await summaryOf('carriers/Beta')
  assert.deepEqual([beta.side, beta.windows[0]?.attempts, beta.windows[0]?.cost], ['gateway', 2, '0.00'])
  const pbx = await summaryOf('customers/PBX')
  assert.deepEqual([pbx.side, pbx.windows[0]?.attempts, pbx.windows[0]?.codes], ['caller', 3, null])
  const report = failoverReport.parse((await rig.fetch('GET', '/api/v1/carriers/Acme/failover-report')).json)
  assert.deepEqual([report.failed, report.answeredElsewhere], [1, 1])
  assert.equal(report.rows[0]?.examples[0]?.callId, 'call_1')
  assert.equal((await rig.fetch('GET', '/api/v1/carriers/nobody/summary')).status, 404)
})
