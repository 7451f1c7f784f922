import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventStream } from './live-stream.ts'
import { openLiveStream } from './live-stream.ts'

type Listener = (event: { readonly data?: unknown }) => void

class FakeStream implements EventStream {
  readonly listeners = new Map<string, Listener>()
  closed = false
  addEventListener(name: string, listener: Listener): void {
    this.listeners.set(name, listener)
  }
  close(): void {
    this.closed = true
  }
  fire(name: string, data?: unknown): void {
    this.listeners.get(name)?.({ data })
  }
}

function rig() {
  const streams: FakeStream[] = []
  const states: string[] = []
  const received: unknown[] = []
  let appointment: { ms: number; action: () => void } | undefined
  const live = openLiveStream({
    events: ['gateways', 'gatewaysChanged'],
    open: () => {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
    after: (ms, action) => {
      const made = { ms, action }
      appointment = made
      return () => {
        if (appointment === made) appointment = undefined
      }
    },
    onData: (event, data) => {
      received.push(data)
      return event === 'gateways'
    },
    onState: (state) => states.push(state),
  })
  const last = (): FakeStream => streams.at(-1) ?? new FakeStream()
  const wait = (): number => {
    const due = appointment
    appointment = undefined
    due?.action()
    return due?.ms ?? -1
  }
  return { live, streams, states, received, last, wait, pending: () => appointment?.ms }
}

test('data arrives, and text that is no JSON is dropped', () => {
  const { last, received, states } = rig()
  last().fire('open')
  last().fire('gateways', '[1]')
  last().fire('gateways', 'oops')
  assert.deepEqual(received, [[1]])
  assert.deepEqual(states, ['connecting', 'live'])
})

test('data that do not fit begin the stream anew, without alarm', () => {
  const { last, streams, states, received } = rig()
  last().fire('open')
  last().fire('gatewaysChanged', '[1]')
  assert.equal(streams.length, 2)
  assert.equal(streams[0]?.closed, true)
  last().fire('gateways', '[2]')
  assert.deepEqual(received, [[1], [2]])
  assert.deepEqual(states, ['connecting', 'live'])
})

test('a lost stream is opened again for ever, with pauses that grow to five seconds and start anew', () => {
  const { last, wait, states, streams } = rig()
  const pauses: number[] = []
  for (let round = 0; round < 6; round += 1) {
    last().fire('error')
    assert.equal(last().closed, true)
    pauses.push(wait())
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 5000, 5000])
  last().fire('open')
  assert.equal(states.at(-1), 'lost', 'open, but what the page shows is still what it was')
  last().fire('error')
  assert.equal(wait(), 5000, 'what opens and says nothing is not asked more often')
  last().fire('gateways', '[1]')
  assert.equal(states.at(-1), 'live')
  last().fire('error')
  assert.equal(wait(), 500)
  assert.equal(streams.length, 9)
})

test('a silent stream is replaced without alarm, and the old one is not listened to any more', () => {
  const { last, wait, states, streams, received, pending } = rig()
  last().fire('gateways', '[0]')
  assert.equal(wait(), 45_000)
  assert.equal(streams[0]?.closed, true)
  streams[0]?.fire('error')
  streams[0]?.fire('gateways', '[1]')
  assert.equal(states.at(-1), 'live')
  assert.deepEqual(received, [[0]])
  last().fire('gateways', '[2]')
  assert.equal(pending(), 45_000)
})

test('it tries at once when told so, and ends when closed', () => {
  const { live, last, streams, pending } = rig()
  live.retryNow()
  assert.equal(streams.length, 1)
  last().fire('error')
  live.retryNow()
  assert.equal(streams.length, 2)
  live.close()
  assert.equal(last().closed, true)
  assert.equal(pending(), undefined)
})
