// tshark reads the packets of a trace: of a real SIPp call over failover, and of each kind of address and transport.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { renderPcap } from '../../src/trace/pcap.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { sdp, sipText, traceMessage } from '../kit/trace.ts'

const net = '127.0.74'
const folder = mkdtempSync(join(tmpdir(), 'tollgate-trace-'))
after(() => rmSync(folder, { recursive: true }))

const tshark = (...argv: string[]): string[] =>
  execFileSync('tshark', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line !== '')

console.log(tshark('--version')[0])

/** The fields of every SIP message, one line each; every checksum is verified and nothing may be malformed. */
function read(pcap: Uint8Array, ...fields: string[]): string[] {
  const file = join(folder, 'trace.pcap')
  writeFileSync(file, pcap)
  const checks = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'].flatMap((one) => [
    '-o',
    `${one}:TRUE`,
  ])
  const bad =
    '_ws.malformed or ip.checksum.status==0 or udp.checksum.status==0 or tcp.checksum.status==0 or tcp.analysis.flags'
  assert.deepEqual(tshark('-r', file, ...checks, '-Y', bad), [])
  return tshark('-r', file, ...checks, '-Y', 'sip', '-T', 'fields', ...fields.flatMap((field) => ['-e', field]))
}

const endpoint = (name: string, address: string, weight: number) => ({
  name,
  weight,
  direction: 'receives' as const,
  addresses: [address],
  port: 5080,
  probe: { enabled: false },
})

test('tshark: every message of a SIPp call that fails over, on both legs and in order', async () => {
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: {
      carriers: [
        {
          name: 'Acme',
          gatewayFailoverMax: 1,
          endpoints: [endpoint('acme-1', `${net}.11`, 1), endpoint('acme-2', `${net}.12`, 0)],
        },
      ],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
      routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
    },
  })
  const second = startSipp({ scenario: 'uas', address: `${net}.12`, port: 5080 })
  const first = startSipp({
    scenario: 'uas-refuse',
    address: `${net}.11`,
    port: 5080,
    values: { STATUS: '503', REASON: 'Busy' },
  })
  try {
    await Promise.all([first.ready, second.ready])
    const remote = `${net}.1:5060`
    const caller = { address: `${net}.2`, port: 5070, remote, calls: 1, callsPerSecond: 1, pauseMs: 100 }
    assert.equal((await runSipp({ scenario: 'uac', ...caller })).successful, 1)
    const [record] = await tollgate.eventually(
      'the record',
      () => tollgate.records(),
      (records) => records.length === 1,
    )
    const { messages } = await tollgate.get<{ messages: { name: string }[] }>(`/traces/${record?.id}`)
    const response = await fetch(`${tollgate.running.api.address}/api/v1/traces/${record?.id}.pcap`, {
      headers: { authorization: `Bearer ${readFileSync(join(tollgate.dataDir, 'key-file'), 'utf8')}` },
    })
    assert.equal(response.headers.get('content-type'), 'application/vnd.tcpdump.pcap')
    const pcap = Buffer.from(await response.arrayBuffer())
    const rows = read(pcap, 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'ip.dst').map((line) =>
      line.split('\t'),
    )
    assert.deepEqual(
      rows.map(([method, status, of]) => (method === '' ? `${status} ${of}` : method)),
      messages.map((message) => message.name),
    )
    const invites = rows.filter(([method]) => method === 'INVITE').map((row) => row[3])
    assert.deepEqual(invites, [`${net}.1`, `${net}.11`, `${net}.12`])
    for (const method of ['ACK', 'BYE'])
      assert.ok(
        rows.some((row) => row[0] === method),
        method,
      )
  } finally {
    await Promise.all([first.kill(), second.kill()])
    await tollgate.stop()
  }
})

test('tshark: IPv4 and IPv6, UDP, TCP in several segments, and what was decrypted from TLS', () => {
  const body = sdp('c=IN IP4 10.1.0.1', 't=0 0', 'm=audio 4000 RTP/AVP 8')
  const type = ['Content-Type: application/sdp']
  const via = (transport: string) => [
    `Via: SIP/2.0/${transport} 10.1.0.1;branch=z9hG4bK1`,
    'From: <sip:a@b>;tag=1',
    'To: <sip:c@d>',
  ]
  const invite = (callId: string, transport: string, more: string[] = []): string =>
    sipText('INVITE sip:1@10.0.0.1 SIP/2.0', callId, [...via(transport), ...type, ...more], body)
  const answer = (callId: string, transport: string): string => sipText('SIP/2.0 200 OK', callId, via(transport))
  const v6 = { remote: '2001:db8::2', local: '2001:db8::1' }
  const large = [`Subject: ${'x'.repeat(40_000)}`]
  const trace: Trace = {
    id: 'x',
    legs: [],
    messages: [
      traceMessage(invite('a', 'UDP')),
      traceMessage(answer('a', 'UDP'), { direction: 'out' }),
      traceMessage(invite('b', 'UDP'), v6),
      traceMessage(invite('c', 'TCP', large), { protocol: 'tcp' }),
      traceMessage(answer('c', 'TCP'), { protocol: 'tcp', direction: 'out' }),
      traceMessage(invite('d', 'TCP'), { protocol: 'tcp', ...v6 }),
      traceMessage(invite('e', 'TLS'), { protocol: 'tls' }),
    ],
  }
  assert.deepEqual(read(renderPcap(trace), 'sip.Call-ID', 'sip.Method', 'sip.Status-Code', 'sdp.media', 'ipv6.src'), [
    'a\tINVITE\t\taudio 4000 RTP/AVP 8\t',
    'a\t\t200\t\t',
    'b\tINVITE\t\taudio 4000 RTP/AVP 8\t2001:db8::2',
    'c\tINVITE\t\taudio 4000 RTP/AVP 8\t',
    'c\t\t200\t\t',
    'd\tINVITE\t\taudio 4000 RTP/AVP 8\t2001:db8::2',
    'e\tINVITE\t\taudio 4000 RTP/AVP 8\t',
  ])
})
