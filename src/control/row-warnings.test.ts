// What is worth a look stands in the view of the object, on save and later, and goes when it is mended.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'

const codes = (warnings: readonly { code: string; path: string }[]): string[] =>
  warnings.map(({ code, path }) => `${code} ${path}`)

test('an endpoint: overlaps with whose, a proxy without effect, a source that UDP cannot prove', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const a = await config.createAccount('carrier', { name: 'A' }, tester)
    const b = await config.createAccount('customer', { name: 'B' }, tester)
    const wide = await config.createEndpoint(
      a.id,
      { name: 'wide', direction: 'sends', addresses: ['10.0.0.0/8'] },
      tester,
    )
    assert.deepEqual(codes(wide.warnings), ['identity_udp alsoRequireDigest'])
    const narrow = await config.createEndpoint(
      b.id,
      { name: 'n', direction: 'sends', addresses: ['10.1.0.1'], outboundProxy: [{ uri: 'sip:192.0.2.9' }] },
      tester,
    )
    assert.deepEqual(codes(narrow.warnings), [
      'outbound_proxy_unused outboundProxy',
      'address_overlap addresses[0]',
      'identity_udp alsoRequireDigest',
    ])
    assert.match(narrow.warnings[1]?.message ?? '', /lies inside 10\.0\.0\.0\/8 of entry "wide" of carrier "A"/)
    const now = await config.getEndpoint(wide.id)
    assert.match(now.warnings[0]?.message ?? '', /^10\.1\.0\.1 of entry "n" of customer "B" lies inside/)
    const mended = { outboundProxy: [], addresses: ['192.0.2.1'], sourceTransports: ['tls'] }
    assert.deepEqual((await config.updateEndpoint(narrow.id, mended, tester)).warnings, [])
    assert.deepEqual(codes((await config.getEndpoint(wide.id)).warnings), ['identity_udp alsoRequireDigest'])
    const digest = await config.updateEndpoint(wide.id, { alsoRequireDigest: true }, tester)
    assert.deepEqual(digest.warnings, [])
  }))

test('an account, a route and the system: failover with one gateway, weights of zero, nobody who receives', () =>
  withControl(async ({ control }) => {
    const { config } = control
    const { id } = await config.createAccount('carrier', { name: 'A', gatewayFailoverMax: 3 }, tester)
    const route = await config.createRoute({ prefix: '44', targets: [{ carrier: 'A' }] }, tester)
    assert.deepEqual(codes(route.warnings), ['route_without_gateway targets[0]'])
    const gateway = { direction: 'receives', weight: 0 }
    await config.createEndpoint(id, { ...gateway, name: 'one', addresses: ['192.0.2.1'] }, tester)
    assert.deepEqual(codes((await config.getAccount('carrier', 'A')).warnings), ['failover_single gatewayFailoverMax'])
    assert.deepEqual((await config.getRoute(route.id)).warnings, [])
    const two = await config.createEndpoint(id, { ...gateway, name: 'two', addresses: ['192.0.2.2'] }, tester)
    assert.deepEqual(codes(two.warnings), ['weights_zero weight'])
    assert.deepEqual((await config.getAccount('carrier', 'A')).warnings, [])
  }))

test('warnings are there again after a restart, in lists too', () =>
  withControl(async (rig) => {
    const { config } = rig.control
    const { id } = await config.createAccount('carrier', { name: 'A' }, tester)
    await config.createEndpoint(id, { name: 'in', direction: 'sends', addresses: ['192.0.2.1', '192.0.2.1'] }, tester)
    const { items } = await (await rig.reopen()).config.listEndpoints({ limit: 10 })
    assert.deepEqual(codes(items[0]?.warnings ?? []), ['address_twice addresses[1]', 'identity_udp alsoRequireDigest'])
  }))

test('an alert that mails from a server without a mail server, and no other', async () => {
  const red = { name: 'x', kind: 'gatewayRed' }
  const alerts = [
    red,
    { ...red, name: 'y', email: ['noc@example.com'] },
    { ...red, name: 'z', email: ['a@b.example'], enabled: false },
  ]
  await withControl(async (rig) => {
    const { warnings } = await rig.control.config.createAccount('carrier', { name: 'A', alerts }, tester)
    assert.deepEqual(codes(warnings), ['mail_unset alerts[1].email'])
    const mail = { host: '127.0.0.1', port: 25, secure: false, login: null, from: 'tollgate@edge.example' }
    const { config } = await rig.reopen({ messages: { mail, webhookAllow: [] } })
    assert.deepEqual((await config.getAccount('carrier', 'A')).warnings, [])
  })
})
