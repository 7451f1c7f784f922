import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom } from '../base/random.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { responseOf } from '../../test/kit/sip-message.ts'
import { TransactionRig } from '../../test/kit/transaction-rig.ts'
import { Finished } from './finished.ts'

const contextOf = (clock: FakeClock) => ({ clock, timers: clock.timers, onRetransmission: () => undefined })

test('20,000 random keys are found with their numbers for as long as they live, as by a plain map', () => {
  const clock = new FakeClock()
  const random = seededRandom(7)
  const finished = new Finished(contextOf(clock), 32_000, 1_000_000)
  const plain = new Map<string, { note: number; dueMs: number }>()
  for (let i = 0; i < 20_000; i++) {
    const key = `BYE z9hG4bK${random.uint32()} 10.0.0.1:5060 ${i}`
    finished.add(key, i)
    plain.set(key, { note: i, dueMs: clock.nowMs() + 32_000 })
    if (randomBelow(random, 4) === 0) clock.advance(randomBelow(random, 60))
    assert.equal(finished.find(`${key}x`), -1)
  }
  for (const [key, { note, dueMs }] of plain) assert.equal(finished.find(key), dueMs > clock.nowMs() ? note : -1, key)
  const alive = [...plain.values()].filter(({ dueMs }) => dueMs > clock.nowMs()).length
  assert.ok(alive > 2_000 && finished.count >= alive && finished.count < alive + 50, `${finished.count} of ${alive}`)
  clock.advance(32_300)
  assert.equal(finished.count, 0)
  assert.equal(clock.timers.count, 0)
})

test('where there is no room the oldest goes', () => {
  const finished = new Finished(contextOf(new FakeClock()), 32_000, 3)
  for (const [note, key] of ['a', 'b', 'c', 'd'].entries()) finished.add(key, note)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => finished.find(key)),
    [-1, 1, 2, 3],
  )
  assert.equal(finished.count, 3)
})

test('RFC3261-17.2.2: a request whose transaction is retired is known for 64*T1, and by its number alone', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({ method: 'BYE' })
  transaction.retire(5)
  assert.equal(transaction.state, 'trying', 'not before its final answer')
  const request = transaction.request ?? assert.fail('it has its request')
  rig.respond(transaction, 200)
  transaction.retire(5)
  assert.equal(rig.transactions.findServer(request), undefined)
  assert.equal(rig.transactions.findFinished(request), 5)
  assert.equal(rig.transactions.count, 1)
  rig.clock.advance(31_900)
  assert.equal(rig.transactions.findFinished(request), 5)
  rig.clock.advance(500)
  assert.equal(rig.transactions.findFinished(request), -1)
  rig.assertEmpty()
})

test('RFC3261-13.2.2.4: a 2xx to a retired INVITE is late; a dialog of another fork is new once', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient({ method: 'INVITE' })
  const late = (toTag: string) => responseOf(200, { method: 'INVITE', branch: transaction.branch, toTag })
  assert.equal(rig.transactions.isLate(late('to-1')), false)
  transaction.receive(late('to-1'))
  transaction.retire('to-1', '10.0.0.9')
  assert.equal(rig.transactions.findClient(late('to-1')), undefined)
  assert.equal(rig.transactions.isLate(late('to-1')), true)
  assert.equal(rig.transactions.isLateFrom(late('to-1'), '10.0.0.9'), true)
  assert.equal(rig.transactions.isLateFrom(late('to-1'), '10.0.0.8'), false)
  assert.equal(rig.transactions.isLateDialogNew(late('to-1')), false)
  assert.equal(rig.transactions.isLateDialogNew(late('to-2')), true)
  assert.equal(rig.transactions.isLateDialogNew(late('to-2')), false)
  rig.clock.advance(32_500)
  assert.equal(rig.transactions.isLate(late('to-1')), false)
  rig.assertEmpty()
})
