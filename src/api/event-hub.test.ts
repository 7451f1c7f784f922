// The hub of event streams with readers that the test plays: the whole once, then only what changed, the sum of it for who is
// slow, and never more than a board waiting for anybody.
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { BoardChange, BoardWhole } from '../contract/api-live.ts'
import type { GatewayBoardRow } from '../control/gateway-board.ts'
import { EventHub } from './event-hub.ts'

// The test says when a second is over.
mock.timers.enable({ apis: ['setInterval'] })

const row = (name: string, part: Partial<GatewayBoardRow> = {}): GatewayBoardRow => ({
  endpointId: name,
  name,
  accountId: 'a',
  carrier: 'Acme',
  target: 'udp:192.0.2.10:5060',
  share: 0.5,
  status: 'green',
  reason: 'OPTIONS answered with 200',
  since: 5,
  lastProbe: { at: 6, result: '200 in 3 ms' },
  channels: 0,
  callsPerSecond: 0,
  channelsMax: 0,
  callsPerSecondMax: 0,
  consecutiveFailures: 0,
  ...part,
})

class Reader {
  /** What it has left unread. */
  writableLength = 0
  /** True: everything that is written stays unread. */
  isAsleep = false
  isDestroyed = false
  texts: string[] = []
  #onClose = (): void => undefined

  write(text: string): void {
    if (this.isAsleep) this.writableLength += text.length
    this.texts.push(text)
  }
  on(_name: 'close', listener: () => void): void {
    this.#onClose = listener
  }
  end(): void {
    this.#onClose()
  }
  destroy(): void {
    this.isDestroyed = true
    this.#onClose()
  }
  /** Takes what is there: `NAME DATA` of each event. */
  take(): Taken[] {
    const events = this.texts
      .join('')
      .split('\n\n')
      .flatMap((block) => {
        const found = /^event: (\w+)\ndata: (.*)$/.exec(block)
        return found === null ? [] : [{ name: found[1] ?? '', data: JSON.parse(found[2] ?? '') as unknown }]
      })
    this.texts = []
    this.writableLength = 0
    return events
  }
  names(): string {
    return this.take()
      .map(({ name }) => name)
      .join(' ')
  }
}

interface Taken {
  readonly name: string
  readonly data: unknown
}

function wholeIn(event: Taken | undefined): BoardWhole {
  assert.equal(event?.name, 'gateways')
  return event.data as BoardWhole
}

function changeIn(event: Taken | undefined): BoardChange {
  assert.equal(event?.name, 'gatewaysChanged')
  return event.data as BoardChange
}

function rig() {
  let rows: readonly GatewayBoardRow[] = [row('a'), row('b'), row('c')]
  const hub = new EventHub({ readBoard: async () => rows.map((one) => ({ ...one })), log: { warn: () => undefined } })
  const open = async (): Promise<Reader> => {
    const reader = new Reader()
    await hub.open(reader, async () => true)
    return reader
  }
  return { hub, open, set: (next: readonly GatewayBoardRow[]) => void (rows = next) }
}

test('the whole comes once; then changed rows, removed ones and the revision they lead to; nothing when nothing changed', async () => {
  const { hub, open, set } = rig()
  const reader = await open()
  const whole = wholeIn(reader.take()[0])
  assert.equal(whole.gateways.length, 3)
  await hub.round()
  assert.equal(reader.names(), '')
  set([row('a', { status: 'red', reason: 'no reply' }), row('c'), row('d')])
  await hub.round()
  const [health, changed, ...others] = reader.take()
  assert.deepEqual(others, [])
  assert.equal(health?.name, 'health')
  const change = changeIn(changed)
  assert.equal(change.since, whole.revision)
  assert.ok(change.revision > change.since)
  assert.deepEqual(
    change.changed.map(({ name, status }) => `${name} ${status}`),
    ['a red', 'd green'],
  )
  assert.deepEqual(change.removed, [{ endpointId: 'b', target: 'udp:192.0.2.10:5060' }])
  hub.close()
})

test('a probe with the same words at another time is a change of that row only', async () => {
  const { hub, open, set } = rig()
  const reader = await open()
  reader.take()
  set([row('a'), row('b', { lastProbe: { at: 7, result: '200 in 3 ms' } }), row('c', { lastProbe: null })])
  await hub.round()
  const [event] = reader.take()
  assert.deepEqual(
    changeIn(event).changed.map(({ name }) => name),
    ['b', 'c'],
  )
  hub.close()
})

test('an empty board is told, too, and one more reader gets the whole of now', async () => {
  const { hub, open, set } = rig()
  set([])
  const reader = await open()
  assert.deepEqual(
    reader.take().map(({ data }) => (data as BoardWhole).gateways),
    [[]],
  )
  set([row('a')])
  await hub.round()
  assert.equal(reader.names(), 'gatewaysChanged')
  const late = await open()
  assert.equal(wholeIn(late.take()[0]).gateways.length, 1)
  await hub.round()
  assert.equal(late.names(), '')
  hub.close()
})

test('who reads slowly gets the sum of the changes when it reads again, and nothing waits for it meanwhile', async () => {
  const { hub, open, set } = rig()
  const slow = await open()
  const quick = await open()
  quick.take()
  slow.isAsleep = true
  slow.writableLength = 1
  const { revision } = wholeIn(slow.take()[0])
  slow.writableLength = 1
  for (const channels of Array.from({ length: 20 }, (_, at) => at + 1)) {
    set([row('a', { channels, status: channels === 20 ? 'red' : 'green' }), row('b')])
    // One round after the other, as the timer does it.
    await hub.round()
    assert.match(quick.names(), /gatewaysChanged$/)
  }
  // Heartbeats may wait, boards do not.
  assert.ok(slow.writableLength < 100)
  slow.take()
  await hub.round()
  const events = slow.take()
  assert.deepEqual(
    events.map(({ name }) => name),
    ['health', 'gatewaysChanged'],
  )
  const change = changeIn(events[1])
  assert.equal(change.since, revision)
  assert.equal(change.revision, revision + 20)
  assert.deepEqual(
    change.changed.map(({ name, channels }) => `${name} ${channels}`),
    ['a 20'],
  )
  assert.equal(change.removed.length, 1)
  hub.close()
})

test('who takes nothing for a minute is closed; the others stay', async () => {
  const { hub, open } = rig()
  const [stuck, quick] = [await open(), await open()]
  stuck.writableLength = 1
  for (let second = 0; second < 60; second += 1) await hub.round()
  assert.equal(stuck.isDestroyed, false)
  await hub.round()
  assert.equal(stuck.isDestroyed, true)
  assert.equal(quick.isDestroyed, false)
  hub.close()
})

test('what is told at once has a bound beside the board; more closes the stream', async () => {
  const { hub, set } = rig()
  set([row('a', { reason: 'x'.repeat(3_000_000) })])
  const reader = new Reader()
  reader.isAsleep = true
  await hub.open(reader, async () => true)
  assert.ok(reader.writableLength > 3_000_000)
  const alert = 'y'.repeat(500_000)
  for (let count = 0; count < 3; count += 1) hub.tell('alert', alert)
  assert.equal(reader.isDestroyed, false)
  hub.tell('alert', alert)
  assert.equal(reader.isDestroyed, true)
  hub.close()
})
