// The INVITE server transaction against RFC 3261 17.2.1 and RFC 6026 figure 7, on a fake clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestOf, responseBytes } from '../../test/kit/sip-message.ts'
import { TransactionRig, checkEveryCell } from '../../test/kit/transaction-rig.ts'
import type { Expected } from '../../test/kit/transaction-rig.ts'
import { ServerTransaction } from './server-transaction.ts'

// RFC 6026, figure 7: "INVITE server transaction", arrow by arrow. "ACK to TU" is the matching's: see transactions.test.ts.
const figure: Record<string, Record<string, Expected>> = {
  proceeding: {
    INVITE: ['proceeding', 'send 100'],
    'respond 180': ['proceeding', 'send 180'],
    'respond 200': ['accepted', 'send 200'],
    'respond 486': ['completed', 'send 486'],
    transportError: ['proceeding', 'fail transport'],
  },
  completed: {
    INVITE: ['completed', 'send 486'],
    ACK: ['confirmed'],
    timerG: ['completed', 'send 486'],
    timerH: ['terminated', 'fail timeout', 'over'],
    transportError: ['completed', 'fail transport'],
  },
  accepted: {
    INVITE: ['accepted'],
    'respond 200': ['accepted', 'send 200'],
    timerL: ['terminated', 'over'],
    transportError: ['accepted', 'fail transport'],
  },
  confirmed: { timerI: ['terminated', 'over'] },
  terminated: {},
}

function enter(rig: TransactionRig, state: string): ServerTransaction {
  const transaction = rig.openServer()
  rig.respond(transaction, 100)
  if (state === 'accepted') rig.respond(transaction, 200)
  if (state === 'completed' || state === 'confirmed' || state === 'terminated') rig.respond(transaction, 486)
  if (state === 'confirmed') transaction.receive(requestOf({ method: 'ACK' }))
  if (state === 'terminated') rig.fire(transaction, 'timerH')
  return transaction
}

test('RFC6026-8.7: INVITE server, every state x event does what figure 7 draws', () => {
  const cells = checkEveryCell({
    states: ['proceeding', 'completed', 'accepted', 'confirmed', 'terminated'],
    events: [
      'INVITE',
      'ACK',
      'respond 180',
      'respond 200',
      'respond 486',
      'transportError',
      'timerG',
      'timerH',
      'timerI',
      'timerL',
      'timerJ',
    ],
    expected: figure,
    enter,
    happen: (rig, transaction, event) => {
      assert(transaction instanceof ServerTransaction)
      if (event === 'transportError') transaction.failTransport()
      else if (event.startsWith('timer')) rig.fire(transaction, event)
      else if (event.startsWith('respond')) rig.respond(transaction, Number(event.slice(8)))
      else transaction.receive(requestOf({ method: event }))
    },
  })
  assert.equal(cells, 55)
})

test('RFC3261-17.2.1: a failure is repeated after 0.5, 1, 2, 4, 4 ... s until timer H (32 s) reports the missing ACK', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer()
  rig.respond(transaction, 486)
  assert.equal(transaction.request, undefined, 'the request is dropped')
  rig.clock.advance(31_995)
  assert.deepEqual(
    rig.takeTimes('send 486'),
    [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500],
  )
  rig.clock.advance(5)
  assert.deepEqual(rig.takeDiary(), [
    { at: 32_000, what: 'fail timeout' },
    { at: 32_000, what: 'over' },
  ])
  rig.assertEmpty()
})

test('RFC3261-17.2.1: over a reliable transport a failure is sent once and timer H still runs', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({}, { reliable: true })
  rig.respond(transaction, 486)
  assert.equal(rig.clock.timers.count, 1)
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeEffects(), ['send 486', 'fail timeout', 'over'])
  rig.assertEmpty()
})

test('RFC3261-17.2.1: the ACK stops the repetition; further ones are absorbed for T4 (5 s)', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer()
  rig.respond(transaction, 503)
  rig.clock.advance(700)
  transaction.receive(requestOf({ method: 'ACK' }))
  assert.equal(rig.clock.timers.count, 1, 'only timer I runs')
  assert.equal(transaction.keptBytes, 0, 'the response is dropped')
  rig.clock.advance(4_995)
  transaction.receive(requestOf({ method: 'ACK' }))
  transaction.receive(requestOf())
  assert.deepEqual(rig.takeEffects(), ['send 503', 'send 503'])
  assert.equal(rig.transactions.count, 1)
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()
})

test('RFC3261-17.2.1: timer I is zero over a reliable transport', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({}, { reliable: true })
  rig.respond(transaction, 503)
  transaction.receive(requestOf({ method: 'ACK' }))
  assert.deepEqual(rig.takeEffects(), ['send 503', 'over'])
  rig.assertEmpty()
})

for (const reliable of [false, true])
  test(`RFC6026-7.1: after a 2xx repeated INVITEs are absorbed until timer L (32 s), reliable: ${reliable}`, () => {
    const rig = new TransactionRig()
    const transaction = rig.openServer({}, { reliable })
    rig.respond(transaction, 180)
    rig.respond(transaction, 200)
    assert.equal(transaction.request, undefined, 'the request is dropped')
    assert.equal(transaction.keptBytes, 0, 'the response is dropped: its user repeats it')
    rig.clock.advance(31_995)
    transaction.receive(requestOf())
    assert.deepEqual(rig.takeEffects(), ['send 180', 'send 200'])
    assert.deepEqual(rig.retransmissions, { in: 1, out: 0 })
    transaction.respond(200, responseBytes(200))
    assert.deepEqual(rig.takeEffects(), ['send 200'])
    assert.deepEqual(rig.retransmissions, { in: 1, out: 1 })
    rig.clock.advance(5)
    assert.deepEqual(rig.takeEffects(), ['over'])
    rig.assertEmpty()
  })

test('RFC3261-17.2.1: a repeated INVITE gets the last provisional response, or nothing before there is one', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer()
  transaction.receive(requestOf())
  assert.deepEqual(rig.takeEffects(), [])
  rig.respond(transaction, 100)
  rig.respond(transaction, 183)
  transaction.receive(requestOf())
  assert.deepEqual(rig.takeEffects(), ['send 100', 'send 183', 'send 183'])
  assert.deepEqual(rig.retransmissions, { in: 2, out: 1 })
  transaction.terminate()
  assert.deepEqual(rig.takeEffects(), [])
  rig.assertEmpty()
})
