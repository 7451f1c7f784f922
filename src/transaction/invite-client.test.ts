// The INVITE client transaction against RFC 3261 17.1.1 and RFC 6026 figure 5, on a fake clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransactionRig, checkEveryCell } from '../../test/kit/transaction-rig.ts'
import type { Expected } from '../../test/kit/transaction-rig.ts'
import { ClientTransaction } from './client-transaction.ts'

const accept: Expected = ['accepted', 'user 200']
const complete: Expected = ['completed', 'send ACK', 'user 486']
// RFC 6026, figure 5: "INVITE client transaction", arrow by arrow.
const figure: Record<string, Record<string, Expected>> = {
  calling: {
    timerA: ['calling', 'send INVITE'],
    timerB: ['terminated', 'fail timeout', 'over'],
    transportError: ['terminated', 'fail transport: refused', 'over'],
    '180': ['proceeding', 'user 180'],
    '200': accept,
    '486': complete,
  },
  proceeding: {
    '180': ['proceeding', 'user 180'],
    '200': accept,
    '486': complete,
    // RFC 3261 9.1, not the figure: runs only after abandon().
    timerB: ['terminated', 'fail timeout', 'over'],
  },
  completed: {
    '486': ['completed', 'send ACK'],
    transportError: ['terminated', 'fail transport: refused', 'over'],
    timerD: ['terminated', 'over'],
  },
  accepted: {
    '200': ['accepted', 'user 200'],
    timerM: ['terminated', 'over'],
  },
  terminated: {},
}

function enter(rig: TransactionRig, state: string): ClientTransaction {
  const transaction = rig.openClient()
  if (state === 'proceeding') rig.receive(transaction, 180)
  if (state === 'completed') rig.receive(transaction, 486)
  if (state === 'accepted') rig.receive(transaction, 200)
  if (state === 'terminated') rig.fire(transaction, 'timerB')
  return transaction
}

test('RFC6026-8.4: INVITE client, every state x event does what figure 5 draws', () => {
  const cells = checkEveryCell({
    states: ['calling', 'proceeding', 'completed', 'accepted', 'terminated'],
    events: [
      '180',
      '200',
      '486',
      'timerA',
      'timerB',
      'timerD',
      'timerM',
      'transportError',
      'timerE',
      'timerF',
      'timerK',
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
  assert.equal(cells, 55)
})

test('RFC3261-17.1.1.2: without a reply the INVITE is repeated after 0.5, 1, 2, 4, 8, 16 s and given up at 32 s', () => {
  const rig = new TransactionRig()
  rig.openClient()
  rig.clock.advance(31_995)
  assert.deepEqual(rig.takeTimes('send INVITE'), [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500])
  assert.equal(rig.transactions.count, 1)
  rig.clock.advance(5)
  assert.deepEqual(rig.takeDiary(), [
    { at: 32_000, what: 'fail timeout' },
    { at: 32_000, what: 'over' },
  ])
  assert.deepEqual(rig.retransmissions, { in: 0, out: 6 })
  rig.assertEmpty()
})

test('RFC3261-17.1.1.2: over a reliable transport nothing is repeated, timer B still ends it', () => {
  const rig = new TransactionRig()
  rig.openClient({}, { reliable: true })
  assert.equal(rig.clock.timers.count, 1)
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeDiary(), [
    { at: 0, what: 'send INVITE' },
    { at: 32_000, what: 'fail timeout' },
    { at: 32_000, what: 'over' },
  ])
  rig.assertEmpty()
})

test('RFC3261-17.1.1.2: a provisional response stops the repetition and timer B: it may ring for hours', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient()
  rig.clock.advance(600)
  assert.equal(rig.transactions.waitingPeerCount, 1)
  rig.receive(transaction, 100)
  assert.equal(rig.transactions.waitingPeerCount, 0)
  rig.clock.advance(7_200_000)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'send INVITE', 'user 100'])
  assert.equal(transaction.state, 'proceeding')
  assert.equal(rig.clock.timers.count, 0)
})

test('RFC3261-17.1.1.2: a repeated failure is acknowledged again until timer D (32 s), and told only once', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient()
  rig.receive(transaction, 503)
  assert.equal(transaction.request.length, 0, 'the request is dropped')
  for (let i = 0; i < 3; i++) {
    rig.clock.advance(4_000)
    rig.receive(transaction, 503)
  }
  rig.clock.advance(19_995)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'send ACK', 'user 503', 'send ACK', 'send ACK', 'send ACK'])
  assert.deepEqual(rig.retransmissions, { in: 3, out: 3 })
  assert.equal(rig.transactions.count, 1)
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()
})

test('RFC3261-17.1.1.2: timer D is zero over a reliable transport', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient({}, { reliable: true })
  rig.receive(transaction, 486)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'send ACK', 'user 486', 'over'])
  rig.assertEmpty()
})

for (const reliable of [false, true])
  test(`RFC6026-7.2: each further 2xx reaches the user until timer M (32 s), reliable: ${reliable}`, () => {
    const rig = new TransactionRig()
    const transaction = rig.openClient({}, { reliable })
    rig.receive(transaction, 180)
    rig.receive(transaction, 200)
    rig.clock.advance(31_995)
    rig.receive(transaction, 200)
    rig.receive(transaction, 486)
    rig.receive(transaction, 180)
    assert.deepEqual(rig.takeEffects(), ['send INVITE', 'user 180', 'user 200', 'user 200'])
    rig.clock.advance(5)
    assert.deepEqual(rig.takeEffects(), ['over'])
    rig.assertEmpty()
  })

test('an abandoned INVITE is not repeated, reports no failure and still hands over late responses until timer B', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient()
  rig.clock.advance(3_000)
  rig.takeDiary()
  transaction.abandon()
  rig.clock.advance(28_995)
  assert.deepEqual(rig.takeEffects(), [])
  rig.receive(transaction, 200)
  assert.deepEqual(rig.takeEffects(), ['user 200'])
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()

  rig.openClient().abandon()
  rig.transactions.failPeer('udp:192.0.2.9:5060', 'refused')
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'over'])
  rig.assertEmpty()
})

test('RFC3261-9.1: 64*T1 after the CANCEL of a late 1xx an abandoned INVITE is destroyed', () => {
  const rig = new TransactionRig()
  const transaction = rig.openClient()
  transaction.abandon()
  rig.clock.advance(20_000)
  rig.receive(transaction, 180)
  rig.clock.advance(31_995)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'user 180'])
  assert.equal(rig.transactions.count, 1)
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()

  const ringing = rig.openClient()
  rig.receive(ringing, 180)
  ringing.abandon()
  rig.clock.advance(10_000)
  rig.receive(ringing, 487)
  rig.clock.advance(32_000)
  assert.deepEqual(rig.takeEffects(), ['send INVITE', 'user 180', 'send ACK', 'user 487', 'over'])
  rig.assertEmpty()
})

test('terminate ends it at once and without a word, also from inside a callback', () => {
  const rig = new TransactionRig()
  rig.openClient().terminate()
  assert.deepEqual(rig.takeEffects(), ['send INVITE'])
  rig.assertEmpty()
  rig.transactions.openClient({
    request: Buffer.from(''),
    method: 'OPTIONS',
    branch: 'z9hG4bK-two',
    reliable: true,
    peer: 'p',
    send: () => undefined,
    user: {
      onResponse: (transaction) => transaction.terminate(),
      onClientFailure: (transaction) => transaction.terminate(),
      onClientTerminated: () => assert.fail('terminate is silent'),
    },
  })
  rig.transactions.failPeer('p', 'reset')
  rig.assertEmpty()
})

test('a user that throws leaves neither transaction nor timer behind', () => {
  const rig = new TransactionRig()
  const broken = (): never => {
    throw new Error('broken user')
  }
  const open = (reliable: boolean): ClientTransaction =>
    rig.transactions.openClient({
      request: Buffer.from(''),
      method: 'OPTIONS',
      branch: 'z9hG4bK-three',
      reliable,
      peer: 'p',
      send: () => undefined,
      user: { onResponse: broken, onClientFailure: broken, onClientTerminated: () => undefined },
    })
  const failing = open(true)
  assert.throws(() => failing.failTransport('reset'), /broken user/)
  rig.assertEmpty()
  const answered = open(true)
  assert.throws(() => rig.receive(answered, 200), /broken user/)
  rig.assertEmpty()
})
