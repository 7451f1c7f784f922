import assert from 'node:assert/strict'
import test from 'node:test'
import { seededRandom } from '../base/random.ts'
import { Timers } from '../base/timers.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { NgClient } from './ng-client.ts'
import type { MediaReply } from './ng.ts'

const question = { command: 'delete', callId: 'call', fromTag: 'a' } as const

function rig(): {
  client: NgClient
  sent: string[]
  troubles: (string | undefined)[]
  pass: (ms: number) => void
  timers: Timers
} {
  const clock = new FakeClock()
  const timers = new Timers(clock.nowMs())
  const sent: string[] = []
  const troubles: (string | undefined)[] = []
  const client = new NgClient({
    clock,
    timers,
    random: seededRandom(1),
    send: (bytes) => sent.push(bytes.toString().split(' ', 1)[0] ?? ''),
    onTrouble: (detail) => troubles.push(detail),
  })
  const pass = (ms: number): void => {
    for (let done = 0; done < ms; done += 5) {
      clock.advance(5)
      timers.advance(clock.nowMs())
    }
  }
  return { client, sent, troubles, pass, timers }
}

test('a question is sent again with its cookie until the answer comes, which counts once', () => {
  const { client, sent, pass, timers } = rig()
  const replies: MediaReply[] = []
  client.ask(question, (reply) => replies.push(reply))
  assert.deepEqual(replies, [])
  pass(600)
  assert.equal(sent.length, 3)
  assert.equal(new Set(sent).size, 1)
  client.receive(Buffer.from('foreign d6:result2:oke'))
  client.receive(Buffer.from(`${sent[0]} garbage`))
  assert.deepEqual(replies, [])
  client.receive(Buffer.from(`${sent[0]} d6:result2:oke`))
  client.receive(Buffer.from(`${sent[0]} d6:result2:oke`))
  assert.equal(replies.length, 1)
  assert.equal(timers.count, 0)
})

test('silence: given up after a second, then not asked for new calls for a while, told once, and tried again', () => {
  const { client, sent, troubles, pass, timers } = rig()
  const replies: MediaReply[] = []
  client.ask(question, (reply) => replies.push(reply))
  client.ask(question, (reply) => replies.push(reply))
  pass(995)
  assert.equal(replies.length, 0)
  assert.equal(client.trouble, undefined)
  pass(10)
  assert.deepEqual(replies, [
    { status: 503, detail: 'the media relay does not answer' },
    { status: 503, detail: 'the media relay does not answer' },
  ])
  assert.equal(client.trouble, 'the media relay does not answer')
  assert.equal(timers.count, 0)
  pass(2_010)
  assert.equal(client.trouble, undefined)
  client.ask(question, () => undefined)
  client.receive(Buffer.from(`${sent.at(-1)} d6:result2:oke`))
  assert.deepEqual(troubles, ['the media relay does not answer', undefined])
})
