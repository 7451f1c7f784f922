// Consecutive failures on the whole edge: what counts, what clears, what is shown, and that a dead gateway gets few calls.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EdgeRig } from '../kit/edge-rig.ts'
import { CallerSide, gateway1, gateway2, GatewaySide, standardFile, standardRig } from '../kit/call-rig.ts'

const countOf = (rig: EdgeRig, name = 'gw-1'): number => rig.edge.failures.count('endpoint', name)
const accountCount = (rig: EdgeRig): number => rig.edge.failures.count('account', 'Acme')

const single = { carrier: { gatewayFailoverMax: 0 } }

/** One call whose gateway does `behave`; the caller acknowledges the failure. */
function oneCall(rig: EdgeRig, behave: (gateway: GatewaySide) => void): CallerSide {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  behave(gateway)
  if (caller.got().some((answer) => answer.status >= 300)) caller.ack('failure')
  rig.take()
  return caller
}

const answering =
  (status: number) =>
  (gateway: GatewaySide): void =>
    gateway.answer(gateway.one('INVITE'), status)

test('403, 408, 500, 502, 503, 504 and an unanswerable challenge count; what the callee decides does not', () => {
  for (const status of [403, 408, 500, 502, 503, 504, 401, 407]) {
    const rig = standardRig(single)
    oneCall(rig, answering(status))
    assert.deepEqual([countOf(rig), accountCount(rig)], [1, 1], String(status))
  }
  for (const status of [404, 410, 480, 484, 486, 488, 501, 603]) {
    const rig = standardRig(single)
    oneCall(rig, answering(503))
    oneCall(rig, answering(status))
    assert.deepEqual([countOf(rig), accountCount(rig)], [1, 1], String(status))
  }
})

test('silence counts, also after 100, and so does a refused connection', () => {
  const behaviours: ((rig: EdgeRig, gateway: GatewaySide) => void)[] = [
    (rig) => rig.advance(3_100),
    (rig, gateway) => {
      gateway.answer(gateway.one('INVITE'), 100)
      rig.advance(5_100)
    },
    (rig) => rig.peerError(gateway1, 5060),
  ]
  for (const behave of behaviours) {
    const rig = standardRig(single)
    oneCall(rig, (gateway) => behave(rig, gateway))
    assert.deepEqual([countOf(rig), accountCount(rig)], [1, 1])
  }
})

test('an 18x or an answer clears; 100, 404 and 486 do not; a caller that hangs up changes nothing', () => {
  const rig = standardRig(single)
  for (let i = 0; i < 3; i++) oneCall(rig, answering(503))
  oneCall(rig, answering(404))
  oneCall(rig, answering(486))
  const impatient = oneCall(rig, (gateway) => gateway.answer(gateway.one('INVITE'), 100))
  impatient.cancel()
  rig.take()
  oneCall(rig, (gateway) => gateway.answer(gateway.one('INVITE'), 150)).cancel()
  rig.take()
  assert.deepEqual([countOf(rig), accountCount(rig)], [3, 3])
  oneCall(rig, (gateway) => gateway.answer(gateway.one('INVITE'), 183))
  assert.deepEqual([countOf(rig), accountCount(rig)], [0, 0])
  oneCall(rig, answering(503))
  oneCall(rig, answering(200))
  assert.deepEqual([countOf(rig), accountCount(rig)], [0, 0])
})

test('after 50 failures one of 20 calls goes to the dead gateway, the others to the next one, until it lives again', () => {
  const rig = standardRig()
  const [first, second] = [new GatewaySide(rig, gateway1), new GatewaySide(rig, gateway2)]
  const seen: string[] = []
  const call = (alive: boolean): void => {
    const caller = new CallerSide(rig)
    caller.invite()
    for (const invite of first.got()) {
      if (invite.method !== 'INVITE') continue
      seen.push('first')
      first.answer(invite, alive ? 200 : 503)
    }
    for (const invite of second.got()) if (invite.method === 'INVITE') second.answer(invite, 200)
    caller.got()
    caller.ack()
    caller.bye()
    for (const gateway of [first, second])
      for (const bye of gateway.got()) if (bye.method === 'BYE') gateway.answer(bye, 200)
    rig.take()
  }
  for (let i = 0; i < 50; i++) call(false)
  assert.equal(seen.length, 50)
  assert.match(rig.logged.join('\n'), /warn backoff begins .*"gateway":"gw-1"/)
  for (let i = 0; i < 200; i++) call(false)
  assert.equal(seen.length, 60)
  assert.equal(countOf(rig), 60)
  for (let i = 0; i < 20; i++) call(true)
  assert.equal(countOf(rig), 0)
  assert.match(rig.logged.join('\n'), /info backoff ends /)
  seen.length = 0
  for (let i = 0; i < 10; i++) call(true)
  assert.equal(seen.length, 10)
  rig.assertNothingLeft()
})

test('a reset by hand ends it; of a carrier with its gateways; and a publication does not', () => {
  const rig = standardRig(single)
  for (let i = 0; i < 50; i++) oneCall(rig, answering(503))
  rig.publish(standardFile(single))
  assert.deepEqual([countOf(rig), accountCount(rig)], [50, 50])
  rig.ask('resetFailures', { scope: 'endpoint', id: 'gw-1' })
  assert.deepEqual([countOf(rig), accountCount(rig)], [0, 50])
  rig.ask('resetFailures', { scope: 'account', id: 'Acme' })
  assert.deepEqual([countOf(rig), accountCount(rig)], [0, 0])
  assert.equal(rig.ask('accountFailures', null).size, 0)
})

test('metrics show what failed last, by account and gateway', () => {
  const rig = standardRig(single)
  oneCall(rig, answering(503))
  const samples = rig.ask('metrics', null).filter(({ metric }) => metric === 'consecutiveFailures')
  assert.deepEqual(
    samples.map(({ labels, values }) => [...labels, ...values]),
    [
      ['endpoint', 'Acme', 'gw-1', 1],
      ['account', 'Acme', '', 1],
    ],
  )
})

test('two calls that may both fail over to a gateway in backoff: only the first one does', () => {
  const rig = standardRig()
  const { directory, failures } = rig.edge
  const endpoint = directory.endpoints.find(({ name }) => name === 'gw-2')
  const account = directory.accounts.find(({ name }) => name === 'Acme')
  assert.ok(endpoint && account)
  for (let i = 0; i < 50; i++) failures.onFailure(endpoint, account)
  failures.reset('account', account.id)
  rig.advance(5_000)
  const first = new GatewaySide(rig, gateway1)
  const callers = [new CallerSide(rig), new CallerSide(rig)]
  for (const caller of callers) caller.invite()
  for (const invite of first.got()) first.answer(invite, 503)
  assert.equal(rig.takeTo(gateway2).length, 1)
  assert.deepEqual(
    callers[1]
      ?.got()
      .map(({ status }) => status)
      .at(-1),
    503,
  )
  callers[1]?.ack('failure')
  rig.advance(200)
  const steps = rig.records[0]?.explanation.map(({ text }) => text) ?? []
  assert.ok(steps.some((text) => /^gw-2 .* skipped: backoff: /.test(text)))
})
