// Changing the configuration under calls: twice the same changes nothing, an error changes nothing, calls survive, back again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'
import { openUdpPeer } from '../kit/sockets.ts'

const net = '127.0.35'
const edge = { address: `${net}.1`, port: 5060 }

const fileOf = (gateways: readonly string[]): DeclarativeInput => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: gateways.map((last) => ({
        name: `acme-${last}`,
        direction: 'receives' as const,
        addresses: [`${net}.${last}`],
        port: 5080,
        probe: { enabled: false },
      })),
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
})

interface Applied {
  readonly revision: number
  readonly plan: readonly unknown[]
}

test('apply twice changes nothing; an error changes nothing and names its path; a change holds in less than a second', async () => {
  const tollgate = await Tollgate.start({ sip: `${edge.address}:5060`, file: fileOf(['11']) })
  const caller = await WireCaller.open(`${net}.2`, edge)
  try {
    const same = (await tollgate.apply(fileOf(['11']))) as Applied
    assert.deepEqual(same.plan, [])
    const before = await tollgate.request('GET', '/api/v1/config/export')
    const wrong = fileOf(['11'])
    wrong.carriers?.[0]?.endpoints?.push({ name: 'bad', direction: 'receives', addresses: ['300.1.2.3'] })
    const refused = await tollgate.request('POST', '/api/v1/config/apply', wrong)
    assert.equal(refused.status, 400)
    assert.deepEqual(
      (refused.body as { errors: { path: string }[] }).errors.map((error) => error.path),
      ['carriers[0].endpoints[1].addresses[0]'],
    )
    assert.deepEqual((await tollgate.request('GET', '/api/v1/config/export')).body, before.body)
    const startedAt = performance.now()
    await tollgate.apply({
      customers: [
        { name: 'PBX', status: 'inactive', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] },
      ],
    })
    const answer = await caller.request()
    assert.equal(answer.status, 403)
    assert.ok(performance.now() - startedAt < 1_000)
    const rolled = await tollgate.request('POST', '/api/v1/config/rollback', {})
    assert.equal(rolled.status, 200)
    assert.deepEqual((await tollgate.request('GET', '/api/v1/config/export')).body, before.body)
    assert.equal((await caller.request()).status, 503, 'the caller may call again; nobody listens at the gateway')
  } finally {
    caller.close()
    await tollgate.stop()
  }
})

const own = '127.0.36'

const withOrWithout = (withGateway: boolean): DeclarativeInput => {
  const gateway = {
    name: 'acme-1',
    direction: 'receives' as const,
    addresses: [`${own}.11`],
    port: 5080,
    probe: { enabled: false },
  }
  const kept = { name: 'kept', direction: 'sends' as const, addresses: [`${own}.50`] }
  return {
    carriers: [{ name: 'Acme', endpoints: withGateway ? [kept, gateway] : [kept] }],
    customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${own}.2`] }] }],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
  }
}

/** The gateway picks up. */
function answerTo(invite: string): string {
  const pick = (name: string): string => invite.split('\r\n').find((line) => line.startsWith(`${name}:`)) ?? ''
  return [
    'SIP/2.0 200 OK',
    pick('Via'),
    pick('From'),
    `${pick('To')};tag=gw`,
    pick('Call-ID'),
    pick('CSeq'),
    `Contact: <sip:gw@${own}.11:5080>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

test('a running call survives an apply that removes its gateway', async (t) => {
  const tollgate = await Tollgate.start({ sip: `${own}.1:5060`, file: withOrWithout(true) })
  const gateway = await openUdpPeer(t, `${own}.11`, 5080)
  const caller = await WireCaller.open(`${own}.2`, { address: `${own}.1`, port: 5060 })
  try {
    const answered = caller.request()
    const invite = await gateway.inbox.next()
    gateway.send(answerTo(invite.text), `${own}.1`, 5060)
    const answer = await answered
    assert.equal(answer.status, 200)
    await tollgate.apply(withOrWithout(false), '?prune=true')
    assert.equal((await tollgate.get<{ items: readonly unknown[] }>('/calls')).items.length, 1)
    // Without an offer in the INVITE the gateway's ACK waits for the caller's.
    const to = /^To: *(.*)$/m.exec(answer.text)?.[1]?.trim() ?? ''
    const callId = /^Call-ID: *(.*)$/m.exec(answer.text)?.[1]?.trim() ?? ''
    caller.send(caller.compose({ method: 'ACK' }, 'z9hG4bKack1', callId).replace(/^To: .*$/m, `To: ${to}`))
    assert.match((await gateway.inbox.next()).text, /^ACK /)
    caller.send(
      caller
        .compose({ method: 'BYE' }, 'z9hG4bKbye1', callId)
        .replace(/^To: .*$/m, `To: ${to}`)
        .replace('CSeq: 1', 'CSeq: 2'),
    )
    assert.match((await gateway.inbox.next()).text, /^BYE /)
    const records = await tollgate.eventually(
      'the record',
      () => tollgate.records(),
      (rows) => rows.length === 1,
    )
    assert.equal(records[0]?.releaseReason, 'caller BYE')
  } finally {
    caller.close()
    await tollgate.stop()
  }
})
