// Matching (RFC 3261 17.1.3, 17.2.3, 9.2; RFC 6026), transport errors by peer, and what is left over: nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../base/random.ts'
import { requestOf, responseOf } from '../../test/kit/sip-message.ts'
import type { MessageParts } from '../../test/kit/sip-message.ts'
import { TransactionRig } from '../../test/kit/transaction-rig.ts'

const from = (sentBy: string, branch: string): MessageParts => ({ via: `SIP/2.0/UDP ${sentBy};branch=${branch}` })

test('RFC3261-17.2.3: a request repeats another only with the same branch, sent-by and method', () => {
  const rig = new TransactionRig()
  const first = rig.openServer(from('alpha.example.com:5060', 'z9hG4bKsame'))
  assert.equal(rig.transactions.findServer(requestOf(from('alpha.example.com:5060', 'z9hG4bKsame'))), first)
  assert.equal(rig.transactions.findServer(requestOf(from('ALPHA.Example.com:5060', 'z9hG4bKsame'))), first)
  assert.equal(rig.transactions.findServer(requestOf(from('alpha.example.com', 'z9hG4bKsame'))), first)
  for (const other of [
    from('beta.example.com:5060', 'z9hG4bKsame'),
    from('alpha.example.com:5070', 'z9hG4bKsame'),
    from('alpha.example.com:5060', 'z9hG4bKother'),
    from('alpha.example.com:5060', 'z9hG4bKSAME'),
    { ...from('alpha.example.com:5060', 'z9hG4bKsame'), method: 'BYE' },
    { ...from('alpha.example.com:5060', 'z9hG4bKsame'), callId: 'call-2' },
  ])
    assert.equal(rig.transactions.findServer(requestOf(other)), undefined, JSON.stringify(other))
})

test('RFC3261-17.2.3: one branch of two clients, and of two methods, are transactions of their own', () => {
  const rig = new TransactionRig()
  const parts = [
    from('10.0.0.1:5060', 'z9hG4bK1'),
    from('10.0.0.2:5060', 'z9hG4bK1'),
    { ...from('10.0.0.1:5060', 'z9hG4bK1'), callId: 'call-2' },
    { ...from('10.0.0.1:5060', 'z9hG4bK1'), method: 'CANCEL' },
  ]
  const opened = parts.map((part) => rig.openServer(part))
  assert.equal(new Set(opened).size, 4)
  for (const [i, part] of parts.entries()) assert.equal(rig.transactions.findServer(requestOf(part)), opened[i])
  for (const transaction of opened) transaction.terminate()
  rig.assertEmpty()
})

test('RFC3261-17.2.3: the ACK of a failure finds its INVITE, with another branch it finds nothing', () => {
  const rig = new TransactionRig()
  const ack = requestOf({ method: 'ACK', toTag: 'to-1' })
  const transaction = rig.openServer()
  assert.equal(rig.transactions.findServer(ack), undefined, 'nothing to acknowledge yet')
  rig.respond(transaction, 486)
  assert.equal(rig.transactions.findServer(ack), transaction)
  assert.equal(rig.transactions.findServer(requestOf({ method: 'ACK', branch: 'z9hG4bK-spam' })), undefined)
  transaction.receive(ack)
  assert.equal(transaction.state, 'confirmed')
  assert.equal(rig.transactions.findServer(ack), transaction, 'repeated ACKs are absorbed')
})

test('RFC6026-7.1: the ACK of a 2xx is left to the dialog even if it carries the branch of the INVITE', () => {
  const rig = new TransactionRig()
  const transaction = rig.openServer()
  rig.respond(transaction, 200)
  assert.equal(rig.transactions.findServer(requestOf({ method: 'ACK', toTag: 'to-1' })), undefined)
  assert.equal(rig.transactions.findServer(requestOf()), transaction)
})

test('RFC3261-9.2: a CANCEL finds the INVITE of its branch in every state, and is a transaction of its own', () => {
  const rig = new TransactionRig()
  const cancel = requestOf({ method: 'CANCEL' })
  assert.equal(rig.transactions.findCancelled(cancel), undefined)
  const invite = rig.openServer()
  assert.equal(rig.transactions.findServer(cancel), undefined)
  assert.equal(rig.transactions.findCancelled(cancel), invite)
  const cancelling = rig.openServer({ method: 'CANCEL' })
  assert.equal(rig.transactions.findServer(cancel), cancelling)
  rig.respond(invite, 200)
  assert.equal(rig.transactions.findCancelled(cancel), invite)
  assert.equal(rig.transactions.findCancelled(requestOf({ method: 'CANCEL', branch: 'z9hG4bK-x' })), undefined)
})

for (const [what, via] of [
  ['no branch', 'SIP/2.0/UDP old.example.com'],
  ['another cookie', 'SIP/2.0/UDP old.example.com;branch=1234'],
  ['the bare cookie', 'SIP/2.0/UDP old.example.com;branch=z9hG4bK'],
] as const)
  test(`RFC3261-17.2.3: RFC 2543 matching with ${what}`, () => {
    const rig = new TransactionRig()
    const invite = rig.openServer({ via })
    assert.equal(rig.transactions.findServer(requestOf({ via })), invite)
    for (const other of [
      { requestUri: 'sip:carol@192.0.2.9' },
      { toTag: 'to-1' },
      { fromTag: 'from-2' },
      { callId: 'call-2' },
      { cseq: 2 },
      { via: `${via};x=y` },
      { method: 'OPTIONS' },
    ])
      assert.equal(rig.transactions.findServer(requestOf({ via, ...other })), undefined, JSON.stringify(other))
    assert.equal(rig.transactions.findCancelled(requestOf({ via, method: 'CANCEL' })), invite)
    const options = rig.openServer({ via, method: 'OPTIONS' })
    assert.equal(rig.transactions.findServer(requestOf({ via, method: 'OPTIONS' })), options)

    rig.respond(invite, 486, { via, toTag: 'ours' })
    assert.equal(rig.transactions.findServer(requestOf({ via, method: 'ACK', toTag: 'ours' })), invite)
    assert.equal(rig.transactions.findServer(requestOf({ via, method: 'ACK', toTag: 'theirs' })), undefined)
    invite.receive(requestOf({ via, method: 'ACK', toTag: 'ours' }))
    assert.equal(rig.transactions.findServer(requestOf({ via, method: 'ACK', toTag: 'ours' })), invite)
  })

test('RFC6026-7.1: an RFC 2543 ACK of a 2xx, whose branch is that of the INVITE, is left to the dialog', () => {
  const rig = new TransactionRig()
  const via = 'SIP/2.0/UDP old.example.com;branch=7'
  rig.respond(rig.openServer({ via }), 200, { via, toTag: 'ours' })
  assert.equal(rig.transactions.findServer(requestOf({ via, method: 'ACK', toTag: 'ours' })), undefined)
})

test('RFC3261-17.1.3: a response finds its client transaction by branch and CSeq method', () => {
  const rig = new TransactionRig()
  const invite = rig.openClient({ branch: 'z9hG4bK-a' })
  const cancel = rig.openClient({ branch: 'z9hG4bK-a', method: 'CANCEL' })
  const find = (parts: MessageParts): unknown => rig.transactions.findClient(responseOf(200, parts))
  assert.equal(find({ branch: 'z9hG4bK-a' }), invite)
  assert.equal(find({ branch: 'z9hG4bK-a', method: 'CANCEL' }), cancel)
  assert.equal(find({ branch: 'z9hG4bK-a', method: 'BYE' }), undefined)
  assert.equal(find({ branch: 'z9hG4bK-b' }), undefined)
  assert.equal(find({ via: 'SIP/2.0/UDP client.example.com' }), undefined)
  assert.throws(() => rig.openClient({ branch: 'z9hG4bK-a' }), /once per method/)
})

test('a transport error fails exactly the transactions that wait for a first reply of that peer', () => {
  const rig = new TransactionRig()
  const [here, there] = ['udp:192.0.2.1:5060', 'udp:192.0.2.2:5060']
  const open = (branch: string, peer: string, method = 'INVITE'): ReturnType<TransactionRig['openClient']> =>
    rig.openClient({ branch, method }, { peer })
  const waiting = [open('z9hG4bK-1', here), open('z9hG4bK-2', here, 'OPTIONS'), open('z9hG4bK-3', here)]
  const ringing = open('z9hG4bK-4', here)
  const elsewhere = open('z9hG4bK-5', there)
  const givenUp = open('z9hG4bK-6', here)
  rig.receive(ringing, 180)
  givenUp.abandon()
  waiting[1]?.terminate()
  rig.takeDiary()
  rig.transactions.failPeer(here, 'connection refused')
  assert.deepEqual(rig.takeEffects(), [
    'fail transport: connection refused',
    'over',
    'fail transport: connection refused',
    'over',
  ])
  assert.deepEqual(
    [...waiting, ringing, elsewhere, givenUp].map(({ state }) => state),
    ['terminated', 'terminated', 'terminated', 'proceeding', 'calling', 'calling'],
  )
  rig.transactions.failPeer(here, 'connection refused')
  assert.deepEqual(rig.takeEffects(), [])
})

test('after their lifetimes neither transactions nor timers are left, whatever happened to them', () => {
  const random = seededRandom(7)
  const pick = (values: readonly number[]): number => values[random.uint32() % values.length] ?? 200
  const rig = new TransactionRig()
  for (let i = 0; i < 2_000; i++) {
    const method = random.uint32() % 2 === 0 ? 'INVITE' : 'BYE'
    const parts = { method, branch: `z9hG4bK-${i}` }
    const options = { reliable: random.uint32() % 3 === 0, peer: `peer-${i % 10}` }
    const statuses = [100, 180, 200, 200, 408, 486, 503]
    if (random.uint32() % 2 === 0) {
      const client = rig.openClient(parts, options)
      for (let n = random.uint32() % 4; n > 0; n--) rig.receive(client, pick(statuses))
      if (random.uint32() % 4 === 0) rig.transactions.failPeer(options.peer, 'reset')
      // A user gives up what still rings: by the RFC alone it could ring for ever.
      if (client.state === 'proceeding' || random.uint32() % 8 === 0) client.abandon()
    } else {
      const server = rig.openServer(parts, options)
      for (let n = random.uint32() % 4; n > 0; n--) rig.respond(server, pick(statuses))
      if (random.uint32() % 2 === 0)
        server.receive(requestOf({ ...parts, method: method === 'INVITE' ? 'ACK' : 'BYE' }))
      // A user always answers.
      rig.respond(server, 500)
    }
    if (i % 20 === 0) rig.clock.advance(random.uint32() % 1_000)
  }
  assert(rig.transactions.count > 0)
  rig.clock.advance(96_000)
  rig.assertEmpty()
})
