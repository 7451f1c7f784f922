import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { parseCidr } from '../contract/address.ts'
import type { Cidr } from '../contract/address.ts'
import { applied, tester, withControl } from '../../test/kit/control-rig.ts'
import { findRefusal, findUrlRefusal } from './webhook-guard.ts'

const refused = `
  127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
  100.127.255.255 224.0.0.1 255.255.255.255 198.18.0.1 192.0.0.8 ::1 :: fe80::1 febf::1 fc00::1 fdff::1 ff02::1 fec0::1
  ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 2002:7f00:1:: 2002:c0a8:101::1 2001:0:1::1 100::1
  fe80::1%eth0 none`
  .trim()
  .split(/\s+/)

test('loopback, private, link-local, multicast and translated addresses are refused, others are not', () => {
  for (const text of refused) assert.notEqual(findRefusal(text, []), undefined, text)
  for (const text of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1', '64:ff9b::8.8.8.8', '2002:808:808::1'])
    assert.equal(findRefusal(text, []), undefined, text)
})

test('addresses of this machine are refused, whatever they are', () => {
  for (const all of Object.values(networkInterfaces()))
    for (const { address } of all ?? []) assert.notEqual(findRefusal(address, []), undefined, address)
})

test('a listed range is allowed, and nothing beside it', () => {
  const allowed = [parseCidr('127.0.74.0/24') as Cidr, parseCidr('fd00:1::/32') as Cidr]
  assert.equal(findRefusal('127.0.74.9', allowed), undefined)
  assert.equal(findRefusal('::ffff:127.0.74.9', allowed), undefined)
  assert.equal(findRefusal('fd00:1::9', allowed), undefined)
  assert.notEqual(findRefusal('127.0.75.9', allowed), undefined)
  assert.notEqual(findRefusal('fd00:2::9', allowed), undefined)
})

test('an address in a URL is seen through every way to write it', () => {
  for (const host of ['127.1', '2130706433', '0x7f000001', '0177.0.0.1', '[::1]', '[::ffff:7f00:1]', '169.254.169.254'])
    assert.notEqual(findUrlRefusal(`http://${host}:8080/hook`, []), undefined, host)
  assert.equal(findUrlRefusal('https://hooks.example.com/x', []), undefined, 'names are looked at when connected to')
})

test('a rule with such a URL is refused on save, with its path, unless the range is allowed', async () => {
  const alerts = [
    { name: 'a', kind: 'gatewayRed' },
    { name: 'b', kind: 'gatewayRed', webhook: 'http://127.1:9/hook' },
  ]
  const file = { carriers: [{ name: 'Acme', alerts }] }
  await withControl(async (rig) => {
    await assert.rejects(
      applied(rig.control, file),
      (error: { errors?: readonly { path: string; message: string }[] }) => {
        assert.deepEqual(
          error.errors?.map(({ path }) => path),
          ['carriers[0].alerts[1].webhook'],
        )
        assert.match(
          error.errors?.[0]?.message ?? '',
          /^127\.0\.0\.1 is loopback; TOLLGATE_WEBHOOK_ALLOW can allow it$/,
        )
        return true
      },
    )
    const systemAlerts = { alerts: [{ name: 'x', kind: 'gatewayRed', webhook: 'http://[::1]/' }] }
    await assert.rejects(rig.control.config.updateSystem(systemAlerts, tester), { code: 'invalid' })
    const messages = { mail: null, webhookAllow: [parseCidr('127.0.0.0/8') as Cidr] }
    await applied(await rig.reopen({ messages }), file)
  })
})
