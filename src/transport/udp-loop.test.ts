// How long the loop waits for datagrams, and when it comes back to Node.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UdpLoop } from './udp-loop.ts'

const readable = 0x1

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const spin = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
}

/** A loop with one socket and system calls that are played. */
class Rig {
  readonly waits: number[] = []
  gathered = 0
  /** Datagrams that the next poll finds, and whether Node has something to do as well. */
  arriving = 0
  nodeIsReady = false
  /** What happens while it is served. */
  onServed: () => void = () => undefined
  readonly loop: UdpLoop
  readonly #member = {
    descriptor: 1,
    onReadable: () => {
      this.loop.noteBatch(this.arriving, false)
      this.onServed()
    },
    onErrors: () => undefined,
    flush: () => true,
  }

  constructor() {
    const poll = (entries: Uint8Array, _count: number, longestMs: number): number => {
      this.waits.push(longestMs)
      const events = new Int16Array(entries.buffer)
      events[3] = this.nodeIsReady ? readable : 0
      events[7] = this.arriving > 0 ? readable : 0
      return (this.nodeIsReady ? 1 : 0) + (this.arriving > 0 ? 1 : 0)
    }
    const ppoll = (_entries: Uint8Array, count: number): number => {
      assert.equal(count, 1, 'datagrams do not end it')
      this.gathered += 1
      return 0
    }
    this.loop = new UdpLoop({ poll, ppoll }, 0)
  }

  async run(work: () => Promise<void>): Promise<void> {
    this.loop.add(this.#member)
    try {
      await work()
    } finally {
      this.loop.remove(this.#member)
    }
  }

  /** The waits of one turn of the event loop. */
  async waitsOfTurn(): Promise<number[]> {
    const { length } = this.waits
    while (this.waits.length === length) await nextTurn()
    return this.waits.slice(length)
  }
}

test('the loop waits when it is idle, until something is due, and only looks when there is work for the next turn', async () => {
  const rig = new Rig()
  const { loop } = rig
  await rig.run(async () => {
    assert.deepEqual(await rig.waitsOfTurn(), [4], 'nothing is known of the turn before the first one')
    assert.deepEqual(await rig.waitsOfTurn(), [50])
    loop.hurry()
    assert.deepEqual(await rig.waitsOfTurn(), [0])
    assert.deepEqual(await rig.waitsOfTurn(), [50], 'once')
    loop.dueMs = performance.now() - 5
    assert.deepEqual(await rig.waitsOfTurn(), [1])
  })
})

test('a turn that has not lasted yet waits 4 ms, also at an instant that a sum rounds up', async (t) => {
  const instantMs = 510.7
  assert.ok(instantMs + 4 - instantMs > 4)
  t.mock.method(performance, 'now', () => instantMs)
  const rig = new Rig()
  await rig.run(async () => assert.deepEqual(await rig.waitsOfTurn(), [4]))
})

test('while datagrams come one turn serves them for 4 ms, and no longer', async () => {
  const rig = new Rig()
  rig.arriving = 1
  rig.onServed = () => spin(0.5)
  await rig.run(async () => {
    await rig.waitsOfTurn()
    const startMs = performance.now()
    const waits = await rig.waitsOfTurn()
    const tookMs = performance.now() - startMs
    assert.ok(waits.length > 1 && waits.length <= 8, JSON.stringify(waits))
    assert.ok(waits.every((wait) => wait >= 1 && wait <= 4))
    assert.ok(tookMs >= 4, String(tookMs))
  })
})

test('a turn ends at once for what Node has to do, for what is due, for who is in a hurry, and when nothing came', async () => {
  const rig = new Rig()
  const { loop } = rig
  rig.arriving = 1
  await rig.run(async () => {
    rig.nodeIsReady = true
    await rig.waitsOfTurn()
    assert.equal((await rig.waitsOfTurn()).length, 1, 'Node')
    rig.nodeIsReady = false
    loop.dueMs = performance.now()
    assert.equal((await rig.waitsOfTurn()).length, 1, 'due')
    loop.dueMs = Number.POSITIVE_INFINITY
    loop.hurry()
    assert.deepEqual(await rig.waitsOfTurn(), [0], 'hurry before the turn')
    rig.onServed = () => loop.hurry()
    assert.equal((await rig.waitsOfTurn()).length, 1, 'hurry')
    rig.onServed = () => {
      rig.arriving = 0
    }
    assert.equal((await rig.waitsOfTurn()).length, 2, 'nothing came')
  })
})

test('datagrams are let gather only when many come, and not while more than a batch waits or somebody is in a hurry', async () => {
  const rig = new Rig()
  const { loop } = rig
  const gatheredIn = async (ms: number): Promise<number> => {
    const before = rig.gathered
    for (const endMs = performance.now() + ms; performance.now() < endMs;) await rig.waitsOfTurn()
    return rig.gathered - before
  }
  rig.onServed = () => spin(1)
  await rig.run(async () => {
    rig.arriving = 2
    assert.equal(await gatheredIn(40), 0, 'two in a millisecond')
    rig.arriving = 20
    await gatheredIn(15)
    assert.ok((await gatheredIn(40)) > 5, 'twenty')
    rig.onServed = () => {
      loop.hurry()
      spin(1)
    }
    await rig.waitsOfTurn()
    assert.equal(await gatheredIn(40), 0, 'somebody is in a hurry')
    rig.onServed = () => {
      loop.noteBatch(64, true)
      spin(1)
    }
    await rig.waitsOfTurn()
    assert.equal(await gatheredIn(40), 0, 'more than a batch')
  })
})
