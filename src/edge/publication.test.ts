// The sender of publications: one part under way at a time, the newest directory next, and a word to whoever waits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { directoryOf } from '../../test/kit/directory.ts'
import { bound } from '../base/limits.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { DirectoryAssembly } from '../directory/assembly.ts'
import type { Directory } from '../directory/directory.ts'
import { emptyDirectory } from '../directory/empty.ts'
import { Publication } from './publication.ts'
import type { PublicationMessage } from './seam.ts'

const fileOf = (gateways: number): DeclarativeInput => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: Array.from({ length: gateways }, (_, i) => ({
        name: `gw-${i}`,
        direction: 'receives',
        addresses: [`10.0.${i >> 8}.${i & 255}`],
      })),
    },
  ],
})

/** A thread that takes parts when it is told to. */
class Taker {
  readonly waiting: PublicationMessage[] = []
  readonly publication = new Publication((message) => this.waiting.push(message))
  directory = emptyDirectory()
  swaps = 0
  #assembly: DirectoryAssembly | undefined

  take(): void {
    const message = this.waiting.shift()
    assert.ok(message !== undefined, 'something is under way')
    this.#assembly ??= new DirectoryAssembly(this.directory)
    if (message.type === 'part') {
      this.#assembly.take(message.part)
      this.publication.onTaken()
      return
    }
    this.directory = this.#assembly.finish(message.frame).directory
    this.#assembly = undefined
    this.swaps += 1
    this.publication.onPublished()
  }

  takeAll(): void {
    while (this.waiting.length > 0) {
      assert.equal(this.waiting.length, 1, 'one message is under way at a time')
      this.take()
    }
  }
}

/** What became of a promise so far. */
function fateOf(promise: Promise<void>): () => Promise<string> {
  let fate = 'waits'
  promise.then(
    () => (fate = 'in force'),
    (error: unknown) => (fate = String(error)),
  )
  return async () => {
    await Promise.resolve()
    await Promise.resolve()
    return fate
  }
}

test('the next part leaves when the last one was taken, and the promise resolves when all is in force', async () => {
  const taker = new Taker()
  const directory = directoryOf(fileOf(1_000), 1)
  const fate = fateOf(taker.publication.publish(directory))
  assert.equal(taker.waiting.length, 1)
  taker.take()
  assert.equal(taker.waiting.length, 1)
  assert.equal(await fate(), 'waits')
  taker.takeAll()
  assert.equal(await fate(), 'in force')
  assert.deepEqual(taker.directory, directory)
})

test('of directories that come while one is under way only the newest follows, and all who wait hear of it', async () => {
  const taker = new Taker()
  const revisions: Directory[] = [1, 2, 3].map((revision) => directoryOf(fileOf(300 * revision), revision))
  const fates = revisions.map((directory) => fateOf(taker.publication.publish(directory)))
  while (taker.swaps === 0) taker.take()
  assert.deepEqual(await Promise.all(fates.map((fate) => fate())), ['in force', 'waits', 'waits'])
  taker.takeAll()
  assert.deepEqual(await Promise.all(fates.map((fate) => fate())), ['in force', 'in force', 'in force'])
  assert.deepEqual([taker.swaps, taker.directory], [2, revisions[2]])
})

test('a thread that says nothing is told of in time, one that takes its parts slowly is waited for; later it goes on', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const taker = new Taker()
  const fate = fateOf(taker.publication.publish(directoryOf(fileOf(1_000), 4)))
  for (let i = 0; i < 3; i++) {
    context.mock.timers.tick(bound('acknowledgeMs') - 1)
    assert.equal(await fate(), 'waits')
    taker.take()
  }
  context.mock.timers.tick(bound('acknowledgeMs'))
  assert.match(await fate(), /revision 4 was not acknowledged/)
  const next = fateOf(taker.publication.publish(directoryOf(fileOf(2), 5)))
  taker.takeAll()
  assert.equal(await next(), 'in force')
  assert.deepEqual([taker.swaps, taker.directory.revision], [2, 5])
})

test('when the thread is gone, everybody who waits hears why', async () => {
  const taker = new Taker()
  const fates = [1, 2].map((revision) => fateOf(taker.publication.publish(directoryOf(fileOf(9), revision))))
  taker.publication.fail('signalling thread ended with code 1')
  for (const fate of fates) assert.match(await fate(), /ended with code 1/)
})
