import assert from 'node:assert/strict'
import { test } from 'node:test'
import { directoryOf } from '../../test/kit/directory.ts'
import { parseAddress, type IpAddress } from '../contract/address.ts'
import { someAround } from './cidr-lists.ts'
import type { Directory, DirectoryEndpoint } from './directory.ts'
import { nameKey } from './name-answers.ts'
import type { NameAnswer, NamedTarget } from './name-answers.ts'
import { allNames, withNames } from './targets.ts'

const at = (address: string, more: Partial<NamedTarget> = {}): NamedTarget => ({
  address,
  port: 5060,
  tier: 0,
  share: 1,
  ...more,
})

function directoryWith(endpoint: object): Directory {
  return directoryOf({
    carriers: [
      {
        name: 'Acme',
        endpoints: [
          { name: 'named', direction: 'receives', addresses: ['gw.example'], weight: 8, priority: 2, ...endpoint },
          { name: 'plain', direction: 'receives', addresses: ['192.0.2.9'] },
        ],
      },
    ],
  })
}

function resolvedAs(directory: Directory, answers: Record<string, NameAnswer>): DirectoryEndpoint {
  const [found] = withNames(directory, new Map(Object.entries(answers))).endpoints
  assert.ok(found !== undefined)
  return found
}

test('names are asked for by transport and port, each once; a port that is not set is left to DNS', () => {
  assert.deepEqual(allNames(directoryWith({ addresses: ['GW.example', 'gw.example', '192.0.2.1'] })).map(nameKey), [
    'udp:gw.example:any',
  ])
  assert.deepEqual(allNames(directoryWith({ transport: 'tls', port: 5070 })).map(nameKey), ['tls:gw.example:5070'])
  assert.deepEqual(allNames(directoryWith({ addresses: ['192.0.2.1'] })), [])
})

test('before the first answer and where DNS has none an entry has no target, but the reason', () => {
  const directory = directoryWith({})
  const [named] = directory.endpoints
  assert.deepEqual(named?.targets, [])
  assert.deepEqual(named?.unresolved, [
    { key: 'named/dns:gw.example', name: 'gw.example', reason: 'DNS: not asked yet', since: 0 },
  ])
  const answer = { reason: 'DNS: name not found', since: 7 }
  assert.deepEqual(resolvedAs(directory, { 'udp:gw.example:any': answer }).unresolved[0]?.reason, answer.reason)
})

test('each address becomes a target with its own key; the name stands in the Request-URI and in the proof', () => {
  const found = resolvedAs(directoryWith({ transport: 'tls' }), {
    'tls:gw.example:any': [
      at('192.0.2.1', { port: 5061, share: 0.25 }),
      at('2001:db8::1', { port: 5070, share: 0.75 }),
    ],
  })
  assert.deepEqual(
    found.targets.map(({ key, host, weight, tls }) => [key, host, weight, tls?.serverName]),
    [
      ['named/tls:192.0.2.1:5061', 'gw.example', 2, 'gw.example'],
      ['named/tls:2001:db8::1:5070', 'gw.example', 6, 'gw.example'],
    ],
  )
  const [withPort] = resolvedAs(directoryWith({ port: 5080 }), { 'udp:gw.example:5080': [at('192.0.2.1')] }).targets
  assert.equal(withPort?.host, 'gw.example:5080')
})

test('tiers of DNS lie between the priorities of entries; weight is shared by what has an address', () => {
  const found = resolvedAs(directoryWith({ addresses: ['192.0.2.5', 'gw.example', 'gone.example'] }), {
    'udp:gw.example:any': [at('192.0.2.1'), at('192.0.2.2', { tier: 1 }), at('192.0.2.5')],
    'udp:gone.example:any': { reason: 'DNS: name not found', since: 0 },
  })
  assert.deepEqual(
    found.targets.map(({ address, host, weight }) => [address, host, weight]),
    [
      ['192.0.2.5', null, 4],
      ['192.0.2.1', 'gw.example', 4],
      ['192.0.2.2', 'gw.example', 4],
    ],
  )
  const [first = 0, , last = 0] = found.targets.map(({ priority }) => priority)
  assert.equal(first, 2)
  assert.ok(last > 2 && last < 3, String(last))
})

test('an answer changes the targets and nothing else; addresses of names are known as sources of their entry', () => {
  const directory = directoryWith({})
  const changed = withNames(directory, new Map([['udp:gw.example:any', [at('192.0.2.1')]]]))
  const isResolved = ({ resolved }: Directory, address: string): boolean =>
    someAround(resolved, parseAddress(address) as IpAddress, (index) => index === 0)
  assert.deepEqual([isResolved(changed, '192.0.2.1'), isResolved(changed, '192.0.2.2')], [true, false])
  assert.equal(changed.sources, directory.sources)
  assert.equal(changed.endpoints[1], directory.endpoints[1])
  const back = withNames(changed, new Map([['udp:gw.example:any', { reason: 'DNS: no answer', since: 0 }]]))
  assert.deepEqual([back.endpoints[0]?.targets, isResolved(back, '192.0.2.1')], [[], false])
  const plain = directoryWith({ addresses: ['192.0.2.1'] })
  assert.equal(withNames(plain, new Map()), plain)
})
