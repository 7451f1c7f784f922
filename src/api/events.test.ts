// Server-sent events: the board at once, changes afterwards, an end when the key is revoked or the server closes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import type { GatewayState } from '../edge/seam.ts'

async function rigWithGateway(): Promise<{
  readonly rig: ApiRig
  readonly set: (change: Partial<GatewayState>) => void
}> {
  const rig = await openApiRig()
  const endpoints = [{ name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'] }]
  await rig.fetch('POST', '/api/v1/config/apply', { body: { carriers: [{ name: 'Acme', endpoints }] } })
  const [endpoint] = rig.control.directory.endpoints
  let state: GatewayState = {
    endpointId: endpoint?.id ?? '',
    targetKey: endpoint?.targets[0]?.key ?? '',
    status: 'green',
    reason: 'OPTIONS answered',
    since: 0,
    lastProbe: null,
    channels: 0,
    callsPerSecond: 0,
    failures: 0,
    accountFailures: 0,
    history: [],
  }
  rig.answers.gateways = () => [state]
  return { rig, set: (change) => void (state = { ...state, ...change }) }
}

/** Reads until `events` events have come (comments do not count) or the stream ends. */
async function readEvents(reader: ReadableStreamDefaultReader<Uint8Array>, events: number): Promise<string[]> {
  const found: string[] = []
  let text = ''
  while (found.length < events) {
    const { value, done } = await reader.read()
    if (done) break
    const blocks = (text + Buffer.from(value).toString()).split('\n\n')
    text = blocks.pop() ?? ''
    found.push(...blocks.filter((block) => block.startsWith('event: ')))
  }
  return found
}

const streamOf = async (rig: ApiRig, key: string) => {
  const response = await fetch(`${rig.server.address}/api/v1/events`, { headers: { authorization: `Bearer ${key}` } })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.match(response.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  assert.ok(response.body)
  return response.body.getReader()
}

test('the whole board comes at once, a change comes as health and the changed rows, closing the server ends the stream', async () => {
  const { rig, set } = await rigWithGateway()
  const reader = await streamOf(rig, rig.keys.support)
  const [first] = await readEvents(reader, 1)
  assert.match(first ?? '', /^event: gateways\ndata: \{"revision":1,"gateways":\[\{"endpointId":.*"status":"green"/)
  set({ status: 'red', reason: 'OPTIONS timed out 3 times\n\nevent: forged' })
  const [health, board] = await readEvents(reader, 2)
  assert.match(health ?? '', /^event: health\ndata: \{.*"name":"acme-1".*"status":"red"/)
  assert.match(
    board ?? '',
    /^event: gatewaysChanged\ndata: \{"since":1,"revision":2,"changed":\[\{.*"status":"red".*\}\],"removed":\[\]\}$/,
  )
  assert.ok(!`${health}${board}`.includes('\nevent: forged'))
  await rig.close()
  assert.deepEqual(await readEvents(reader, 1), [])
})

test('a board of many megabytes reaches a reader that reads', async () => {
  const { rig, set } = await rigWithGateway()
  try {
    set({ reason: 'x'.repeat(12_000_000) })
    const reader = await streamOf(rig, rig.keys.support)
    const [board] = await readEvents(reader, 1)
    assert.ok((board?.length ?? 0) > 12_000_000)
    await reader.cancel()
  } finally {
    await rig.close()
  }
})

test('a revoked key ends its stream', async () => {
  const { rig } = await rigWithGateway()
  try {
    const actor = { kind: 'system', id: null, name: 'test', address: null } as const
    const created = await rig.control.people.createApiKey({ name: 'x', role: 'support', expiresAt: null }, actor)
    const reader = await streamOf(rig, created.key)
    await readEvents(reader, 1)
    await rig.control.people.removeApiKey(created.id, actor)
    assert.deepEqual(await readEvents(reader, 1), [])
  } finally {
    await rig.close()
  }
})

test('streams are bounded', async () => {
  const { rig } = await rigWithGateway()
  try {
    const readers = await Promise.all(Array.from({ length: 64 }, () => streamOf(rig, rig.keys.support)))
    const refused = await rig.fetch('GET', '/api/v1/events')
    assert.partialDeepStrictEqual(refused.json, { status: 429, code: 'too_many_requests' })
    await Promise.all(readers.map((reader) => reader.cancel()))
  } finally {
    await rig.close()
  }
})
