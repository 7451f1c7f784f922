// What one thread writes the other reads, in order and whole, also where the memory ends and where it is full.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { MessageChannel, Worker } from 'node:worker_threads'
import { bound } from '../base/limits.ts'
import { forwardLog } from '../base/log.ts'
import { randomBelow, seededRandom } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { ringMemory, RingReader, RingWriter } from './hand-over-ring.ts'
import type { RingRecord } from './hand-over-ring.ts'
import { recordKinds, ThreadLink } from './thread-link.ts'

const texts = ['', '192.0.2.1', '2001:db8::1', '{"name":"Zoë ☎"}']

function randomRecord(random: Random): RingRecord {
  const bytes = Buffer.alloc(randomBelow(random, 3) === 0 ? 0 : randomBelow(random, 3_000), randomBelow(random, 256))
  return {
    kind: 1 + randomBelow(random, 5),
    a: randomBelow(random, 9),
    b: randomBelow(random, 65_536),
    c: randomBelow(random, 3) - 1,
    d: randomBelow(random, 1e9) / 7,
    text: texts[randomBelow(random, texts.length)] ?? '',
    more: texts[randomBelow(random, texts.length)] ?? '',
    bytes: bytes.length === 0 ? undefined : bytes,
  }
}

test('records come out as they went in, many times around the memory, however reader and writer take turns', () => {
  const random = seededRandom(11)
  const memory = ringMemory()
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)]
  const expected: RingRecord[] = []
  let full = 0
  let read = 0
  for (let turn = 0; turn < 60; turn++) {
    for (let i = randomBelow(random, 4_000); i > 0; i--) {
      const record = randomRecord(random)
      if (writer.write(record)) expected.push(record)
      else full += 1
    }
    const most = randomBelow(random, 2) === 0 ? Infinity : randomBelow(random, 3_000)
    const emptied = reader.drain((record) => {
      assert.deepEqual(record, expected[read])
      expected[read] = record
      read += 1
    }, most)
    assert.equal(emptied, read === expected.length)
  }
  assert.ok(full > 0 && read > 20_000, `${full} times full, ${read} records`)
})

test('a reader is told once for all that is written until it looks', () => {
  const memory = ringMemory()
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)]
  assert.deepEqual([writer.mustTell(), writer.mustTell(), writer.mustTell()], [true, false, false])
  reader.drain(() => undefined, Infinity)
  assert.deepEqual([writer.mustTell(), writer.mustTell()], [true, false])
})

const silent = forwardLog(() => undefined)

test('a link wakes a thread that sleeps, keeps the order, and what finds no room waits', async () => {
  const rings = { toFurther: ringMemory(), toFirst: ringMemory() }
  const { port1, port2 } = new MessageChannel()
  const url = new URL('../../test/kit/link-echo.ts', import.meta.url)
  const worker = new Worker(url, { workerData: { ...rings, port: port2 }, transferList: [port2] })
  const total = 20_000
  const came: number[] = []
  let isAll: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    isAll = resolve
  })
  const link = new ThreadLink({ ...rings, port: port1 }, true, silent, {
    onRecord: ({ b, bytes }) => {
      assert.equal(bytes?.length, 1_000)
      came.push(b)
      if (came.length === total) isAll()
    },
  })
  const bytes = Buffer.alloc(1_000, 'x')
  assert.ok(
    total * bytes.length > bound('handOverRingBytes') && total * bytes.length < 2 * bound('handOverWaitingBytesMax'),
  )
  // As news, which are never lost: more than the ring has room for, at once.
  for (let i = 0; i < total; i++) link.write({ kind: recordKinds.news, b: i, bytes })
  assert.equal(link.isEmpty, false)
  await all
  assert.deepEqual(came, Array.from(came.keys()))
  assert.equal(link.isEmpty, true)
  link.close()
  await once(worker, 'exit')
})
