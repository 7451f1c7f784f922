// Restricted codecs on the whole edge: what each side gets to see of the other's session description.
import assert from 'node:assert/strict'
import test from 'node:test'
import { EdgeRig } from '../kit/edge-rig.ts'
import { CallerSide, GatewaySide, gateway2, standardFile, standardRig } from '../kit/call-rig.ts'

const sdp = (address: string, formats: string, more = ''): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP ${formats}\r\n${more}`

const offered = sdp('10.1.0.1', '0 8 18 101', 'a=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n')
const formatsIn = (body: Buffer): string => /m=audio (\d+ RTP\/AVP .*)\r/.exec(body.toString())?.[1] ?? ''

test('restricted codecs of both sides leave the offer, and an answer that repeats them; the rest is byte-exact', () => {
  const rig = new EdgeRig(
    standardFile({
      endpoint: { restrictedCodecs: ['G729'] },
      customer: {
        endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['10.1.0.1'], restrictedCodecs: ['pcmu'] }],
      },
    }),
  )
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: offered })
  const invite = gateway.one('INVITE')
  assert.equal(invite.body.toString(), offered.replace('0 8 18 101', '8 101').replace('a=rtpmap:18 G729/8000\r\n', ''))
  gateway.answer(invite, 200, { body: sdp('10.2.0.1', '8 0 101', 'a=ptime:20\r\n') })
  gateway.one('ACK')
  const answer = caller.got().at(-1)
  assert.equal(answer?.status, 200)
  assert.equal(answer.body.toString(), sdp('10.2.0.1', '8 101', 'a=ptime:20\r\n'))
  caller.ack()
  caller.inDialog('INVITE', { body: sdp('10.1.0.1', '18 8', 'a=sendonly\r\n') })
  assert.equal(formatsIn(gateway.one('INVITE').body), '4000 RTP/AVP 8')
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('without a list every byte of the description crosses, also of one that makes no sense', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  const odd = 'v=0\nm=audio\r\r\na=rtpmap:\r\nm=audio 99999999 RTP/AVP 0'
  caller.invite({ body: odd })
  assert.equal(gateway.one('INVITE').body.toString(), odd)
  caller.cancel()
  rig.assertNothingLeft()
})

test('RFC3261-21.4.26: no codec is left: 488 to the caller, no INVITE, and the record says why', () => {
  const rig = new EdgeRig(standardFile({ carrier: { restrictedCodecs: ['G711', 'G729'] } }))
  const caller = new CallerSide(rig)
  caller.invite({ body: offered })
  assert.deepEqual(caller.statuses(), [488])
  assert.equal(rig.take().length, 0)
  caller.ack('failure')
  rig.assertNothingLeft()
  assert.equal(rig.records[0]?.status, 488)
  assert.match(rig.records[0]?.detail ?? '', /no codec is left without PCMU, PCMA, G729/)
})

test('a gateway that restricts every codec is passed over for one that does not', () => {
  const file = standardFile()
  const first = file.carriers?.[0]?.endpoints?.[0]
  assert.ok(first !== undefined)
  first.restrictedCodecs = ['PCMA', 'PCMU', 'G729']
  const rig = new EdgeRig(file)
  const caller = new CallerSide(rig)
  caller.invite({ body: offered })
  const second = new GatewaySide(rig, gateway2)
  assert.equal(second.one('INVITE').body.toString(), offered)
  caller.cancel()
  rig.assertNothingLeft()
})

test('a re-INVITE that offers restricted codecs only gets 488 and leaves the call as it was', () => {
  const rig = new EdgeRig(standardFile({ endpoint: { restrictedCodecs: ['PCMU'] } }))
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: offered })
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: sdp('10.2.0.1', '8') })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  gateway.request('INVITE', invite, { body: sdp('10.2.0.1', '0') })
  assert.equal(gateway.one('488').status, 488)
  assert.equal(caller.got().length, 0)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('a late offer and its answer in the ACK are narrowed too; of several parts only the description', () => {
  const rig = new EdgeRig(standardFile({ endpoint: { restrictedCodecs: ['PCMU'] } }))
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: '' })
  const invite = gateway.one('INVITE')
  const parts = (formats: string): string =>
    `--x\r\nContent-Type: application/sdp\r\n\r\n${sdp('10.2.0.1', formats)}\r\n--x\r\nContent-Type: application/isup\r\n\r\n\x01\x00m=audio 1 RTP/AVP 0\r\n--x--\r\n`
  const multipart = parts('0 8')
  // The kit writes application/sdp for a body: here the header field is our own.
  const text = `SIP/2.0 200 OK\r\n${[
    `Via: ${invite.topVia.text}`,
    `From: ${invite.valueOf('From')}`,
    `To: ${invite.valueOf('To')};tag=gateway-tag`,
    `Call-ID: ${invite.callId}`,
    'CSeq: 1 INVITE',
    `Contact: ${gateway.contact}`,
    'Content-Type: multipart/mixed;boundary=x',
    `Content-Length: ${multipart.length}`,
  ].join('\r\n')}\r\n\r\n${multipart}`
  rig.receive(text, gateway.address)
  const answer = caller.got().at(-1)
  assert.equal(answer?.body.toString('latin1'), parts('8'))
  caller.ack('success', sdp('10.1.0.1', '0 8'))
  assert.equal(formatsIn(gateway.one('ACK').body), '4000 RTP/AVP 8')
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3262-5: an offer in a PRACK is narrowed like any other', () => {
  const rig = new EdgeRig(standardFile({ endpoint: { restrictedCodecs: ['PCMU'] } }))
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: offered, lines: ['Supported: 100rel'] })
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 183, { body: sdp('10.2.0.1', '8'), lines: ['Require: 100rel', 'RSeq: 7'] })
  const progress = caller.got().at(-1)
  caller.inDialog('PRACK', {
    body: sdp('10.1.0.1', '0 8'),
    lines: [`RAck: ${progress?.valueOf('RSeq')} 1 INVITE`],
  })
  assert.equal(formatsIn(gateway.one('PRACK').body), '4000 RTP/AVP 8')
  caller.cancel()
  rig.assertNothingLeft()
})
