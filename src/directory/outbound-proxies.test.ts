import assert from 'node:assert/strict'
import { test } from 'node:test'
import { directoryOf } from '../../test/kit/directory.ts'
import { nameKey } from './name-answers.ts'
import type { NameAnswer } from './name-answers.ts'
import { usableProxies } from './outbound-proxies.ts'
import { allNames, withNames } from './targets.ts'

const directoryWith = (uris: readonly string[], more: object = {}) =>
  directoryOf({
    carriers: [
      {
        name: 'Acme',
        endpoints: [
          {
            name: 'gw',
            direction: 'receives',
            addresses: ['192.0.2.9'],
            outboundProxy: uris.map((uri, i) => ({ uri, weight: 4 - i })),
            ...more,
          },
        ],
      },
    ],
  })

const placesOf = (directory: ReturnType<typeof directoryOf>, answers: Record<string, NameAnswer>) =>
  withNames(directory, new Map(Object.entries(answers))).endpoints[0]?.proxies ?? []

const found = (address: string, tier = 0, share = 1) => ({ address, port: 5_090, tier, share })

test('names of proxies are asked for with the transport and port of their URI', () => {
  const uris = [
    'sip:Proxy.example',
    '<sip:edge.example:5070;transport=tcp;lr>',
    'sip:192.0.2.1',
    'sip:edge.example;transport=tls',
  ]
  assert.deepEqual(allNames(directoryWith(uris)).map(nameKey), [
    'udp:proxy.example:any',
    'tcp:edge.example:5070',
    'tls:edge.example:any',
  ])
  assert.equal(directoryWith(['sip:192.0.2.1']).named.length, 0)
})

test('each address that DNS gives is a proxy with its part of the weight; lower tiers come last', () => {
  const proxies = placesOf(directoryWith(['sip:proxy.example', 'sip:192.0.2.1:5070']), {
    'udp:proxy.example:any': [found('192.0.2.21', 0, 0.75), found('192.0.2.22', 0, 0.25), found('192.0.2.23', 1)],
  })
  assert.deepEqual(
    proxies.map(({ uri, address, port, weight }) => [uri, address, port, weight]),
    [
      ['sip:proxy.example', '192.0.2.21', 5_090, 3],
      ['sip:proxy.example', '192.0.2.22', 5_090, 1],
      ['sip:proxy.example', '192.0.2.23', 5_090, 0],
      ['sip:192.0.2.1:5070', '192.0.2.1', 5_070, 3],
    ],
  )
})

test('over TLS a proxy found by its name has to prove that name', () => {
  const [proxy] = placesOf(directoryWith(['sip:proxy.example;transport=tls']), {
    'tls:proxy.example:any': [found('192.0.2.21')],
  })
  assert.deepEqual([proxy?.protocol, proxy?.tls?.serverName], ['tls', 'proxy.example'])
})

test('a name without an address says why, and is left out while another proxy can be used', () => {
  const directory = directoryWith(['sip:proxy.example', 'sip:192.0.2.1'])
  const none = { reason: 'DNS: name not found', since: 1 }
  const proxies = placesOf(directory, { 'udp:proxy.example:any': none })
  assert.deepEqual(
    proxies.map(({ address, reason }) => [address, reason]),
    [
      [null, 'DNS: name not found'],
      ['192.0.2.1', ''],
    ],
  )
  assert.deepEqual(usableProxies(proxies), proxies.slice(1))
  assert.deepEqual(usableProxies(proxies.slice(0, 1)), proxies.slice(0, 1))
  assert.equal(directory.endpoints[0]?.proxies[0]?.reason, 'DNS: not asked yet')
})

test('what is neither an address nor a name leads nowhere', () => {
  const reasons = placesOf(directoryWith(['proxy', 'sip:under_score', 'sip:[2001:db8::1]']), {}).map(
    (one) => one.reason,
  )
  assert.deepEqual(reasons, ['it is no SIP URI', 'it has neither an address nor a name', ''])
})
