// Traces over HTTP: what the ending of the path chooses, who may read, what an id that is not there says.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { sipText, tracedCall, traceMessage } from '../../test/kit/trace.ts'
import type { TraceItem } from '../contract/api-trace.ts'
import { traceView } from '../contract/api-trace.ts'
import type { Trace } from '../trace/trace.ts'

let rig: ApiRig
const asked: string[] = []
const oddId = 'x/y%z@host.txt'
const odd: Trace = {
  id: oddId,
  legs: [{ callId: oddId, side: 'caller', name: '198.51.100.66', account: '' }],
  messages: [
    traceMessage(
      sipText('INVITE sip:u:secretpw@h SIP/2.0', oddId, ['Subject: <script>Gr\u00c3\u00bc\u00c3\u009fe</script>']),
      {
        callId: oddId,
      },
    ),
  ],
}

before(async () => {
  rig = await openApiRig()
  rig.answers.trace = ({ key }) => {
    asked.push(key)
    if (key === oddId) return odd
    return key === 'call-1' || key === 'b' ? tracedCall() : null
  }
})
after(() => rig.close())

test('JSON: participants, and messages with time, direction, addresses and text', async () => {
  const { status, json, headers } = await rig.fetch('GET', '/api/v1/traces/b')
  assert.equal(status, 200)
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
  const trace: TraceItem = traceView.parse(json)
  assert.deepEqual(
    trace.participants.map((one) => [one.kind, one.name, one.addresses[0]]),
    [
      ['caller', 'pbx', '10.1.0.1:5062'],
      ['tollgate', 'Tollgate', '10.0.0.1:5060'],
      ['gateway', 'gw-1', '10.2.0.1:5062'],
      ['gateway', 'gw-2', '10.2.0.2:5062'],
    ],
  )
  const { text, ...third } = trace.messages[2] as TraceItem['messages'][number]
  assert.deepEqual(third, {
    at: '2026-01-31T12:00:00.020Z',
    offsetMs: 20.5,
    direction: 'in',
    transport: 'udp',
    from: 2,
    to: 1,
    source: '10.2.0.1:5062',
    destination: '10.0.0.1:5060',
    callId: 'b',
    name: '503 INVITE',
    summary: 'SIP/2.0 503 Service Unavailable',
  })
  assert.match(text, /^SIP\/2\.0 503 Service Unavailable\r\nCall-ID: b\r\n/)
})

test('.txt is the ladder, .pcap a file to save; support may read both', async () => {
  for (const key of [rig.keys.support, rig.keys.engineer]) {
    const text = await rig.fetch('GET', '/api/v1/traces/call-1.txt', { key })
    assert.equal(text.status, 200)
    assert.equal(text.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(text.text, /^Trace of call-1: 6 messages/)
    const pcap = await rig.fetch('GET', '/api/v1/traces/call-1.pcap', { key })
    assert.equal(pcap.headers.get('content-type'), 'application/vnd.tcpdump.pcap')
    assert.match(pcap.headers.get('content-disposition') ?? '', /^attachment; filename="trace\.pcap"$/)
    assert.match(pcap.text, /Call-ID: c\r\n/)
  }
})

test('a Call-ID with odd characters and an ending of its own is found; text is UTF-8; nothing secret leaves', async () => {
  const path = `/api/v1/traces/${encodeURIComponent(oddId)}`
  for (const ending of ['', '.txt', '.pcap']) {
    const { status, text } = await rig.fetch('GET', path + ending)
    assert.equal(status, 200)
    assert.equal(text.includes('secretpw'), false)
    assert.match(text, /<script>Grüße<\/script>/)
  }
  assert.equal((await rig.fetch('GET', path)).headers.get('content-type')?.startsWith('application/json'), true)
})

test('what is not there is 404 and says why; the signalling thread is asked for the id without its ending, too', async () => {
  asked.length = 0
  const { status, json } = await rig.fetch('GET', '/api/v1/traces/nobody@h.pcap')
  assert.equal(status, 404)
  const { code, detail } = json as { code: string; detail: string }
  assert.equal(code, 'not_found')
  assert.match(
    detail,
    /^No trace of "nobody@h": it was never seen, or it is no longer there\. Only failed calls are stored/,
  )
  assert.deepEqual(asked, ['nobody@h.pcap', 'nobody@h'])
  assert.equal((await rig.fetch('GET', `/api/v1/traces/${'x'.repeat(301)}`)).status >= 400, true)
  assert.equal((await rig.fetch('GET', '/api/v1/traces/b', { key: null })).status, 401)
})
