// No secret is left in the text, nothing else changes, and every length stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskSecrets } from './mask.ts'

const masked = (text: string): string => {
  const result = maskSecrets(text)
  assert.equal(result.length, text.length, text)
  return result
}
const digest = (response: string): string =>
  `Digest username="u", realm="r", nonce="n", uri="sip:x", ${response}, nc=00000001`

test('the digest answer goes, what identifies it stays', () => {
  for (const name of ['Authorization', 'Proxy-Authorization', 'proxy-authorization ', 'AUTHORIZATION\t'])
    for (const [before, after] of [
      ['response="0a1b2c"', 'response="******"'],
      ['response=0a1b2c', 'response=******'],
      ['response = "0a1b2c"', 'response = "******"'],
      ['RESPONSE="0a1\\"2c"', 'RESPONSE="*******"'],
      ['cnonce="abc",response="0a1b2c"', 'cnonce="***",response="******"'],
    ] as const)
      assert.equal(masked(`A\r\n${name}: ${digest(before)}\r\nB: c\r\n`), `A\r\n${name}: ${digest(after)}\r\nB: c\r\n`)
})

test('RFC3261-7.3.1: a folded line belongs to its field', () => {
  const text = 'Authorization: Digest username="u",\r\n response="0a1b2c",\r\n\tqop=auth\r\nTo: response="open"\r\n'
  assert.equal(masked(text), text.replace('0a1b2c', '******'))
})

test('what is not written as it should be is masked rather than shown', () => {
  for (const secret of [
    'Basic c2VjcmV0',
    'Digest response="secret',
    'Digest username="u response=secret',
    'Digest secret',
    'Digest x-token=secret',
    'Digest realm="r" "secret"',
    'Bearer secret.secret',
  ])
    assert.doesNotMatch(masked(`Authorization: ${secret}\r\n`), /c2VjcmV0|secret/, secret)
  assert.match(masked('Authentication-Info: rspauth="secret", nextnonce="n2"\r\n'), /rspauth="\*{6}", nextnonce="n2"/)
})

test('RFC4568-9.1: keys of SDP go, tag and suite stay', () => {
  const key = 'inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4'
  const line = masked(`v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key};${key}\r\na=ptime:20\r\n`)
  assert.doesNotMatch(line, /WVN|2\^20/)
  assert.match(line, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 \*+;\*+\r\na=ptime:20\r\n$/m)
  for (const other of [
    'a=crypto:1 inline:WVNf',
    'A=CRYPTO:2 S inline:WVNf',
    'a=key-mgmt:mikey WVNf',
    'k=base64:WVNf',
    'x inline:WVNf',
  ])
    assert.doesNotMatch(masked(`v=0\n${other}\n`), /WVNf/, other)
})

test('a password in a URI goes, user and host stay', () => {
  assert.equal(
    masked('INVITE sip:u:secret@h:5060;x=y SIP/2.0\r\nTo: <sips:u:s%40x@[2001:db8::1]>\r\nVia: a:b@c\r\n'),
    'INVITE sip:u:******@h:5060;x=y SIP/2.0\r\nTo: <sips:u:*****@[2001:db8::1]>\r\nVia: a:b@c\r\n',
  )
  const plain = 'From: "a:b" <sip:441@10.0.0.1:5060>;tag=1\r\nTo: <sip:10.0.0.1:5060>, <sip:x@y>\r\n'
  assert.equal(masked(plain), plain)
})

test('hostile texts of 60 KiB are masked in linear time', () => {
  for (const piece of [
    'Authorization: x=',
    'sip:a:',
    'a=crypto:1 ',
    'inline:',
    '\r\n ',
    'Authorization:\r\n ',
    '"\\',
    ' ,',
    'k=',
  ])
    for (const head of ['', 'Authorization: Digest '])
      assert.equal(masked(head + piece.repeat(60_000 / piece.length)).startsWith(head), true)
})
