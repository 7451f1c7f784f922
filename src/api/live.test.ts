// Gateways, simulate, live calls, limits, readiness: what the signalling thread knows, in the shapes of the contract.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import type { Page, Problem } from '../contract/api-common.ts'
import { type CallItem, callView, gatewayRow, limitView, rejectionView, simulateAnswer } from '../contract/api-live.ts'
import type { PrintedCall } from '../call/print.ts'
import type { GatewayState } from '../edge/seam.ts'

let rig: ApiRig
let states: GatewayState[]
const at = Date.UTC(2026, 0, 31, 12)

const callOf = (id: string, startedAt: number, callerAccount: string): PrintedCall => ({
  id,
  state: 'answered',
  startedAt,
  answeredAt: null,
  callerAccount,
  callerEndpoint: 'pbx',
  callerSipUser: null,
  gateway: 'acme-1',
  dialled: '0044',
  destination: '44',
  cli: '49',
  source: 'udp:198.51.100.20:5060',
  detail: { outbound: { callId: 'x' } },
})

before(async () => {
  rig = await openApiRig()
  await rig.fetch('POST', '/api/v1/config/apply', {
    body: {
      carriers: [
        {
          name: 'Acme',
          endpoints: [
            { name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], weight: 10 },
            { name: 'acme-2', direction: 'receives', addresses: ['192.0.2.11'], weight: 1 },
          ],
        },
      ],
    },
  })
  states = rig.control.directory.endpoints.flatMap(({ id, targets }) =>
    targets.map(({ key }) => ({
      endpointId: id,
      targetKey: key,
      status: 'green',
      reason: 'never probed',
      since: at,
      lastProbe: { at, result: '200' },
      channels: 3,
      callsPerSecond: 1,
      failures: 0,
      accountFailures: 0,
      history: [
        { at: at - 2_000, status: 'red', reason: 'OPTIONS timed out 3 times' },
        { at, status: 'green', reason: 'OPTIONS answered' },
      ],
    })),
  )
  rig.answers.gateways = () => states
})
after(() => rig.close())

test('gateways are an array with the fields of the contract; weights 10 and 1 share 10/11 and 1/11', async () => {
  const answer = await rig.fetch('GET', '/api/v1/gateways')
  const rows = z.array(z.strictObject(gatewayRow.shape)).parse(answer.json)
  assert.deepEqual(
    rows.map(({ name, carrier, target, share }) => [name, carrier, target, Number(share.toFixed(6))]),
    [
      ['acme-1', 'Acme', 'udp:192.0.2.10:5060', 0.909091],
      ['acme-2', 'Acme', 'udp:192.0.2.11:5060', 0.090909],
    ],
  )
  assert.equal(rows[0]?.since, '2026-01-31T12:00:00.000Z')
})

test('probing and history, by id and by name', async () => {
  const asked: string[] = []
  rig.answers.probe = ({ endpointId }) => asked.push(endpointId) > 0
  const id = states[0]?.endpointId ?? ''
  for (const name of [id, 'acme-1'])
    assert.deepEqual((await rig.fetch('POST', `/api/v1/gateways/${name}/probe`)).json, { started: true })
  assert.deepEqual(asked, [id, id])
  assert.equal((await rig.fetch('POST', '/api/v1/gateways/nobody/probe')).status, 404)
  const history = (await rig.fetch('GET', '/api/v1/gateways/acme-1/history')).json as Page<Record<string, string>>
  assert.deepEqual(
    history.items.map(({ status, at: when }) => `${status} ${when}`),
    ['green 2026-01-31T12:00:00.000Z', 'red 2026-01-31T11:59:58.000Z'],
  )
})

test('simulate asks the signalling thread with canonical values and gives its answer', async () => {
  const asked: unknown[] = []
  rig.answers.simulate = (question) => {
    asked.push(question)
    const excluded = { account: 'Acme', gateway: 'acme-2', target: 't', priority: 0, share: 0, excluded: 'red' }
    return {
      verdict: 'route',
      code: 0,
      reason: '',
      steps: [{ step: 'identify', text: 'PBX' }],
      candidates: [{ ...excluded, gateway: 'acme-1', share: 1, excluded: undefined }, excluded],
    }
  }
  const answer = await rig.fetch('POST', '/api/v1/simulate', {
    body: { sourceIp: '::ffff:198.51.100.20', destination: '44178' },
    key: rig.keys.support,
  })
  const { candidates } = z.strictObject(simulateAnswer.shape).parse(answer.json)
  assert.equal('excluded' in (candidates[0] ?? {}), false)
  assert.equal(candidates[1]?.excluded, 'red')
  assert.deepEqual(asked, [
    { sourceIp: '198.51.100.20', sourcePort: 5060, transport: 'udp', destination: '44178', cli: '' },
  ])
  const bad = await rig.fetch('POST', '/api/v1/simulate', { body: { sourceIp: '1.2.3', destination: '4', colour: 1 } })
  assert.deepEqual((bad.json as Problem).errors.map(({ path }) => path).toSorted(), ['colour', 'sourceIp'])
  await rig.fetch('POST', '/api/v1/simulate', { body: { sourceIp: '192.0.2.1', destination: '4', username: '441' } })
  assert.partialDeepStrictEqual(asked[1], { sourceIp: '192.0.2.1', username: '441' })
})

test('calls: newest first, filtered, one of them, ended', async () => {
  const calls = [callOf('a', at, 'PBX'), callOf('b', at + 1, 'Other'), callOf('c', at + 2, 'PBX')]
  const ended: string[] = []
  rig.answers.calls = () => calls
  rig.answers.call = ({ id }) => calls.find((call) => call.id === id) ?? null
  rig.answers.endCall = ({ id }) => calls.some((call) => call.id === id) && ended.push(id) > 0
  const page = (await rig.fetch('GET', '/api/v1/calls?limit=2')).json as Page<CallItem>
  assert.deepEqual(
    page.items.map((call) => z.strictObject(callView.shape).parse(call).id),
    ['c', 'b'],
  )
  assert.equal(page.total, 3)
  const own = (await rig.fetch('GET', '/api/v1/calls?callerAccount=PBX')).json as Page<CallItem>
  assert.equal(own.total, 2)
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/calls/a')).json, {
    id: 'a',
    startedAt: '2026-01-31T12:00:00.000Z',
    detail: { outbound: { callId: 'x' } },
  })
  assert.equal((await rig.fetch('DELETE', '/api/v1/calls/a')).status, 204)
  assert.deepEqual(ended, ['a'])
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/audit?kind=call')).json, {
    items: [{ actor: 'administrator key', action: 'end', name: 'a', before: { callerAccount: 'PBX' } }],
  })
  assert.equal((await rig.fetch('GET', '/api/v1/calls/x')).status, 404)
  assert.equal((await rig.fetch('DELETE', '/api/v1/calls/x')).status, 404)
})

test('limits name the calls behind a number', async () => {
  let asked = 0
  rig.answers.limits = ({ callsPerScopeMax }) => {
    asked = callsPerScopeMax
    const limit = { scope: 'account', id: 'car_1', name: 'Acme', limit: 50 } as const
    return [
      { ...limit, kind: 'channels', used: 2, calls: ['a', 'b'] },
      { ...limit, kind: 'callsPerSecond', used: 1, calls: [] },
    ]
  }
  const page = (await rig.fetch('GET', '/api/v1/limits?kind=channels')).json as Page<unknown>
  assert.deepEqual(
    page.items.map((item) => z.strictObject(limitView.shape).parse(item).calls),
    [['a', 'b']],
  )
  assert.equal(asked, 100)
})

test('limits: what is full comes first, and what has no limit can be left out', async () => {
  const limit = { scope: 'account', kind: 'channels', calls: [] } as const
  rig.answers.limits = () => [
    { ...limit, id: 'a', name: 'large', limit: 100, used: 50 },
    { ...limit, id: 'b', name: 'unlimited', limit: 0, used: 90 },
    { ...limit, id: 'c', name: 'full', limit: 2, used: 2 },
  ]
  const names = async (query: string): Promise<unknown[]> => {
    const page = (await rig.fetch('GET', `/api/v1/limits?${query}`)).json as Page<{ name: string }>
    return page.items.map(({ name }) => name)
  }
  assert.deepEqual(await names('sort=-fill'), ['full', 'large', 'unlimited'])
  assert.deepEqual(await names('sort=-fill&limited=true'), ['full', 'large'])
})

test('registrations say until when, and why not', async () => {
  const row = { direction: 'out', name: 'trunk', account: 'Acme', registrar: 'sip:192.0.2.1', since: 1_000 } as const
  rig.answers.registrations = () => [
    {
      ...row,
      endpointId: 'e2',
      contact: 'sip:b@x',
      state: 'refused',
      reason: 'registration refused: 403',
      expiresAt: null,
      nextAt: null,
    },
    {
      ...row,
      endpointId: 'e1',
      contact: 'sip:a@x',
      state: 'registered',
      reason: 'registered for 60 s',
      expiresAt: 61_000,
      nextAt: 50_000,
    },
  ]
  const page = (await rig.fetch('GET', '/api/v1/registrations?state=registered')).json as Page<unknown>
  assert.deepEqual(page.items, [
    {
      ...row,
      endpointId: 'e1',
      contact: 'sip:a@x',
      state: 'registered',
      reason: 'registered for 60 s',
      since: '1970-01-01T00:00:01.000Z',
      expiresAt: '1970-01-01T00:01:01.000Z',
      nextAt: '1970-01-01T00:00:50.000Z',
    },
  ])
})

test('a source that was refused: in words, how it was decided, and the same request as a question', async () => {
  const packet = {
    sourceIp: '198.51.100.99',
    sourcePort: 5_060,
    transport: 'udp' as const,
    destination: '4'.repeat(200),
    cli: '441782111111',
    certificateName: undefined,
  }
  const common = { address: '198.51.100.99', count: 3, lastAt: at, sample: 'INVITE sip:44@192.0.2.1' }
  const explanation = [{ step: 'identify' as const, text: '198.51.100.99 is in no range' }]
  rig.answers.rejections = () => [
    { ...common, reason: 'source_unknown', callId: 'c1', explanation, packet },
    { ...common, reason: 'via', callId: null, explanation: [], packet: null },
  ]
  let asked: unknown
  rig.answers.simulate = (question) => {
    asked = question
    return { verdict: 'refuse', code: 403, reason: 'IP Not Authorised', steps: explanation, candidates: [] }
  }
  const page = z.object({ items: z.array(rejectionView) })
  const { items } = page.parse((await rig.fetch('GET', '/api/v1/rejections?sort=reason')).json)
  const [unknown, unread] = items
  assert.match(unknown?.text ?? '', /^No enabled entry that sends/)
  assert.deepEqual([unknown?.callId, unknown?.explanation], ['c1', explanation])
  assert.deepEqual([unread?.simulate, unread?.explanation], [null, []])
  const again = await rig.fetch('POST', '/api/v1/simulate', { body: unknown?.simulate })
  assert.equal(again.status, 200, again.text)
  assert.partialDeepStrictEqual(asked, { sourceIp: '198.51.100.99', destination: '4'.repeat(128) })
})

test('the thread that does not answer is 503 edge_unavailable or 500, without a word about its inside', async () => {
  rig.answers.rejections = () => {
    throw new TypeError('secret inside at /home/x/y.ts:1')
  }
  const answer = await rig.fetch('GET', '/api/v1/rejections')
  assert.partialDeepStrictEqual(answer.json, { status: 500, code: 'internal' })
  assert.ok(!answer.text.includes('secret inside') && !answer.text.includes('.ts'))
  assert.ok(rig.logLines.some((line) => line.includes('secret inside')))
})

test('healthz is alive; readyz gives every reason', async () => {
  assert.equal((await rig.fetch('GET', '/healthz', { key: null })).text, 'ok\n')
  assert.deepEqual((await rig.fetch('GET', '/readyz', { key: null })).json, { ready: true, reasons: [], troubles: [] })
  rig.notReady.push('no directory is loaded')
  const answer = await rig.fetch('GET', '/readyz', { key: null })
  assert.equal(answer.status, 503)
  assert.deepEqual(answer.json, { ready: false, reasons: ['no directory is loaded'], troubles: [] })
  rig.notReady.pop()
  assert.partialDeepStrictEqual((await rig.fetch('GET', '/api/v1/status')).json, {
    version: '0.0.0-test',
    ready: true,
    listeners: ['udp:127.0.0.1:5060'],
  })
})
