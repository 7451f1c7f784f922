// Questions to a DNS server on a real socket.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { DnsServer } from '../../test/kit/dns-server.ts'
import { NameServer } from './name-server.ts'
import { locate } from './resolve.ts'

async function open(t: TestContext): Promise<{ server: DnsServer; dns: NameServer }> {
  const server = await DnsServer.open()
  t.after(() => server.close())
  return { server, dns: new NameServer([server.address]) }
}

test('records come with what they hold, addresses with their time to live', async (t) => {
  const { server, dns } = await open(t)
  const srv = { type: 'SRV', priority: 1, weight: 2, port: 5070, target: 'host.example' } as const
  const naptr = { type: 'NAPTR', order: 1, preference: 2, flags: 's', service: 'SIP+D2U' } as const
  server.zone.set('gw.example', [
    { type: 'A', address: '192.0.2.1', ttl: 77 },
    { type: 'AAAA', address: '2001:db8::1' },
    srv,
    { ...naptr, replacement: '_sip._udp.gw.example' },
  ])
  assert.deepEqual(await dns.addresses('gw.example', 4), [{ address: '192.0.2.1', ttl: 77 }])
  assert.deepEqual(await dns.addresses('gw.example', 6), [{ address: '2001:db8::1', ttl: 60 }])
  const [found] = await dns.srv('gw.example')
  assert.ok(typeof found === 'object')
  assert.deepEqual([found.name, found.port, found.priority, found.weight], ['host.example', 5070, 1, 2])
  const [first] = await dns.naptr('gw.example')
  assert.ok(typeof first === 'object')
  assert.deepEqual([first.service, first.replacement], ['SIP+D2U', '_sip._udp.gw.example'])
})

test('no such name and no such record are "none"; a broken server is "failed"', async (t) => {
  const { server, dns } = await open(t)
  server.zone.set('empty.example', [])
  assert.deepEqual([await dns.addresses('absent.example', 4), await dns.srv('empty.example')], ['none', 'none'])
  server.mode = 'broken'
  assert.equal(await dns.addresses('empty.example', 4), 'failed')
})

test('a silent server is given up within 2 s', async (t) => {
  const { server, dns } = await open(t)
  server.mode = 'silent'
  const startedAt = performance.now()
  assert.equal(await dns.addresses('gw.example', 4), 'failed')
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs >= 1_500 && tookMs < 3_500, `${tookMs} ms`)
})

test('names that lead in a circle end as none or failed, not in a loop', async (t) => {
  const { server, dns } = await open(t)
  server.zone.set('a.example', [{ type: 'CNAME', target: 'b.example' }])
  server.zone.set('b.example', [{ type: 'CNAME', target: 'a.example' }])
  const located = await locate({ name: 'a.example', protocol: 'udp', port: 5060 }, [4, 6], dns)
  assert.notEqual(located.kind, 'found')
  assert.ok(server.asked.length < 20)
})
