import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointInput, gatewayAddresses, gatewayPort } from './endpoint.ts'

const minimal = { name: 'gw', direction: 'receives', addresses: ['192.0.2.1'] }

const faultsOf = (more: object): string[] => {
  const parsed = endpointInput.safeParse({ ...minimal, ...more })
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

test('three fields are enough; the others take their defaults', () => {
  const endpoint = endpointInput.parse(minimal)
  assert.equal(endpoint.weight, 1)
  assert.equal(endpoint.state, 'on')
  assert.deepEqual(endpoint.probe.aliveCodes, ['2xx', '3xx', '4xx', '500', '501', '505'])
  assert.equal(gatewayPort(endpoint), 5060)
  assert.equal(gatewayPort({ ...endpoint, transport: 'tls' }), 5061)
})

test('addresses are canonical, and a wrong one says what was meant', () => {
  assert.deepEqual(endpointInput.parse({ ...minimal, addresses: [' ::FFFF:192.0.2.7 ', '2001:DB8::/32'] }).addresses, [
    '192.0.2.7',
    '2001:db8::/32',
  ])
  assert.match(faultsOf({ addresses: ['192.0.2.1/24'] })[0] ?? '', /addresses\.0: .*did you mean 192\.0\.2\.0\/24/)
  assert.match(faultsOf({ addresses: ['300.1.2.3'] })[0] ?? '', /is no IPv4 or IPv6 address/)
  assert.match(faultsOf({ addresses: [] })[0] ?? '', /at least one address/)
})

test('direction and addresses must fit: names only receive, ranges only authorise, deny only sends', () => {
  assert.match(
    faultsOf({ direction: 'sends', addresses: ['sip.example.net'] })[0] ?? '',
    /names are only for entries that only receive/,
  )
  assert.match(faultsOf({ addresses: ['192.0.2.0/24'] })[0] ?? '', /at least one address or name/)
  assert.match(faultsOf({ action: 'deny' })[0] ?? '', /a deny entry only sends/)
  assert.match(faultsOf({ forceNat: true, disableNat: true })[0] ?? '', /exclude each other/)
  assert.deepEqual(gatewayAddresses({ addresses: ['192.0.2.1', '192.0.2.0/24'] }), ['192.0.2.1'])
})

test('nothing that goes onto the wire can end a value or a line', () => {
  for (const field of ['registrar', 'fromDomain', 'fromUser', 'contactUser', 'authUsername'])
    for (const text of ['a\r\nX-Evil: 1', 'a b', 'a"b', 'a>b', '', 'a\u0000', '\u00e9'])
      assert.match(
        faultsOf({ register: { [field]: text } })[0] ?? '',
        new RegExp(`^register\\.${field}: `),
        `${field} ${text}`,
      )
  assert.match(faultsOf({ register: { realm: 'a"\r\n' } })[0] ?? '', /^register\.realm: /)
  assert.match(faultsOf({ outboundProxy: [{ uri: 'sip:192.0.2.1\r\nX: 1' }] })[0] ?? '', /^outboundProxy\.0\.uri: /)
  assert.deepEqual(
    faultsOf({ register: { registrar: 'sip:sip.example.net:5080;transport=tcp', fromUser: '+44', realm: 'My realm' } }),
    [],
  )
})

test('reply rules: provisional by provisional, final failure by final failure, failover only on failures', () => {
  const fault = (rule: object): string => faultsOf({ replyRules: [rule] })[0] ?? ''
  assert.equal(fault({ code: 183, action: 'replace', newCode: 180, newReason: 'Ringing' }), '')
  assert.equal(fault({ code: 404, action: 'failover' }), '')
  assert.match(fault({ code: 404, action: 'replace', newCode: 200 }), /404 -> 200/)
  assert.match(fault({ code: 183, action: 'replace', newCode: 486 }), /183 -> 486/)
  assert.match(fault({ code: 302, action: 'failover' }), /302 cannot have a rule/)
  assert.match(fault({ code: 183, action: 'failover' }), /failover only on final failures/)
  assert.match(fault({ code: 486, action: 'replace', newCode: 407 }), /never a replacement/)
  assert.match(fault({ code: 486, action: 'replace' }), /needs newCode/)
})
