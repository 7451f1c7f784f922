// The board of ten thousand gateways in an open console: it arrives whole once, then only rows that changed; rows come and go
// without a reload, a server that restarts gives the whole again, and what is drawn agrees with the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { BoardChange, GatewayItem } from '../../src/contract/api-live.ts'
import type { ConsoleRig } from './console-rig.ts'
import { openConsoleRig, unexpected } from './console-rig.ts'
import { desk } from './looker.ts'

const manyGateways = 10_000
/** What one change may weigh, however many gateways there are. */
const changeBytesMax = 20_000

let rig: ConsoleRig

const gateway = (at: number) => ({
  name: `gw-${String(at).padStart(5, '0')}`,
  direction: 'receives',
  addresses: [`10.153.${at >> 8}.${at & 255}`],
  probe: { enabled: false },
})

/** A busy machine may take longer to put so much in force than a write waits; it is stored all the same. */
async function change(method: string, path: string, body?: unknown): Promise<void> {
  await rig.call(method, path, body).catch((error: Error) => assert.match(error.message, /edge_unavailable/))
}

before(async () => {
  rig = await openConsoleRig('127.0.153.1')
  const endpoints = Array.from({ length: manyGateways }, (_, at) => gateway(at))
  await change('POST', '/config/apply', { carriers: [{ name: 'Acme', endpoints }] })
})
after(() => rig?.close())

interface Message {
  readonly name: string
  readonly data: string
}

/** Everything that the page's event stream brings from now on. */
async function listen(page: Page): Promise<Message[]> {
  const messages: Message[] = []
  const session = await page.context().newCDPSession(page)
  session.on('Network.eventSourceMessageReceived', ({ eventName, data }) => messages.push({ name: eventName, data }))
  await session.send('Network.enable')
  return messages
}

const changesIn = (messages: readonly Message[]): BoardChange[] =>
  messages.filter(({ name }) => name === 'gatewaysChanged').map(({ data }) => JSON.parse(data) as BoardChange)

const wholes = (messages: readonly Message[]): number => messages.filter(({ name }) => name === 'gateways').length

test('ten thousand gateways come once; a change is its row, and rows that come and go need no reload', async () => {
  const { page, faults } = await rig.open(desk)
  const messages = await listen(page)
  await page.goto(`${rig.server.origin}/?sort=name`)
  await page.getByText('gw-00000', { exact: true }).waitFor()
  const total = (count: string) => page.getByRole('button', { name: new RegExp(`^${count} gateways`) })
  await total('10,000').waitFor()
  assert.equal(wholes(messages), 1)

  const [first, second] = (await rig.call('GET', '/gateways')) as GatewayItem[]
  await change('PATCH', `/endpoints/${first?.endpointId}`, { state: 'drain' })
  await page.getByText('draining: no new calls, by the operator', { exact: true }).waitFor()
  await change('DELETE', `/endpoints/${second?.endpointId}`)
  await page.getByText(String(second?.name), { exact: true }).waitFor({ state: 'detached' })
  await change('POST', '/carriers/Acme/endpoints', { ...gateway(10_000), name: 'a new one' })
  await page.getByText('a new one', { exact: true }).waitFor()
  await total('10,000').waitFor()
  assert.equal(wholes(messages), 1)
  const changes = changesIn(messages)
  assert.ok(changes.length >= 3)
  assert.ok(changes.some(({ removed }) => removed.some(({ endpointId }) => endpointId === second?.endpointId)))
  for (const [at, { since, revision }] of changes.entries()) {
    assert.ok(revision > since)
    assert.equal(since, changes[at - 1]?.revision ?? since)
  }
  assert.deepEqual(unexpected(faults), [])
  await page.context().close()
})

test('one gateway that changes among ten thousand of other carriers is one row; after a restart the whole comes again', async () => {
  await change('POST', '/carriers', { name: 'Bright' })
  await change('POST', '/carriers/Bright/endpoints', { ...gateway(10_001), name: 'lonely' })
  const { page, faults } = await rig.open(desk)
  const messages = await listen(page)
  await page.goto(`${rig.server.origin}/?q=lonely`)
  await page.getByText('lonely', { exact: true }).waitFor()
  const { items } = (await rig.call('GET', '/endpoints?search=lonely')) as { items: { id: string }[] }
  await change('PATCH', `/endpoints/${items[0]?.id}`, { state: 'off' })
  await page.getByText('switched off by the operator', { exact: true }).waitFor()
  const changes = messages.filter(({ name }) => name === 'gatewaysChanged')
  assert.ok(changes.length > 0)
  for (const { data } of changes) assert.ok(data.length < changeBytesMax, `${data.length} bytes`)
  assert.equal(wholes(messages), 1)

  await rig.server.stop()
  await page.getByText('Connection lost, retrying.').waitFor()
  await rig.server.start()
  await page.getByText('Connection lost, retrying.').waitFor({ state: 'detached' })
  await page.getByText('switched off by the operator', { exact: true }).waitFor()
  assert.equal(wholes(messages), 2)
  await change('PATCH', `/endpoints/${items[0]?.id}`, { state: 'on' })
  await page.getByText('switched off by the operator', { exact: true }).waitFor({ state: 'detached' })
  assert.equal(wholes(messages), 2)
  assert.deepEqual(unexpected(faults), [])
  await page.context().close()
})
