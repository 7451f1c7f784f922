// How long the loop waits for datagrams while something else of its thread has work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UdpLoop } from './udp-loop.ts'

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

test('the loop waits when it is idle, until something is due, and only looks when there is work for the next turn', async () => {
  const waits: number[] = []
  const calls = {
    poll: (_entries: Uint8Array, _count: number, longestMs: number): number => {
      waits.push(longestMs)
      return 0
    },
  }
  const loop = new UdpLoop(calls, 0)
  const member = { descriptor: 1, onReadable: () => undefined, onErrors: () => undefined, flush: () => true }
  const lastWait = async (): Promise<number> => {
    const { length } = waits
    while (waits.length === length) await nextTurn()
    return waits.at(-1) ?? -1
  }
  loop.add(member)
  try {
    assert.equal(await lastWait(), 4, 'nothing is known of the turn before the first one')
    assert.equal(await lastWait(), 50)
    loop.hurry()
    assert.equal(await lastWait(), 0)
    assert.equal(await lastWait(), 50, 'once')
    loop.dueMs = performance.now() - 5
    assert.equal(await lastWait(), 1)
  } finally {
    loop.remove(member)
  }
})
