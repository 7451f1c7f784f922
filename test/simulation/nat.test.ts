// Peers behind NAT on the whole edge: where answers and requests inside the dialog go.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { CallerSide, GatewaySide, answerSdp, offer, standardFile } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const publicAddress = '203.0.113.9'
const carrierAddress = '198.51.100.7'

function fileWith(more: { sender?: object; receiver?: object }): DeclarativeInput {
  const sender = { name: 'pbx', direction: 'sends' as const, addresses: [publicAddress], ...more.sender }
  const receiver = {
    name: 'gw',
    direction: 'receives' as const,
    addresses: [carrierAddress],
    probe: { enabled: false },
    ...more.receiver,
  }
  return standardFile({ customer: { endpoints: [sender] }, carrier: { endpoints: [receiver] } })
}

/** A caller that writes 10.1.0.1:5060 into Via and Contact while its packets come from a public address and port. */
class HiddenCaller extends CallerSide {
  port = 40_001

  override send(text: string): void {
    this.rig.receive(text, publicAddress, this.port)
  }
}

/** A call that is up; gives what went where. */
function callUp(rig: EdgeRig, contact: string): { caller: HiddenCaller; gateway: GatewaySide; answeredTo: string[] } {
  const caller = new HiddenCaller(rig)
  const gateway = new GatewaySide(rig, carrierAddress)
  caller.invite({ body: offer })
  const sent = rig.take()
  const invite = sent.find(({ message }) => message.method === 'INVITE' && message.kind === 'request')?.message
  assert.ok(invite !== undefined)
  gateway.answer(invite, 200, { body: answerSdp, contact })
  const answered = rig.take()
  const ok = answered.find(({ message }) => message.status === 200)
  caller.toTag = ok?.message.toTag ?? ''
  caller.ack()
  const acks = answered.filter(({ message }) => message.method === 'ACK')
  const answeredTo = [...sent, ...answered].flatMap(({ message, address, port }) =>
    message.kind === 'response' ? [`${address}:${port}`] : [],
  )
  assert.equal(acks.length, 1)
  return { caller, gateway, answeredTo: [...new Set(answeredTo), `ACK ${acks[0]?.address}:${acks[0]?.port}`] }
}

/** Where our BYE to each side goes. */
function byesOf(rig: EdgeRig): string[] {
  for (const call of rig.edge.calls.values()) call.release('operator', 'test')
  return rig
    .take()
    .map(({ message, address, port }) => `${message.method} ${message.requestUri} ${address}:${port}`)
    .toSorted()
}

const privateContact = '<sip:gw@192.168.7.7:5070>'

test('RFC3581-4: by itself: a private Via or Contact behind a public source is answered and called at the source', () => {
  const rig = new EdgeRig(fileWith({}))
  const { answeredTo } = callUp(rig, privateContact)
  assert.deepEqual(answeredTo, [`${publicAddress}:40001`, `ACK ${carrierAddress}:5060`])
  assert.deepEqual(byesOf(rig), [
    `BYE sip:alice@10.1.0.1:5060 ${publicAddress}:40001`,
    `BYE sip:gw@192.168.7.7:5070 ${carrierAddress}:5060`,
  ])
  rig.assertNothingLeft()
})

test('by itself: a public Contact is believed, and so is a private one from a private source', () => {
  const rig = new EdgeRig(fileWith({ receiver: { addresses: ['10.2.0.1'] } }))
  const caller = new CallerSide(rig, { address: publicAddress })
  const gateway = new GatewaySide(rig, '10.2.0.1')
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 200, { body: answerSdp, contact: '<sip:gw@10.2.0.99:5099>' })
  caller.got()
  caller.ack()
  rig.take()
  assert.deepEqual(byesOf(rig), [
    `BYE sip:alice@${publicAddress}:5060 ${publicAddress}:5060`,
    'BYE sip:gw@10.2.0.99:5099 10.2.0.99:5099',
  ])
  rig.assertNothingLeft()
})

test('disableNat believes Via and Contact only', () => {
  const rig = new EdgeRig(fileWith({ sender: { disableNat: true }, receiver: { disableNat: true } }))
  const { answeredTo } = callUp(rig, privateContact)
  assert.deepEqual(answeredTo, [`${publicAddress}:5060`, 'ACK 192.168.7.7:5070'])
  assert.deepEqual(byesOf(rig), [
    'BYE sip:alice@10.1.0.1:5060 10.1.0.1:5060',
    'BYE sip:gw@192.168.7.7:5070 192.168.7.7:5070',
  ])
  rig.assertNothingLeft()
})

test('forceNat goes to the source even where Contact is public, and follows it when it moves', () => {
  const rig = new EdgeRig(fileWith({ sender: { forceNat: true }, receiver: { forceNat: true } }))
  const { caller, answeredTo } = callUp(rig, '<sip:gw@198.51.100.200:5070>')
  assert.deepEqual(answeredTo, [`${publicAddress}:40001`, `ACK ${carrierAddress}:5060`])
  caller.port = 40_777
  caller.inDialog('OPTIONS')
  const options = rig.take().find(({ message }) => message.method === 'OPTIONS')
  assert.equal(`${options?.address}:${options?.port}`, `${carrierAddress}:5060`)
  assert.deepEqual(byesOf(rig).slice(0, 2), [
    `BYE sip:alice@10.1.0.1:5060 ${publicAddress}:40777`,
    `BYE sip:gw@198.51.100.200:5070 ${carrierAddress}:5060`,
  ])
  rig.assertNothingLeft()
})

test('forceNat: the answers to CANCEL and to the INVITE go to the source port', () => {
  const rig = new EdgeRig(fileWith({ sender: { forceNat: true } }))
  const caller = new HiddenCaller(rig)
  caller.invite()
  caller.cancel()
  const answers = rig.take().filter(({ message }) => message.kind === 'response')
  assert.deepEqual(
    answers.map(({ message, port }) => `${message.status} ${port}`),
    ['100 40001', '200 40001', '487 40001'],
  )
  rig.assertNothingLeft()
})

test('bandwidth.com: requests keep its internal Contact and routes, packets go where the call went', () => {
  const rig = new EdgeRig(fileWith({ receiver: { manufacturer: 'Bandwidth.com' } }))
  const caller = new CallerSide(rig, { address: publicAddress })
  const gateway = new GatewaySide(rig, carrierAddress)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 200, {
    body: answerSdp,
    contact: privateContact,
    lines: ['Record-Route: <sip:172.16.5.5;lr>'],
  })
  const ack = gateway.one('ACK')
  assert.equal(ack.requestUri, 'sip:gw@192.168.7.7:5070')
  assert.equal(ack.valueOf('Route'), '<sip:172.16.5.5;lr>')
  caller.got()
  caller.ack()
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})
