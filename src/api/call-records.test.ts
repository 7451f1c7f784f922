// Call records as pages and as CSV that no spreadsheet takes for formulas.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import type { CallRecord } from '../call/record.ts'
import type { Page } from '../contract/api-common.ts'
import { type CallRecordItem, callRecordView } from '../contract/api-live.ts'
import { csvCell } from './call-records.ts'

let rig: ApiRig
const start = Date.UTC(2026, 0, 31, 12)

const recordOf = (number: number, change: Partial<CallRecord> = {}): CallRecord => ({
  id: `call-${number}`,
  startedAt: start + number * 1_000,
  firstReplyAt: null,
  ringingAt: null,
  answeredAt: start + number * 1_000 + 500,
  endedAt: start + number * 1_000 + 900,
  setupMs: 500,
  ringMs: null,
  talkMs: 400,
  sourceAddress: '198.51.100.20',
  sourcePort: 5060,
  sourceTransport: 'udp',
  callerAccountId: 'cus_1',
  callerAccount: 'PBX',
  callerEndpointId: 'ep_1',
  callerEndpoint: 'pbx',
  callerSipUserId: null,
  callerSipUser: null,
  callerCallId: `c${number}@pbx`,
  routePrefix: '44',
  dialled: '0044',
  destination: '44178',
  cli: '49',
  outcome: 'answered',
  status: 200,
  reasonPhrase: 'OK',
  releaseReason: 'caller BYE',
  releasedBy: 'caller',
  detail: '',
  directoryRevision: 1,
  attempts: [
    {
      endpointId: 'ep_2',
      accountId: 'car_1',
      gateway: 'acme-1',
      account: 'Acme',
      target: 'udp:192.0.2.10:5060',
      callId: 'x',
      destination: '44178',
      startedAt: start,
      firstReplyAt: null,
      ringingAt: null,
      endedAt: start + 900,
      status: 200,
      reason: 'answered',
    },
  ],
  explanation: 'identify PBX',
  ...change,
})

const list = async (query: string) =>
  (await rig.fetch('GET', `/api/v1/call-records?${query}`)).json as Page<CallRecordItem>

before(async () => {
  rig = await openApiRig()
  const attack = { cli: '=cmd|"/C calc"!A0', reasonPhrase: 'Busy,\r\n"x"', callerEndpoint: '+evil', detail: '@sum' }
  const refused = { outcome: 'refused', status: 403, attempts: [], callerAccount: null, callerAccountId: null } as const
  rig.control.records.add([recordOf(1), recordOf(2, refused), recordOf(3, attack)], 0)
  const deadline = Date.now() + 10_000
  // The service writes within half a second.
  while ((await list('limit=1')).total < 3) assert.ok(Date.now() < deadline, 'the records are not written')
})
after(() => rig.close())

test('newest first, with cursor, total of all matches and filters', async () => {
  const first = await list('limit=2')
  assert.deepEqual(
    first.items.map((item) => z.strictObject(callRecordView.shape).parse(item).id),
    ['call-3', 'call-2'],
  )
  assert.equal(first.total, 3)
  const second = await list(`limit=2&cursor=${first.nextCursor}`)
  assert.deepEqual(
    second.items.map(({ id }) => id),
    ['call-1'],
  )
  assert.equal((await list('outcome=refused')).total, 1)
  assert.equal((await list('account=PBX')).total, 2)
  assert.equal((await list('number=4417')).total, 3)
  assert.equal((await list('from=2026-01-31T12:00:03Z')).total, 1)
  assert.equal((await list(`to=${start + 2_000}&from=${start}`)).total, 1)
  for (const query of ['outcome=lost', 'from=yesterday', 'colour=red', 'limit=5000', 'sort=cli'])
    assert.equal((await rig.fetch('GET', `/api/v1/call-records?${query}`)).status, 400, query)
})

test('one record', async () => {
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/call-records/call-1')).json, {
    id: 'call-1',
    startedAt: '2026-01-31T12:00:01.000Z',
    attempts: [{ gateway: 'acme-1' }],
    explanation: [{ step: 'identify', text: 'PBX' }],
  })
  assert.equal((await rig.fetch('GET', '/api/v1/call-records/nothing')).status, 404)
})

test('CSV: a header, a line for each match, cells that look like formulas neutralised', async () => {
  const answer = await rig.fetch('GET', '/api/v1/call-records.csv?account=PBX')
  assert.match(answer.headers.get('content-type') ?? '', /^text\/csv/)
  assert.match(answer.headers.get('content-disposition') ?? '', /^attachment/)
  const lines = answer.text.split('\r\n')
  assert.equal(lines.length, 4)
  assert.match(lines[0] ?? '', /^id,startedAt,answeredAt,endedAt,account,/)
  const attacked = lines.find((line) => line.startsWith('call-3,')) ?? ''
  assert.ok(attacked.includes(`"'=cmd|""/C calc""!A0"`))
  assert.ok(attacked.includes(`"'+evil"`))
  assert.ok(attacked.includes(`"'@sum"`))
  assert.ok(attacked.includes('"Busy,  ""x"""'))
})

test('cells', () => {
  for (const text of ['=1', '+1', '-1', '@x', '\t=1', '\r=1', ' =1', '\uFF1D1', '%x', '|x'])
    assert.equal(csvCell(text).startsWith(`"'`), true, JSON.stringify(text))
  assert.equal(csvCell('441782'), '441782')
  assert.equal(csvCell('a-b=c'), 'a-b=c')
  assert.equal(csvCell(-5), '-5')
  assert.equal(csvCell(null), '')
  assert.equal(csvCell('a"b'), '"a""b"')
  assert.equal(csvCell('a\u0000b\u202Ec'), 'a b c')
})
