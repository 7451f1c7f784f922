// Proxies in front of Tollgate: what they write of a request's source counts, from nobody else, and never more than once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { answerSdp, CallerSide, GatewaySide, standardFile } from '../kit/call-rig.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const front = '10.6.0.1'
const otherFront = '10.6.0.2'
/** The PBX of the standard file. */
const pbx = '10.1.0.1'

const file = (more: Partial<NonNullable<DeclarativeInput['system']>> = {}): DeclarativeInput => {
  const standard = standardFile()
  return { ...standard, system: { ...standard.system, frontProxies: ['10.6.0.0/30'], ...more } }
}

/** What a call through `address` with these fields is answered first; 100 = it goes on. */
function statusOf(rig: EdgeRig, address: string, lines: readonly string[]): number | undefined {
  const caller = new CallerSide(rig, { address })
  caller.invite({ lines })
  const [first] = caller.statuses()
  return first
}

test('a caller behind a front proxy is known by its own address; answers go to the proxy; the record names the caller', () => {
  const rig = new EdgeRig(file())
  const caller = new CallerSide(rig, { address: front })
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 5071'] })
  const invite = gateway.one('INVITE')
  assert.equal(invite.valueOf('X-AUTH-IP'), undefined, 'it ends here')
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  assert.equal(rig.ask('calls', null)[0]?.source, `udp:${pbx}:5071`)
  caller.ack()
  const bye = caller.request('BYE', { cseq: 2 })
  rig.receive(bye, otherFront)
  assert.equal(rig.takeTo(otherFront)[0]?.status, 200, 'another front proxy may take over')
  gateway.answer(gateway.one('BYE'), 200)
  rig.advance(200)
  const [record] = rig.records
  assert.deepEqual([record?.sourceAddress, record?.sourcePort, record?.callerAccount], [pbx, 5_071, 'PBX'])
  assert.deepEqual(record?.explanation[0], { step: 'screen', text: `front proxy ${front} has it from ${pbx}` })
  rig.assertNothingLeft()
})

test('without the field the proxy speaks for itself: it is no caller, and is nobody else', () => {
  const rig = new EdgeRig(file())
  assert.equal(statusOf(rig, front, []), 403)
  assert.equal(statusOf(rig, front, [`X-Forwarded-For: ${pbx}`]), 403)
})

test('from anybody else the field means nothing, and takes nothing away', () => {
  const rig = new EdgeRig(file())
  assert.equal(statusOf(rig, '10.9.0.1', [`X-AUTH-IP: ${pbx}`]), 403)
  assert.equal(statusOf(rig, pbx, ['X-AUTH-IP: 10.9.0.1']), 100)
  const none = new EdgeRig(file({ frontProxies: [] }))
  assert.equal(statusOf(none, front, [`X-AUTH-IP: ${pbx}`]), 403)
})

test('a field that cannot be read, or stands twice, is 400: nobody is behind it', () => {
  const rig = new EdgeRig(file())
  const cases = [
    ['X-AUTH-IP: pbx.example'],
    ['X-AUTH-IP: '],
    [`X-AUTH-IP: ${pbx}, 10.9.0.1`],
    [`X-AUTH-IP: ${pbx}`, 'x-auth-ip: 10.9.0.1'],
    [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 99999'],
    [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 1', 'X-AUTH-PORT: 2'],
    ['X-AUTH-PORT: 5060'],
  ]
  for (const lines of cases) assert.equal(statusOf(rig, front, lines), 400, lines.join(' | '))
  assert.equal(rig.ask('rejections', null)[0]?.reason, 'front_proxy_field')
  rig.assertNothingLeft()
})

test('blocks, source ports and refusals speak of the caller, not of the proxy', () => {
  const sourcePort = 5_071
  const customers = [
    { name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [pbx], sourcePort }] },
  ]
  const rig = new EdgeRig({ ...file(), customers, blocks: [{ address: '10.9.0.0/24', reason: 'scanner' }] })
  assert.equal(statusOf(rig, front, [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 5071']), 100)
  assert.equal(statusOf(rig, front, [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 5072']), 403)
  assert.equal(statusOf(rig, front, ['X-AUTH-IP: 10.9.0.7']), undefined, 'a blocked source hears nothing')
  const rows = rig.ask('rejections', null).map(({ address, reason }) => [address, reason])
  assert.deepEqual(rows, [
    [pbx, 'source_unknown'],
    ['10.9.0.7', 'source_blocked'],
  ])
  assert.equal(statusOf(rig, front, [`X-AUTH-IP: ${pbx}`, 'X-AUTH-PORT: 5071']), 100, 'the proxy itself is not blocked')
})

test('OPTIONS of a known source through the proxy is answered, of a stranger is not', () => {
  const rig = new EdgeRig(file())
  for (const [address, status] of [
    [pbx, 200],
    ['10.9.0.9', 403],
  ] as const) {
    const caller = new CallerSide(rig, { address: front })
    caller.send(caller.request('OPTIONS', { toTag: '', lines: [`X-AUTH-IP: ${address}`] }))
    assert.deepEqual(caller.statuses(), [status])
  }
})
