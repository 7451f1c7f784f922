// Calls over TLS on both legs, between peers with certificates of a test authority; gateways that cannot prove their name.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { Authority } from '../kit/certificates.ts'
import { tlsFilesOf } from '../kit/tls-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { headerOf, requestOf, respondTo, TlsEnd } from '../peers/tls-end.ts'

const authority = new Authority()
const net = '127.0.38'
const edge = { address: `${net}.1`, port: 5061 }
const own = authority.issue(`DNS:tollgate.example,IP:${edge.address}`)
const sdp = (address: string): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`

async function openEnd(t: TestContext, address: string, names: string): Promise<TlsEnd> {
  const files = { ...tlsFilesOf(authority.issue(names)), ca: readFileSync(authority.caFile) }
  const end = await TlsEnd.open({ address, port: 5061, files })
  t.after(() => end.close())
  return end
}

type Customers = DeclarativeInput['customers'] & object

/** Further entries of the carrier at the same address, and further customers. */
interface More {
  readonly backups?: readonly object[]
  readonly customers?: Customers
}

async function startTollgate(t: TestContext, endpoint: object, more: More = {}): Promise<Tollgate> {
  const { backups = [], customers = [] } = more
  const common = { direction: 'receives' as const, addresses: [`${net}.11`], transport: 'tls' as const }
  const tollgate = await Tollgate.start({
    sip: `${edge.address}:5060`,
    file: {
      carriers: [
        {
          name: 'Acme',
          endpoints: [endpoint, ...backups].map((one, i) => ({ name: `acme-tls-${i}`, ...common, ...one })),
        },
      ],
      customers: [
        {
          name: 'PBX',
          endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`], sourceTransports: ['tls'] }],
        },
        ...customers,
      ],
      routes: [{ prefix: '', from: 'any', targets: [{ carrier: 'Acme' }] }],
    },
    environment: {
      TOLLGATE_SIP_LISTEN: `udp:${edge.address}:5060,tls:${edge.address}:${edge.port}`,
      TOLLGATE_TLS_CERT: own.certFile,
      TOLLGATE_TLS_KEY: own.keyFile,
      TOLLGATE_TLS_CA: authority.caFile,
    },
  })
  t.after(() => tollgate.stop())
  return tollgate
}

const isMethod =
  (method: string) =>
  (text: string): boolean =>
    text.startsWith(`${method} `)
const isAnswer =
  (status: number, method: string) =>
  (text: string): boolean =>
    text.startsWith(`SIP/2.0 ${status}`) && headerOf(text, 'CSeq').endsWith(` ${method}`)

for (const ending of ['caller', 'gateway'] as const)
  test(`RFC3261-26.2.1: a call over TLS on both legs, ended by the ${ending}`, async (t) => {
    const gateway = await openEnd(t, `${net}.11`, 'DNS:sip.acme.example')
    const caller = await openEnd(t, `${net}.2`, 'DNS:pbx.example')
    const contact = `sip:gw@${gateway.address}:5061;transport=tls`
    gateway.answer = (request) => {
      if (request.startsWith('INVITE'))
        return [respondTo(request, 180, { contact }), respondTo(request, 200, { contact, body: sdp(gateway.address) })]
      return request.startsWith('ACK') ? [] : [respondTo(request, 200)]
    }
    caller.answer = (request) => (request.startsWith('ACK') ? [] : [respondTo(request, 200)])
    const tollgate = await startTollgate(t, { tls: { serverName: 'sip.acme.example' } })
    await caller.dial(edge.address, edge.port, 'tollgate.example')
    const callId = `tls-${ending}`
    const from = `<sip:441000@${caller.address}>;tag=caller`
    const to = `<sip:441782000000@${edge.address}>`
    const uri = `sip:441782000000@${edge.address}:${edge.port};transport=tls`
    caller.send(requestOf(caller, { method: 'INVITE', uri, callId, cseq: 1, from, to, body: sdp(caller.address) }))
    const answered = await caller.waitFor('the 200', isAnswer(200, 'INVITE'))
    const invite = await gateway.waitFor('the INVITE', isMethod('INVITE'))
    assert.match(invite, /^INVITE sip:441782000000@127\.0\.38\.11:5061;transport=tls SIP\/2\.0/)
    assert.match(headerOf(invite, 'Via'), /^SIP\/2\.0\/TLS 127\.0\.38\.1:5061;branch=z9hG4bK/)
    assert.match(headerOf(invite, 'Contact'), /^<sip:127\.0\.38\.1:5061;transport=tls>$/)
    assert.match(headerOf(answered, 'Contact'), /^<sip:127\.0\.38\.1:5061;transport=tls>$/)
    const remote = headerOf(answered, 'To')
    const target = /<([^>]*)>/.exec(headerOf(answered, 'Contact'))?.[1] ?? ''
    const inDialog = { uri: target, callId, from, to: remote }
    caller.send(requestOf(caller, { ...inDialog, method: 'ACK', cseq: 1 }))
    await gateway.waitFor('the ACK', isMethod('ACK'))
    if (ending === 'caller') {
      caller.send(requestOf(caller, { ...inDialog, method: 'BYE', cseq: 2 }))
      await gateway.waitFor('the BYE', isMethod('BYE'))
      await caller.waitFor('the answer to BYE', isAnswer(200, 'BYE'))
    } else {
      // By a connection of its own, from another port: the dialog knows the gateway by its tags and address.
      await gateway.dial(edge.address, edge.port, 'tollgate.example')
      const bye = {
        uri: /<([^>]*)>/.exec(headerOf(invite, 'Contact'))?.[1] ?? '',
        callId: headerOf(invite, 'Call-ID'),
        from: `${headerOf(invite, 'To')};tag=answered`,
        to: headerOf(invite, 'From'),
      }
      gateway.send(requestOf(gateway, { ...bye, method: 'BYE', cseq: 1 }))
      await gateway.waitFor('the answer to BYE', isAnswer(200, 'BYE'))
      await caller.waitFor('the BYE', isMethod('BYE'))
    }
    await tollgate.assertNothingHeld()
    const [record] = await tollgate.eventually(
      'the record',
      () => tollgate.records(),
      (records) => records.length === 1,
    )
    assert.equal(record?.outcome, 'answered')
  })

test('a gateway whose certificate is not valid for its name turns red with that reason and gets no call', async (t) => {
  const gateway = await openEnd(t, `${net}.11`, 'DNS:somebody.example')
  const probe = { intervalSeconds: 1, intervalDownSeconds: 1, failuresDown: 1 }
  const tollgate = await startTollgate(t, { tls: { serverName: 'sip.acme.example' }, probe })
  interface Row {
    readonly status: string
    readonly reason: string
  }
  const rows = async (): Promise<readonly Row[]> => {
    const body = await tollgate.get<readonly Row[] | { items: readonly Row[] }>('/gateways')
    return 'items' in body ? body.items : body
  }
  const [row] = await tollgate.eventually('it turns red', rows, ([first]) => first?.status === 'red')
  assert.equal(
    row?.reason,
    'OPTIONS failed: TLS: certificate is not valid for sip.acme.example (it names somebody.example)',
  )
  assert.deepEqual(gateway.received, [])
})

test('two gateways at one address: the call that finds the wrong certificate goes on to the one with the right name', async (t) => {
  const gateway = await openEnd(t, `${net}.11`, 'DNS:sip.other.example')
  const caller = await openEnd(t, `${net}.2`, 'DNS:pbx.example')
  gateway.answer = (request) => (request.startsWith('INVITE') ? [respondTo(request, 486)] : [])
  const probe = { enabled: false }
  const tollgate = await startTollgate(
    t,
    { tls: { serverName: 'sip.acme.example' }, probe },
    { backups: [{ tls: { serverName: 'sip.other.example' }, probe, priority: 1 }] },
  )
  await caller.dial(edge.address, edge.port, 'tollgate.example')
  const from = `<sip:441000@${caller.address}>;tag=caller`
  const to = `<sip:441782000000@${edge.address}>`
  const uri = `sip:441782000000@${edge.address}:${edge.port};transport=tls`
  caller.send(requestOf(caller, { method: 'INVITE', uri, callId: 'goes-on', cseq: 1, from, to }))
  await caller.waitFor('the 486', isAnswer(486, 'INVITE'))
  const [record] = await tollgate.eventually(
    'the record',
    () => tollgate.records(),
    (records) => records.length === 1,
  )
  assert.deepEqual(
    record?.attempts.map(({ status }) => status),
    [null, 486],
  )
  assert.match(record?.attempts[0]?.reason ?? '', /TLS: certificate is not valid for sip\.acme\.example/)
  assert.equal(gateway.received.filter(isMethod('INVITE')).length, 1)
})

test('a caller is known by the name of its certificate: 403 without it, the route with it', async (t) => {
  const named = await openEnd(t, `${net}.21`, 'DNS:pbx.certified.example')
  const other = await openEnd(t, `${net}.22`, 'DNS:other.example')
  const endpoints = [
    {
      name: 'by-name',
      direction: 'sends' as const,
      addresses: ['0.0.0.0/0'],
      tls: { peerName: 'pbx.certified.example' },
    },
  ]
  await startTollgate(
    t,
    { tls: { serverName: 'sip.acme.example' } },
    {
      customers: [{ name: 'Certified', endpoints }],
    },
  )
  const statusOf = async (caller: TlsEnd, callId: string): Promise<string> => {
    await caller.dial(edge.address, edge.port, 'tollgate.example')
    const from = `<sip:441000@${caller.address}>;tag=caller`
    const to = `<sip:441782000000@${edge.address}>`
    const uri = `sip:441782000000@${edge.address}:${edge.port};transport=tls`
    caller.send(requestOf(caller, { method: 'INVITE', uri, callId, cseq: 1, from, to }))
    const final = await caller.waitFor('a final answer', (text) => /^SIP\/2\.0 [2-6]/.test(text))
    return final.split('\r\n', 1)[0] ?? ''
  }
  assert.equal(await statusOf(other, 'by-other'), 'SIP/2.0 403 IP Not Authorised')
  // Nobody listens at the gateway: that it was tried is enough.
  assert.match(await statusOf(named, 'by-name'), /^SIP\/2\.0 503/)
})
