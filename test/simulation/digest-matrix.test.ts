// What never gets in by digest: replays, answers for something else, names that are not quite the name.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SipMessage } from '../../src/sip/message.ts'
import { edgeAddress, gateway1 } from '../kit/call-rig.ts'
import type { TestChallenge } from '../kit/digest-caller.ts'
import { challenged, challengesOf, password, replies, rigWith, statusOf, users } from '../kit/digest-phone.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

interface Row {
  readonly title: string
  /** What is sent after one right answer (nc 1) to `challenge`; `rig` may be another one. */
  readonly send: (rig: EdgeRig, challenge: TestChallenge) => SipMessage | undefined
  readonly stale: boolean
}

const matrix: readonly Row[] = [
  { title: 'the same answer again', send: (rig, challenge) => replies(rig, challenge, {}), stale: true },
  {
    title: 'a lower count after a higher one',
    send: (rig, challenge) => {
      assert.equal(statusOf(replies(rig, challenge, { nc: '00000005' })), 100, 'counts may skip')
      return replies(rig, challenge, { nc: '00000004' })
    },
    stale: true,
  },
  { title: 'count zero', send: (rig, challenge) => replies(rig, challenge, { nc: '00000000' }), stale: true },
  {
    title: 'a nonce that is 30 s old',
    send: (rig, challenge) => {
      rig.advance(30_005)
      return replies(rig, challenge, { nc: '00000002' })
    },
    stale: true,
  },
  {
    title: 'another source, with the nonce of the first',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002' }, { source: '10.7.0.2' }),
    stale: true,
  },
  {
    title: 'a nonce that somebody made up',
    send: (rig, challenge) => replies(rig, { ...challenge, nonce: 'deadbeef' }, {}),
    stale: true,
  },
  {
    title: 'after a restart with the same key',
    send: (_, challenge) => replies(rigWith(users, { seed: 2 }), challenge, { nc: '00000002' }),
    stale: true,
  },
  {
    title: 'an answer for another method',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', method: 'BYE' }),
    stale: false,
  },
  {
    title: 'an answer for another number',
    send: (rig, challenge) =>
      replies(rig, challenge, { nc: '00000002' }, { requestUri: `sip:900@${edgeAddress}:5060` }),
    stale: false,
  },
  {
    title: 'an answer for another host',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', uri: 'sip:441782000001@10.9.9.9' }),
    stale: false,
  },
  {
    title: 'a wrong password',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', password: 'wrong' }),
    stale: false,
  },
  {
    title: 'the password of another user',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', username: '442' }),
    stale: false,
  },
  {
    title: 'a count that the answer was not made for',
    send: (rig, challenge) => replies(rig, challenge, { change: { nc: '00000002' } }),
    stale: false,
  },
  {
    title: 'without qop, count and cnonce',
    send: (rig, challenge) => replies(rig, challenge, { qop: null }),
    stale: false,
  },
  {
    title: 'qop=auth-int, which was not offered',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', qop: 'auth-int' }),
    stale: false,
  },
  {
    title: 'a hashed name',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', change: { userhash: 'true' } }),
    stale: false,
  },
  {
    title: 'an algorithm that was not offered',
    send: (rig, challenge) => replies(rig, { ...challenge, algorithm: 'SHA-256' }, { nc: '00000002' }),
    stale: false,
  },
  {
    title: 'the session variant of the algorithm',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002', change: { algorithm: 'MD5-sess' } }),
    stale: false,
  },
  {
    title: 'a foreign realm',
    send: (rig, challenge) => replies(rig, { ...challenge, realm: 'other' }, { nc: '00000002' }),
    stale: false,
  },
  {
    title: 'in the field of the other kind',
    send: (rig, challenge) => replies(rig, challenge, { nc: '00000002' }, { field: 'Authorization' }),
    stale: false,
  },
  ...[
    ['a name in another case', { username: 'ABC' }],
    ['a name with an escape', { username: '44%31' }],
    ['a name of two', { username: '441,442' }],
    ['an empty name', { username: '' }],
  ].map(([title, parts]) => ({
    title: title as string,
    send: (rig: EdgeRig, challenge: TestChallenge) => replies(rig, challenge, { nc: '00000002', ...(parts as object) }),
    stale: false,
  })),
  ...[
    ['a name with a quoted pair', { username: String.raw`"4\41"` }],
    ['a name without quotes', { username: '441' }],
    ['the name twice', { username: '"441", username="441"' }],
    ['no name', { username: null }],
    ['no realm', { realm: null }],
    ['no nonce', { nonce: null }],
    ['no uri', { uri: null }],
    ['no response', { response: null }],
    ['a response of another length', { response: '"00"' }],
    ['a cnonce that is missing', { cnonce: null }],
  ].map(([title, change]) => ({
    title: title as string,
    send: (rig: EdgeRig, challenge: TestChallenge) =>
      replies(rig, challenge, { nc: '00000002', change: change as Record<string, string | null> }),
    stale: false,
  })),
]

/** Calls that reached the gateway. */
const callsAt = (rig: EdgeRig): string[] => [
  ...new Set(
    rig
      .takeTo(gateway1)
      .filter(({ method }) => method === 'INVITE')
      .map(({ callId }) => callId),
  ),
]

for (const { title, send, stale } of matrix)
  test(`digest matrix: ${title} never reaches a gateway`, () => {
    const rig = rigWith([...users, { username: 'abc', password }])
    const challenge = challenged(rig)
    assert.equal(statusOf(replies(rig, challenge, {})), 100, 'the first answer is right')
    const admitted = callsAt(rig)
    assert.equal(admitted.length, 1)
    const answer = send(rig, challenge)
    assert.equal(statusOf(answer), 407)
    assert.deepEqual(
      challengesOf(answer).map((next) => next.stale),
      [stale],
    )
    const later = callsAt(rig).filter((callId) => !admitted.includes(callId))
    assert.equal(later.length, title.startsWith('a lower count') ? 1 : 0)
  })
