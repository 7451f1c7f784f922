// The non-INVITE client transaction against RFC 3261 17.1.2 (figure 6), on a fake clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransactionRig, checkEveryCell } from '../../test/kit/transaction-rig.ts'
import type { Expected } from '../../test/kit/transaction-rig.ts'
import { ClientTransaction } from './client-transaction.ts'

const ended: Expected = ['terminated', 'fail transport: refused', 'over']
const timedOut: Expected = ['terminated', 'fail timeout', 'over']
// RFC 3261, figure 6: "non-INVITE client transaction", arrow by arrow.
const figure: Record<string, Record<string, Expected>> = {
  trying: {
    timerE: ['trying', 'send BYE'],
    timerF: timedOut,
    transportError: ended,
    '100': ['proceeding', 'user 100'],
    '200': ['completed', 'user 200'],
    '481': ['completed', 'user 481'],
  },
  proceeding: {
    timerE: ['proceeding', 'send BYE'],
    timerF: timedOut,
    transportError: ended,
    '100': ['proceeding', 'user 100'],
    '200': ['completed', 'user 200'],
    '481': ['completed', 'user 481'],
  },
  completed: { timerK: ['terminated', 'over'] },
  terminated: {},
}

function enter(rig: TransactionRig, state: string): ClientTransaction {
  const transaction = rig.openClient({ method: 'BYE' })
  if (state === 'proceeding') rig.receive(transaction, 100)
  if (state === 'completed') rig.receive(transaction, 200)
  if (state === 'terminated') rig.fire(transaction, 'timerF')
  return transaction
}

test('RFC3261-17.1.2.2: non-INVITE client, every state x event does what figure 6 draws', () => {
  const cells = checkEveryCell({
    states: ['trying', 'proceeding', 'completed', 'terminated'],
    events: [
      '100',
      '200',
      '481',
      'timerE',
      'timerF',
      'timerK',
      'transportError',
      'timerA',
      'timerB',
      'timerD',
      'timerM',
    ],
    expected: figure,
    enter,
    happen: (rig, transaction, event) => {
      assert(transaction instanceof ClientTransaction)
      if (event === 'transportError') transaction.failTransport('refused')
      else if (event.startsWith('timer')) rig.fire(transaction, event)
      else rig.receive(transaction, Number(event))
    },
  })
  assert.equal(cells, 44)
})

test('RFC3261-17.1.2.2: without a reply it is repeated after 0.5, 1, 2, 4, 4 ... s and given up at 32 s', () => {
  const rig = new TransactionRig()
  rig.openClient({ method: 'BYE' })
  rig.clock.advance(31_995)
  assert.deepEqual(
    rig.takeTimes('send BYE'),
    [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500],
  )
  rig.clock.advance(5)
  assert.deepEqual(rig.takeDiary(), [
    { at: 32_000, what: 'fail timeout' },
    { at: 32_000, what: 'over' },
  ])
  assert.deepEqual(rig.retransmissions, { in: 0, out: 10 })
  rig.assertEmpty()
})

test('RFC3261-17.1.2.2: after a 1xx it is repeated every T2 (4 s), and timer F still ends it', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient({ method: 'BYE' })
  rig.clock.advance(200)
  rig.receive(transaction, 100)
  rig.clock.advance(31_795)
  assert.deepEqual(rig.takeTimes('send BYE'), [0, 500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500])
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['fail timeout', 'over'])
  rig.assertEmpty()
})

test('RFC3261-17.1.2.2: over a reliable transport nothing is repeated, timer F still ends it', () => {
  const rig = new TransactionRig()
  rig.openClient({ method: 'BYE' }, { reliable: true })
  assert.equal(rig.clock.timers.count, 1)
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeEffects(), ['send BYE', 'fail timeout', 'over'])
  rig.assertEmpty()
})

test('RFC3261-17.1.2.2: timer K absorbs repeated final responses for T4 (5 s)', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient({ method: 'BYE' })
  rig.receive(transaction, 200)
  assert.equal(transaction.request.length, 0, 'the request is dropped')
  rig.clock.advance(4_995)
  rig.receive(transaction, 200)
  assert.deepEqual(rig.takeEffects(), ['send BYE', 'user 200'])
  assert.deepEqual(rig.retransmissions, { in: 1, out: 0 })
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()
})

test('RFC3261-17.1.2.2: timer K is zero over a reliable transport', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient({ method: 'BYE' }, { reliable: true })
  rig.receive(transaction, 200)
  assert.deepEqual(rig.takeEffects(), ['send BYE', 'user 200', 'over'])
  rig.assertEmpty()
})
