// Test calls and the rewrite trial over HTTP: who may call what, what the answer shows, what the audit says.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { sipText, traceMessage } from '../../test/kit/trace.ts'
import type { Problem } from '../contract/api-common.ts'
import { rewriteTrialAnswer, testCallView } from '../contract/api-test-calls.ts'
import type { TestCallOrder, TestCallState } from '../edge/seam.ts'

let rig: ApiRig
let endpointId = ''
const orders: TestCallOrder[] = []

const state: TestCallState = {
  id: 't1',
  method: 'INVITE',
  state: 'ended',
  result: 'green',
  text: 'answered after 1840 ms, then hung up',
  status: 200,
  startedAt: Date.UTC(2026, 0, 31, 12),
  endedAt: Date.UTC(2026, 0, 31, 12, 0, 2),
  endpointId: 'e1',
  gateway: 'acme-1',
  account: 'Acme',
  target: 'udp:10.1.0.1:5062',
  destination: '441782000000',
  cli: '',
  actor: 'anna',
  durations: { firstReplyMs: 10, ringingMs: 200, answerMs: 1_840, totalMs: 1_845 },
  callId: 'a',
}

const problemOf = (json: unknown): Problem => json as Problem

before(async () => {
  rig = await openApiRig()
  const endpoint = { name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'] }
  const file = {
    system: { realm: 'test', testNumbers: ['441782000000'] },
    carriers: [{ name: 'Acme', endpoints: [endpoint] }],
  }
  assert.equal((await rig.fetch('POST', '/api/v1/config/apply', { body: file })).status, 200)
  const found = await rig.fetch('GET', '/api/v1/endpoints')
  endpointId = (found.json as { items: { id: string }[] }).items[0]?.id ?? ''
  const row = { targetKey: `${endpointId}/udp:192.0.2.10:5060`, status: 'green', reason: '', since: 0, lastProbe: null }
  const counters = { channels: 0, callsPerSecond: 0, failures: 0, accountFailures: 0, history: [] }
  Object.assign(rig.answers, {
    gateways: () => [{ endpointId, ...row, ...counters }],
    startTestCall: (order: TestCallOrder) => {
      orders.push(order)
      if (order.destination === '112') return { refused: 'forbidden', detail: '112 is an emergency number' }
      if (order.target !== null) return { refused: 'invalid', detail: 'acme-1 has no target x' }
      return { id: 't1' }
    },
    testCalls: () => [state],
    testCall: ({ id }: { id: string }) => {
      const invite = sipText('INVITE sip:1@2 SIP/2.0', 'a', ['Authorization: Digest username="u", response="5ec2e7"'])
      const messages = [
        traceMessage(invite, { direction: 'out', callId: 'a' }),
        traceMessage(sipText('SIP/2.0 200 <b>OK</b>', 'a'), { direction: 'in', callId: 'a' }),
      ]
      return id === 't1' ? { ...state, messages } : null
    },
  })
})
after(() => rig.close())

const call = (body: object, key = rig.keys.engineer) => rig.fetch('POST', '/api/v1/test-calls', { body, key })

test('a gateway is tested by id or name, the answer is the id, and the audit says who called which number', async () => {
  for (const named of [endpointId, 'acme-1']) {
    const { status, json } = await call({ endpointId: named, destination: '441782111111' })
    assert.deepEqual([status, json], [201, { id: 't1' }])
  }
  const expected = { endpointId, target: null, destination: '441782111111', cli: '', method: 'INVITE' }
  assert.deepEqual(orders.at(-1), { ...expected, actor: 'engineer key' })
  const audit = await rig.fetch('GET', '/api/v1/audit?limit=1')
  const [entry] = (audit.json as { items: { action: string; actor: string; name: string; after: unknown }[] }).items
  assert.deepEqual([entry?.action, entry?.actor, entry?.name], ['test', 'engineer key', endpointId])
  assert.deepEqual(entry?.after, { id: 't1', method: 'INVITE', destination: '441782111111', cli: '' })
})

test('support people call the test numbers, with or without +, and send OPTIONS; nothing else, and hear why', async () => {
  const key = rig.keys.support
  for (const body of [
    { endpointId, destination: '441782000000' },
    { endpointId, destination: '+441782000000' },
    { endpointId, method: 'OPTIONS' },
  ])
    assert.equal((await call(body, key)).status, 201)
  const asked = orders.length
  for (const body of [
    { endpointId, destination: '441782111111' },
    { endpointId, destination: '4417820000001' },
    { endpointId, destination: '441782111111', method: 'OPTIONS' },
  ]) {
    const { status, json } = await call(body, key)
    assert.equal(status, 403)
    assert.match(problemOf(json).detail, /test numbers of the system only \(441782000000\)/)
  }
  assert.equal(orders.length, asked, 'nothing was asked of the signalling thread')
})

test('what the signalling thread refuses is a problem; an INVITE needs a number; a gateway must be there', async () => {
  const emergency = await call({ endpointId, destination: '112' })
  assert.deepEqual([emergency.status, problemOf(emergency.json).detail], [403, '112 is an emergency number'])
  const target = await call({ endpointId, destination: '1', target: 'x' })
  assert.deepEqual([target.status, problemOf(target.json).errors[0]?.path], [400, 'target'])
  const nobody = await call({ endpointId })
  assert.deepEqual([nobody.status, problemOf(nobody.json).errors[0]?.path], [400, 'destination'])
  assert.equal((await call({ endpointId: 'nobody', destination: '1' })).status, 404)
})

test('the test as it stands: result, durations, ladder with secrets masked; the list without messages', async () => {
  const { json, text } = await rig.fetch('GET', '/api/v1/test-calls/t1', { key: rig.keys.support })
  const view = testCallView.parse(json)
  assert.deepEqual([view.result, view.durations.answerMs, view.endedAt], ['green', 1_840, '2026-01-31T12:00:02.000Z'])
  assert.deepEqual(
    view.ladder.map(({ from, to, label }) => [from, to, label]),
    [
      ['Tollgate', 'udp:10.1.0.1:5062', 'INVITE'],
      ['udp:10.1.0.1:5062', 'Tollgate', '200 INVITE'],
    ],
  )
  assert.ok(!text.includes('5ec2e7'))
  const list = await rig.fetch('GET', '/api/v1/test-calls')
  assert.deepEqual(
    (list.json as { items: { id: string }[]; total: number }).items.map(({ id }) => id),
    ['t1'],
  )
  assert.ok(!list.text.includes('INVITE sip:'))
  assert.equal((await rig.fetch('GET', '/api/v1/test-calls/t2')).status, 404)
})

const trial = async (body: object) =>
  rewriteTrialAnswer.parse((await rig.fetch('POST', '/api/v1/rewrites/try', { body, key: rig.keys.support })).json)

test('rewrites are tried with the engine of calls: each rule shows its effect, on the result of the one before', async () => {
  const rewrites = [
    { parameter: 'destination', pattern: '^0', replacement: '44' },
    { parameter: 'cli', pattern: '^(\\d{2})(\\d+)$', replacement: '+$1-$2' },
    { parameter: 'destination', pattern: '^44(?<rest>.*)', replacement: '#1#$<rest>' },
    { parameter: 'destination', pattern: '^9', replacement: '' },
  ]
  const { before: given, after: made, steps, errors } = await trial({ rewrites, destination: '01782', cli: '441' })
  assert.deepEqual(given, { destination: '01782', cli: '441' })
  assert.deepEqual(made, { destination: '#1#1782', cli: '+44-1' })
  assert.deepEqual(
    steps.map(({ rule, matched, before: from, after: to }) => [rule, matched, from, to]),
    [
      [0, true, '01782', '441782'],
      [1, true, '441', '+44-1'],
      [2, true, '441782', '#1#1782'],
      [3, false, '#1#1782', '#1#1782'],
    ],
  )
  assert.deepEqual(errors, [])
})

test('a rule that cannot be saved says so at its path and is skipped; a wrong field is a problem', async () => {
  const rewrites = [
    { parameter: 'destination', pattern: '(?=0)', replacement: '' },
    { parameter: 'destination', pattern: '', replacement: 'x' },
    { parameter: 'destination', pattern: '(', replacement: '' },
    { parameter: 'destination', pattern: '^0', replacement: '44' },
  ]
  const { after: made, errors, steps } = await trial({ rewrites, destination: '01' })
  assert.equal(made.destination, '441')
  assert.deepEqual(
    errors.map(({ path }) => path),
    ['rewrites[0].pattern', 'rewrites[1].pattern', 'rewrites[2].pattern'],
  )
  assert.match(errors[0]?.message ?? '', /look-ahead/)
  assert.equal(steps.length, 4)
  const wrong = await rig.fetch('POST', '/api/v1/rewrites/try', {
    body: { rewrites: [{ parameter: 'to', pattern: 'x' }] },
  })
  assert.deepEqual([wrong.status, problemOf(wrong.json).errors[0]?.path], [400, 'rewrites[0].parameter'])
})
