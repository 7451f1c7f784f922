// The non-INVITE server transaction against RFC 3261 17.2.2 (figure 8) and RFC 4320, on a fake clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestOf } from '../../test/kit/sip-message.ts'
import { TransactionRig, checkEveryCell } from '../../test/kit/transaction-rig.ts'
import type { Expected } from '../../test/kit/transaction-rig.ts'
import { ServerTransaction } from './server-transaction.ts'

// RFC 3261, figure 8: "non-INVITE server transaction", arrow by arrow; 180 and 408 as RFC 4320 restricts them.
const figure: Record<string, Record<string, Expected>> = {
  trying: {
    'respond 100': ['proceeding', 'send 100'],
    'respond 200': ['completed', 'send 200'],
    'respond 481': ['completed', 'send 481'],
    'respond 408': ['completed'],
  },
  proceeding: {
    request: ['proceeding', 'send 100'],
    'respond 100': ['proceeding', 'send 100'],
    'respond 200': ['completed', 'send 200'],
    'respond 481': ['completed', 'send 481'],
    'respond 408': ['completed'],
    transportError: ['terminated', 'fail transport', 'over'],
  },
  completed: {
    request: ['completed', 'send 200'],
    timerJ: ['terminated', 'over'],
    transportError: ['terminated', 'fail transport', 'over'],
  },
  terminated: {},
}

function enter(rig: TransactionRig, state: string): ServerTransaction {
  const transaction = rig.openServer({ method: 'BYE' })
  if (state === 'proceeding') rig.respond(transaction, 100)
  if (state === 'completed' || state === 'terminated') rig.respond(transaction, 200)
  if (state === 'terminated') rig.fire(transaction, 'timerJ')
  return transaction
}

test('RFC3261-17.2.2: non-INVITE server, every state x event does what figure 8 draws', () => {
  const cells = checkEveryCell({
    states: ['trying', 'proceeding', 'completed', 'terminated'],
    events: [
      'request',
      'respond 100',
      'respond 180',
      'respond 200',
      'respond 481',
      'respond 408',
      'transportError',
      'timerG',
      'timerH',
      'timerI',
      'timerJ',
      'timerL',
    ],
    expected: figure,
    enter,
    happen: (rig, transaction, event) => {
      assert(transaction instanceof ServerTransaction)
      if (event === 'transportError') transaction.failTransport()
      else if (event.startsWith('timer')) rig.fire(transaction, event)
      else if (event.startsWith('respond')) rig.respond(transaction, Number(event.slice(8)))
      else transaction.receive(requestOf({ method: 'BYE' }))
    },
  })
  assert.equal(cells, 48)
})

test('RFC3261-17.2.2: a repeated request gets the last response until timer J (32 s)', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({ method: 'BYE' })
  rig.respond(transaction, 200)
  assert.equal(transaction.request, undefined, 'the request is dropped')
  rig.clock.advance(31_995)
  transaction.receive(requestOf({ method: 'BYE' }))
  assert.deepEqual(rig.takeEffects(), ['send 200', 'send 200'])
  assert.deepEqual(rig.retransmissions, { in: 1, out: 1 })
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()
})

test('RFC3261-17.2.2: timer J is zero over a reliable transport', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({ method: 'BYE' }, { reliable: true })
  rig.respond(transaction, 200)
  assert.deepEqual(rig.takeEffects(), ['send 200', 'over'])
  rig.assertEmpty()
})

test('RFC4320-4.2: a 408 is never sent; the request stays absorbed until timer J', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer({ method: 'INFO' })
  rig.respond(transaction, 100)
  rig.respond(transaction, 408)
  rig.clock.advance(31_995)
  transaction.receive(requestOf({ method: 'INFO' }))
  assert.deepEqual(rig.takeEffects(), ['send 100'])
  rig.clock.advance(5)
  assert.deepEqual(rig.takeEffects(), ['over'])
  rig.assertEmpty()
})
