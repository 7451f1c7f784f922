import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeBencode, encodeBencode } from './bencode.ts'

const value = {
  command: 'offer',
  replace: ['origin', 'session-connection'],
  'delete-delay': 0,
  sdp: 'v=0\r\n\xff',
  n: -7,
}

test('dictionaries are written with sorted keys, strings with their length, and read back as they were', () => {
  assert.equal(encodeBencode({ b: 1, a: ['x', ''] }), 'd1:al1:x0:e1:bi1ee')
  assert.deepEqual(decodeBencode(encodeBencode(value)), value)
})

test('what is cut, too deep, too long or followed by more is undefined and never a throw', () => {
  const whole = encodeBencode(value)
  for (let length = 0; length < whole.length; length++)
    assert.equal(decodeBencode(whole.slice(0, length)), undefined, whole.slice(0, length))
  for (const text of [`${whole}x`, '99999999:x', 'i1.5e', 'i-e', '-1:x', 'l'.repeat(100_000), 'di1ei2ee', 'd1:ae'])
    assert.equal(decodeBencode(text), undefined)
})

test('no key of a dictionary reaches the prototype', () => {
  const read = decodeBencode('d9:__proto__d1:ai1eee') as Readonly<Record<string, unknown>>
  assert.equal(read['a'], undefined)
  assert.ok(Object.hasOwn(read, '__proto__'))
})
