import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { parseAddress, type IpAddress } from '../contract/address.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { WrongAnswers } from './wrong-answers.ts'

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress

test('the third wrong answer within 30 s locks the source for 60 s, and no other one', () => {
  const clock = new FakeClock()
  const wrong = new WrongAnswers(clock)
  assert.deepEqual([wrong.add(ip('192.0.2.1')), wrong.add(ip('192.0.2.1'))], [false, false])
  assert.equal(wrong.isLocked(ip('192.0.2.1')), false)
  assert.equal(wrong.add(ip('192.0.2.1')), true)
  assert.equal(wrong.isLocked(ip('192.0.2.1')), true)
  assert.equal(wrong.isLocked(ip('192.0.2.2')), false)
  clock.advance(59_999)
  assert.equal(wrong.isLocked(ip('192.0.2.1')), true)
  clock.advance(1)
  assert.equal(wrong.isLocked(ip('192.0.2.1')), false)
})

test('wrong answers that are 30 s old no longer count', () => {
  const clock = new FakeClock()
  const wrong = new WrongAnswers(clock)
  wrong.add(ip('192.0.2.1'))
  wrong.add(ip('192.0.2.1'))
  clock.advance(30_000)
  assert.equal(wrong.add(ip('192.0.2.1')), false)
})

test('an IPv6 network of one host is one source, its neighbour another', () => {
  const wrong = new WrongAnswers(new FakeClock())
  for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:3']) wrong.add(ip(address))
  assert.equal(wrong.isLocked(ip('2001:db8::4')), true)
  assert.equal(wrong.isLocked(ip('2001:db8:0:1::4')), false)
})

test('the table is bounded: the source that was wrong longest ago goes first', () => {
  const wrong = new WrongAnswers(new FakeClock())
  const address = (i: number): IpAddress => ip(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  const most = bound('digestSourcesMax')
  wrong.add(address(0))
  wrong.add(address(1))
  wrong.add(address(0))
  for (let i = 2; i <= most; i++) wrong.add(address(i))
  assert.equal(wrong.size, most)
  assert.equal(wrong.add(address(0)), true, 'it was wrong twice and is still remembered')
  wrong.add(address(1))
  wrong.add(address(1))
  assert.equal(wrong.isLocked(address(1)), false, 'it was forgotten')
})
