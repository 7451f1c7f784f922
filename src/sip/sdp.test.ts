import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom, randomBelow } from '../base/random.ts'
import { codecNames, findSdp, isSameSession, restrictCodecs, scanSdp } from './sdp.ts'

const head = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n'
const audio = [
  'm=audio 4000 RTP/AVP 0 8 18 96 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtcp-fb:96 nack',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  '',
].join('\r\n')
const video = 'm=video 4002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n'
const sdp = Buffer.from(`${head}${audio}${video}`)
const deny = (...names: string[]): ReadonlySet<string> => new Set(codecNames(names))
const restricted = (body: Buffer | string, ...names: string[]): string | undefined =>
  restrictCodecs(Buffer.from(body), deny(...names))?.body.toString('latin1')

test('a restricted codec goes with its rtpmap, fmtp and rtcp-fb lines; everything else stays byte for byte', () => {
  assert.equal(
    restricted(sdp, 'Opus'),
    sdp
      .toString()
      .replace('0 8 18 96 101', '0 8 18 101')
      .replace('a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtcp-fb:96 nack\r\n', ''),
  )
})

test('RFC3551-6: static payload types are known without an rtpmap line', () => {
  const bare = `${head}m=audio 4000 RTP/AVP 0 3 4 8 9 18\r\n`
  const left = (name: string): string => /RTP\/AVP (.*)\r/.exec(restricted(bare, name) ?? '')?.[1] ?? 'unchanged'
  assert.equal(left('PCMU'), '3 4 8 9 18')
  assert.equal(left('gsm'), '0 4 8 9 18')
  assert.equal(left('G723'), '0 3 8 9 18')
  assert.equal(left('PCMA'), '0 3 4 9 18')
  assert.equal(left('G722'), '0 3 4 8 18')
  assert.equal(left('G729'), '0 3 4 8 9')
  assert.equal(left('G711'), '3 4 9 18')
  assert.equal(left('AMR'), 'unchanged')
})

test('RFC3264-6: a line without a codec of its own gets port 0 and keeps a format; the other line lives on', () => {
  const result = restrictCodecs(sdp, deny('PCMU', 'PCMA', 'G729', 'opus'))
  assert.match(result?.body.toString() ?? '', /m=audio 0 RTP\/AVP 101\r\n/)
  assert.match(result?.body.toString() ?? '', /m=video 4002 RTP\/AVP 97\r\n/)
  assert.equal(result?.empty, false)
  assert.deepEqual(result.removed, ['PCMU', 'PCMA', 'G729', 'OPUS'])
  const none = restrictCodecs(Buffer.from(`${head}m=audio 4000/2 RTP/AVP 8 13\r\na=sendonly\r\n`), deny('PCMA'))
  assert.match(none?.body.toString() ?? '', /m=audio 0 RTP\/AVP 13\r\na=sendonly\r\n$/)
  assert.equal(none?.empty, true)
  assert.match(restricted(`${head}m=audio 4000 RTP/AVP 8`, 'PCMA') ?? '', /m=audio 0 RTP\/AVP 8$/)
})

test('a payload type that nothing names is a codec of its own', () => {
  assert.equal(restrictCodecs(Buffer.from(`${head}m=audio 4000 RTP/AVP 8 99\r\n`), deny('PCMA'))?.empty, false)
})

test('an rtpmap that renames a static type does not carry it past the list', () => {
  assert.match(restricted(`${head}m=audio 4 RTP/AVP 0 8\r\na=rtpmap:0 X/8000\r\n`, 'PCMU') ?? '', /AVP 8\r\n$/)
  assert.match(restricted(`${head}m=audio 4 RTP/AVP 8 99\r\na=rtpmap:99 pcmu/8000\r\n`, 'PCMU') ?? '', /AVP 8\r\n$/)
})

test('what holds none of the codecs, is rejected already, or is no RTP is not touched', () => {
  assert.equal(restricted(sdp, 'AMR'), undefined)
  assert.equal(restricted(`${head}m=audio 0 RTP/AVP 8\r\n`, 'PCMA'), undefined)
  assert.equal(restricted(`${head}m=image 4000 udptl t38\r\n`, 'T38', 'PCMA'), undefined)
  assert.equal(restricted('no description at all', 'PCMA'), undefined)
})

test('line ends stay as they are, LF alone too', () => {
  assert.equal(restricted('v=0\nm=audio 4 RTP/AVP 0 8\na=x\r\n', 'PCMU'), 'v=0\nm=audio 4 RTP/AVP 8\na=x\r\n')
})

test('a description cut at every byte, or with any byte changed, is read without a throw and stays itself if nothing applies', () => {
  const random = seededRandom(4)
  for (let length = 0; length <= sdp.length; length++) {
    const cut = sdp.subarray(0, length)
    assert.equal(restrictCodecs(cut, deny('AMR')), undefined)
    const once = restrictCodecs(cut, deny('opus', 'PCMU'))
    // A second pass finds nothing more, unless the codec is the one format that stays for the syntax.
    if (once !== undefined && !once.empty) assert.equal(restrictCodecs(once.body, deny('opus', 'PCMU')), undefined)
    const changed = Buffer.from(sdp)
    changed[length % sdp.length] = randomBelow(random, 256)
    assert.ok((restrictCodecs(changed, deny('opus', 'PCMU'))?.body.length ?? 0) <= sdp.length)
  }
})

test('ten thousand lines are read in one pass', () => {
  const many = Buffer.from(`${head}${'m=audio 4 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n'.repeat(10_000)}`)
  assert.equal(scanSdp(many).media.length, 10_000)
  assert.equal(restrictCodecs(many, deny('PCMU'))?.removed.length, 1)
})

test('RFC3264-8: only the version differs: the same session; address, port, codec, direction or key: another one', () => {
  const same = (change: (text: string) => string): boolean => isSameSession(sdp, Buffer.from(change(sdp.toString())))
  assert.ok(same((text) => text.replace('o=- 1 1', 'o=- 1 2').replace('s=-', 's=call')))
  assert.ok(same((text) => text.replace('a=ptime:20', 'a=sendrecv\r\na=ptime:20')))
  assert.ok(!same((text) => text.replace('c=IN IP4 192.0.2.1', 'c=IN IP4 0.0.0.0')))
  assert.ok(!same((text) => text.replace('4000', '4010')))
  assert.ok(!same((text) => text.replace('0 8 18', '0 18')))
  assert.ok(!same((text) => text.replace('a=ptime:20', 'a=sendonly')))
  assert.ok(!same((text) => text.replace('a=ptime:20', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x')))
})

test('RFC2046-5.1: the description is found as a whole body or as one part of several', () => {
  const part = (type: string, body: string): string => `--b1\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`
  const body = Buffer.from(`preamble\r\n${part('text/plain', 'x')}${part('application/sdp', head)}--b1--\r\n`)
  const at = findSdp('multipart/mixed;boundary="b1"', body)
  assert.equal(body.subarray(at?.start, at?.end).toString(), head)
  assert.deepEqual(findSdp('application/sdp', sdp), { start: 0, end: sdp.length })
  assert.equal(findSdp('application/isup', sdp), undefined)
  assert.equal(findSdp('multipart/mixed', body), undefined)
  for (let length = 0; length < body.length; length++)
    assert.ok((findSdp('multipart/mixed;boundary=b1', body.subarray(0, length))?.end ?? 0) <= length)
})
