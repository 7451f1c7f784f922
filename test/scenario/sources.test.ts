// Who may call: strangers, receive-only addresses, the more specific range, all on real sockets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.31'
const edge = { address: `${net}.1`, port: 5060 }

test('a stranger gets one 403 for one packet, no gateway hears of it; a receive-only address authorises nothing, its OPTIONS gets 200', async () => {
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:5060`,
    file: {
      carriers: [
        {
          name: 'Acme',
          endpoints: [{ name: 'acme-1', direction: 'receives', addresses: [`${net}.11`], probe: { enabled: false } }],
        },
      ],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
      routes: [{ prefix: '', from: 'any', targets: [{ carrier: 'Acme' }] }],
    },
  })
  const gateway = await WireCaller.open(`${net}.11`, edge)
  const stranger = await WireCaller.open(`${net}.66`, edge)
  try {
    const refused = await stranger.request()
    assert.equal(`${refused.status} ${refused.reasonPhrase}`, '403 IP Not Authorised')
    assert.equal(refused.text.includes('Acme'), false)
    // The ACK is swallowed and nothing is sent again: wait for the answer to a later packet, then count.
    const options = await stranger.request({ method: 'OPTIONS' })
    assert.equal(options.status, 403)
    assert.equal(stranger.received.length, 2)
    assert.equal((await gateway.request({ method: 'OPTIONS' })).status, 200)
    assert.equal((await gateway.request()).status, 403)
    assert.equal(gateway.received.length, 2, 'no gateway hears of a stranger')
    assert.equal(await tollgate.metric('tollgate_sip_transactions_active'), 0)
    assert.equal(await tollgate.recordCount(), 0)
    assert.ok((await tollgate.metric('tollgate_auth_rejections_total', 'source_unknown')) >= 3)
  } finally {
    gateway.close()
    stranger.close()
    await tollgate.stop()
  }
})

test('two accounts, 127.0.0.0/8 and a narrower range: the narrower one wins', async () => {
  const wide = '127.0.32'
  const tollgate = await Tollgate.start({
    sip: `${wide}.1:5060`,
    file: {
      carriers: [],
      customers: [
        { name: 'Wide', endpoints: [{ name: 'wide', direction: 'sends', addresses: ['127.0.0.0/8'] }] },
        { name: 'Narrow', endpoints: [{ name: 'narrow', direction: 'sends', addresses: [`${wide}.0/24`] }] },
      ],
    },
  })
  const inside = await WireCaller.open(`${wide}.3`, { address: `${wide}.1`, port: 5060 })
  const outside = await WireCaller.open('127.0.33.3', { address: `${wide}.1`, port: 5060 })
  try {
    assert.equal((await inside.request()).status, 404)
    assert.equal((await outside.request()).status, 404)
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount(),
      (count) => count === 2,
    )
    assert.equal(await tollgate.recordCount('&account=Narrow'), 1)
    assert.equal(await tollgate.recordCount('&account=Wide'), 1)
  } finally {
    inside.close()
    outside.close()
    await tollgate.stop()
  }
})

test('a blocked address gets no answer at all and is counted', async () => {
  const blocked = '127.0.34'
  const tollgate = await Tollgate.start({
    sip: `${blocked}.1:5060`,
    file: {
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${blocked}.0/24`] }] }],
      blocks: [{ address: `${blocked}.66`, reason: 'scanner' }],
    },
  })
  const scanner = await WireCaller.open(`${blocked}.66`, { address: `${blocked}.1`, port: 5060 })
  try {
    scanner.send(scanner.compose({}, 'z9hG4bKblocked', 'blocked-1'))
    await tollgate.eventually(
      'counted',
      () => tollgate.metric('tollgate_auth_rejections_total', 'source_blocked'),
      (count) => count === 1,
    )
    assert.deepEqual(scanner.received, [])
  } finally {
    scanner.close()
    await tollgate.stop()
  }
})
