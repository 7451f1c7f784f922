// Test calls on the whole edge: what goes to the gateway, how each of them ends, and that nothing of it stays behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import { answeredCall, answerSdp, CallerSide, gateway1, gateway2, GatewaySide, standardRig } from '../kit/call-rig.ts'
import { begin, finish, start, stateOf } from '../kit/test-call-rig.ts'

test('an INVITE with an offer, through rewrites and identity; hung up at its answer; recorded as a test', () => {
  const rewrites = [{ parameter: 'destination' as const, pattern: '^44', replacement: '0044' }]
  const rig = standardRig({ endpoint: { rewrites } })
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  assert.equal(stateOf(rig, id).text, 'waiting for a first reply')
  const invite = gateway.one('INVITE')
  assert.equal(invite.requestUri, `sip:00441782000001@${gateway1}`)
  assert.match(invite.value(headerIds.from) ?? '', /^<sip:441782111111@10\.0\.0\.1>/)
  assert.equal(invite.value(headerIds.pAssertedIdentity), '<sip:441782111111@10.0.0.1>')
  assert.match(invite.body.toString(), /^v=0\r\n[^]*c=IN IP4 10\.0\.0\.1\r\n[^]*m=audio \d+ RTP\/AVP 8 0 9 18 101\r\n/)
  rig.advance(100)
  gateway.answer(invite, 100)
  rig.advance(200)
  gateway.answer(invite, 180)
  assert.deepEqual(stateOf(rig, id).labels, ['out INVITE', 'in 100', 'in 180'])
  assert.equal(stateOf(rig, id).text, 'it rings')
  assert.equal(rig.edge.limits.usedChannels('system', 'system'), 1)
  rig.advance(700)
  gateway.answer(invite, 200, { body: answerSdp })
  rig.advance(5)
  const [ack, bye] = gateway.got()
  assert.deepEqual([ack?.method, bye?.method], ['ACK', 'BYE'])
  assert.equal(stateOf(rig, id).state, 'running', 'until the BYE is answered')
  gateway.answer(bye as NonNullable<typeof bye>, 200)
  const ended = stateOf(rig, id)
  assert.deepEqual(ended.labels, ['out INVITE', 'in 100', 'in 180', 'in 200', 'out ACK', 'out BYE', 'in 200'])
  assert.deepEqual([ended.state, ended.result, ended.status], ['ended', 'green', 200])
  assert.equal(ended.text, 'answered after 1000 ms, then hung up')
  assert.deepEqual(ended.durations, { firstReplyMs: 100, ringingMs: 300, answerMs: 1_000, totalMs: 1_005 })
  assert.equal(ended.callId, invite.callId)
  rig.advance(250)
  const waiting = { calls: 0, legs: 0, transactions: 2, timers: 2 }
  assert.deepEqual(rig.edge.leftovers(), waiting, 'only INVITE and BYE wait for what may come again (timers M, K)')
  finish(rig)
  const [record] = rig.records
  assert.equal(rig.records.length, 1)
  assert.deepEqual(
    [record?.id, record?.callerAccount, record?.callerAccountId, record?.outcome, record?.attempts[0]?.gateway],
    [id, 'test call', null, 'answered', 'gw-1'],
  )
  assert.deepEqual(record?.explanation[0], { step: 'identify', text: 'a test call that anna asked for' })
})

test('nobody answers: cancelled after 10 s, and an answer that crosses the CANCEL gets ACK and BYE', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  const invite = gateway.one('INVITE')
  rig.advance(100)
  gateway.answer(invite, 180)
  rig.advance(9_890)
  assert.deepEqual(gateway.got(), [], 'not before')
  rig.advance(20)
  const cancel = gateway.one('CANCEL')
  assert.equal(stateOf(rig, id).result, 'green')
  assert.match(stateOf(rig, id).text, /^it rang, and was not answered within 10\d{3} ms: cancelled$/)
  gateway.answer(invite, 200, { body: answerSdp })
  const [ack, bye] = gateway.got()
  assert.deepEqual([ack?.method, bye?.method], ['ACK', 'BYE'])
  assert.equal(stateOf(rig, id).state, 'running')
  assert.equal(
    rig.edge.limits.usedChannels('endpoint', stateOf(rig, id).endpointId),
    1,
    'held until that dialog is gone',
  )
  gateway.answer(cancel, 200)
  gateway.answer(bye as NonNullable<typeof bye>, 200)
  rig.advance(33_000)
  assert.equal(stateOf(rig, id).state, 'ended')
  finish(rig)
  assert.deepEqual([rig.records[0]?.outcome, rig.records[0]?.status], ['cancelled', 487])
})

test('no reply at all: red after firstReplyMs, nothing is sent again, and a late 180 is cancelled', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  const invite = gateway.one('INVITE')
  rig.advance(3_010)
  assert.deepEqual([stateOf(rig, id).result, stateOf(rig, id).text], ['red', 'no reply within 3000 ms'])
  gateway.got()
  rig.advance(1_000)
  assert.deepEqual(gateway.got(), [])
  gateway.answer(invite, 180)
  const cancel = gateway.one('CANCEL')
  gateway.answer(cancel, 200)
  gateway.answer(invite, 487)
  gateway.one('ACK')
  assert.equal(stateOf(rig, id).state, 'ended')
  finish(rig)
})

test('100 and then silence: red after progressMs', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 100)
  rig.advance(5_010)
  assert.deepEqual([stateOf(rig, id).result, stateOf(rig, id).text], ['red', 'no progress within 5000 ms'])
  gateway.answer(gateway.one('CANCEL'), 200)
  gateway.answer(invite, 487)
  finish(rig)
})

test('10 s are over before anything else is: red where it did not ring', () => {
  const rig = standardRig({ endpoint: { timeouts: { firstReplyMs: 60_000, progressMs: 60_000 } } })
  const id = start(rig)
  rig.advance(10_010)
  assert.match(stateOf(rig, id).text, /^neither ringing nor an answer within 10\d{3} ms$/)
  assert.equal(stateOf(rig, id).result, 'red')
  finish(rig)
})

test('a refusal is said in words, by what it means; busy and a phone that rang out are green', () => {
  const cases: [before: number | null, status: number, result: string, text: RegExp][] = [
    [null, 404, 'red', /^404 from the gateway: the gateway does not know this number$/],
    [null, 503, 'red', /^503 from the gateway: the gateway takes no calls now/],
    [null, 403, 'red', /^403 from the gateway: .*our address/],
    [null, 486, 'green', /^486 from the gateway: the number was reached and is busy$/],
    [180, 480, 'green', /^it rang, then 480 from the gateway/],
    [180, 503, 'red', /^503 from the gateway/],
    [null, 480, 'red', /^480 from the gateway: the number is not available now$/],
    [null, 407, 'red', /^407 from the gateway: challenged, and no credentials are set for this gateway$/],
  ]
  for (const [before, status, result, text] of cases) {
    const rig = standardRig()
    const gateway = new GatewaySide(rig)
    const id = start(rig)
    const invite = gateway.one('INVITE')
    if (before !== null) gateway.answer(invite, before)
    gateway.answer(invite, status)
    gateway.one('ACK')
    rig.advance(10)
    const ended = stateOf(rig, id)
    assert.deepEqual([ended.state, ended.result, ended.status], ['ended', result, status])
    assert.match(ended.text, text)
    assert.deepEqual(rig.takeTo(gateway2), [], 'a test never goes on to another gateway')
    finish(rig)
  }
})

test("the carrier's challenge is answered, as on any call", () => {
  const rig = standardRig({ endpoint: { username: 'tollgate', password: 'secret-of-acme' } })
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 407, { lines: ['Proxy-Authenticate: Digest realm="acme", nonce="n1", qop="auth"'] })
  const [ack, again] = gateway.got()
  assert.deepEqual([ack?.method, again?.method], ['ACK', 'INVITE'])
  assert.match(again?.value(headerIds.proxyAuthorization) ?? '', /username="tollgate"/)
  gateway.answer(again as NonNullable<typeof again>, 200, { body: answerSdp })
  rig.advance(5)
  const bye = gateway.got().find(({ method }) => method === 'BYE')
  gateway.answer(bye as NonNullable<typeof bye>, 200)
  const { result, labels } = stateOf(rig, id)
  assert.equal(result, 'green')
  assert.deepEqual(labels.slice(0, 4), ['out INVITE', 'in 407', 'out ACK', 'out INVITE'])
  finish(rig)
})

test('a full gateway, account or system is said so, and nothing is sent', () => {
  const cases = [
    { more: { endpoint: { channelsMax: 1 } }, text: /endpoint gw-1 is full: 1 of 1 channels used/ },
    { more: { carrier: { channelsMax: 1 } }, text: /account Acme is full: 1 of 1 channels used/ },
    { more: { system: { channelsMax: 1 } }, text: /the system is full: 1 of 1 channels used/ },
    { more: { endpoint: { callsPerSecondMax: 1 } }, text: /endpoint gw-1 is too fast: 1 of 1 calls per second used/ },
  ]
  for (const { more, text } of cases) {
    const rig = standardRig(more)
    const { caller, gateway } = answeredCall(rig)
    const id = start(rig)
    const { result, labels, text: said } = stateOf(rig, id)
    assert.deepEqual([result, labels], ['red', []])
    assert.match(said, text)
    assert.match(said, /^nothing was sent: /)
    assert.deepEqual(gateway.got(), [])
    rig.advance(20)
    assert.equal(stateOf(rig, id).state, 'ended')
    caller.bye()
    gateway.answer(gateway.one('BYE'), 200)
    finish(rig)
    assert.ok(rig.records.some((record) => record.id === id && record.outcome === 'refused'))
  }
})

test('a test call takes the room of a call: while it rings the next caller finds the gateway full', () => {
  const rig = standardRig({ endpoint: { channelsMax: 1 }, carrier: { gatewayFailoverMax: 0 } })
  const gateway = new GatewaySide(rig)
  start(rig)
  start(rig, { gateway: 'gw-2' })
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  const caller = new CallerSide(rig)
  caller.invite()
  assert.deepEqual(caller.statuses(), [503])
  caller.ack('failure')
  finish(rig)
})

test('red, switched-off and failing gateways are tested; health, failures and backoff stay as they are', () => {
  const rig = standardRig({ endpoint: { state: 'off' } })
  const gateway = new GatewaySide(rig)
  const key = rig.edge.directory.endpoints[0]?.targets[0]?.key ?? ''
  const before = rig.edge.probes.stateOf(key)
  assert.equal(before.status, 'red')
  const id = start(rig)
  gateway.answer(gateway.one('INVITE'), 503, { lines: ['Retry-After: 60'] })
  rig.advance(200)
  assert.equal(stateOf(rig, id).result, 'red')
  assert.match(rig.records[0]?.explanation[1]?.text ?? '', /its state is off, red: .*; a test goes there all the same$/)
  assert.deepEqual(rig.edge.probes.stateOf(key), before)
  assert.equal(rig.edge.failures.count('endpoint', rig.edge.directory.endpoints[0]?.id ?? ''), 0)
  finish(rig)
})

test('a refused connection is red at once and leaves the gateway green for calls', () => {
  const rig = standardRig()
  const id = start(rig)
  rig.peerError(gateway1, 5060)
  assert.deepEqual([stateOf(rig, id).result, stateOf(rig, id).text], ['red', 'connection refused'])
  const key = rig.edge.directory.endpoints[0]?.targets[0]?.key ?? ''
  assert.equal(rig.edge.probes.stateOf(key).status, 'green')
  finish(rig)
})

test('emergency numbers are never tested: not as written, not after the rewrites of the gateway', () => {
  const rewrites = [{ parameter: 'destination' as const, pattern: '^9', replacement: '' }]
  const rig = standardRig({ system: { emergencyNumbers: ['112'] }, endpoint: { rewrites } })
  for (const destination of ['112', '+112', '1-1-2', '9112']) {
    const started = begin(rig, { destination })
    assert.ok('refused' in started)
    assert.equal(started.refused, 'forbidden')
  }
  assert.deepEqual(rig.take(), [])
  finish(rig)
})

test('what cannot be begun says why', () => {
  const rig = standardRig()
  const whys = [{ gateway: 'nobody' }, { gateway: 'pbx' }, { target: 'udp:10.9.9.9:5060' }].map((order) =>
    begin(rig, order),
  )
  assert.deepEqual(whys, [
    { refused: 'not_found', detail: 'no gateway "nobody"' },
    { refused: 'invalid', detail: 'pbx receives no calls' },
    { refused: 'invalid', detail: 'gw-1 has no target udp:10.9.9.9:5060' },
  ])
  for (let i = 0; i < 20; i++) start(rig)
  const more = begin(rig)
  assert.equal('refused' in more && more.refused, 'too_many_requests')
  finish(rig)
  rig.edge.drain()
  const late = begin(rig)
  assert.equal('refused' in late && late.refused, 'draining')
})

test('an identity that the carrier requires is asked for before anything is sent', () => {
  const rig = standardRig({ carrier: { assertedIdentity: 'required' } })
  const id = start(rig, { cli: '' })
  assert.match(stateOf(rig, id).text, /^nothing was sent: Acme requires a P-Asserted-Identity .* give a CLI$/)
  assert.deepEqual(rig.take(), [])
  finish(rig)
})

test('OPTIONS: the reply is judged as a probe is, and health does not hear of it', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const alive = start(rig, { method: 'OPTIONS', destination: '' })
  const options = gateway.one('OPTIONS')
  assert.equal(options.requestUri, `sip:${gateway1}:5060`)
  rig.advance(40)
  gateway.answer(options, 404)
  const good = stateOf(rig, alive)
  assert.deepEqual([good.state, good.result, good.text], ['ended', 'green', '404 Phrase 404 after 40 ms'])
  assert.deepEqual(good.labels, ['out OPTIONS', 'in 404'])
  const dead = start(rig, { method: 'OPTIONS', destination: '' })
  gateway.answer(gateway.one('OPTIONS'), 503)
  assert.match(stateOf(rig, dead).text, /^503 .*: no sign of life by its probe settings$/)
  const silent = start(rig, { method: 'OPTIONS', destination: '' })
  rig.advance(2_010)
  assert.deepEqual([stateOf(rig, silent).result, stateOf(rig, silent).text], ['red', 'no reply within 2000 ms'])
  const key = rig.edge.directory.endpoints[0]?.targets[0]?.key ?? ''
  assert.equal(rig.edge.probes.stateOf(key).lastProbe, null)
  finish(rig)
  assert.equal(rig.records.length, 0)
  const samples = rig.edge.metrics.metrics.snapshot().filter(({ metric }) => metric === 'testCalls')
  assert.deepEqual(
    samples.map(({ labels, values }) => [...labels, ...values]),
    [
      ['OPTIONS', 'green', 1],
      ['OPTIONS', 'red', 2],
    ],
  )
})

test('requests that the gateway sends inside the dialog are refused for a caller who is not there', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const id = start(rig)
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 183, { body: answerSdp })
  gateway.request('INFO', invite)
  rig.advance(10)
  assert.deepEqual(
    gateway.got().map((message) => [message.kind, message.status]),
    [['response', 405]],
  )
  gateway.answer(invite, 486)
  rig.advance(10)
  assert.equal(stateOf(rig, id).state, 'ended')
  finish(rig)
})

test('an operator can end it, and the gateway may hang up first', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const ended = start(rig)
  const first = gateway.one('INVITE')
  gateway.answer(first, 180)
  assert.equal(rig.ask('endCall', { id: ended }), true)
  assert.deepEqual([stateOf(rig, ended).result, stateOf(rig, ended).text], ['red', 'an operator ended the call'])
  gateway.answer(gateway.one('CANCEL'), 200)
  gateway.answer(first, 487)
  gateway.got()
  const hungUp = start(rig)
  const second = gateway.one('INVITE')
  gateway.answer(second, 200, { body: answerSdp })
  gateway.request('BYE', second)
  rig.advance(10)
  assert.deepEqual(
    gateway.got().map((message) => (message.kind === 'request' ? message.method : message.status)),
    ['ACK', 200],
  )
  assert.equal(stateOf(rig, hungUp).result, 'green')
  assert.equal(stateOf(rig, hungUp).state, 'ended')
  finish(rig)
})

test('only the last 50 are kept', () => {
  const rig = standardRig()
  const gateway = new GatewaySide(rig)
  const ids: string[] = []
  for (let i = 0; i < 60; i++) {
    ids.push(start(rig, { method: 'OPTIONS', destination: '' }))
    gateway.answer(gateway.one('OPTIONS'), 200)
    rig.ask('testCalls', null)
  }
  assert.deepEqual(
    rig.ask('testCalls', null).map(({ id }) => id),
    ids.slice(10).toReversed(),
  )
  assert.equal(rig.ask('testCall', { id: ids[9] ?? '' }), null)
  finish(rig)
})
