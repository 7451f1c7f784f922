// Our side of digest: which challenge is answered, with what, how often, and what is used again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../base/random.ts'
import { bound } from '../base/limits.ts'
import { DigestClient } from './digest-client.ts'
import type { DigestRound } from './digest-client.ts'
import { isProof, parseCredentials } from './digest.ts'
import type { Credentials } from './digest.ts'
import { headerIds } from './header.ts'
import type { SipMessage } from './message.ts'
import { parseFramed } from './parse.ts'

const uri = 'sip:441782000001;npdi=yes@192.0.2.7:5080;transport=tcp'
const password = 'p\u00e4ss-Word-1'

function message(text: string): SipMessage {
  const parsed = parseFramed(Buffer.from(text, 'latin1'))
  assert.ok(parsed.kind !== 'fault')
  return parsed
}

const requestText = (body = ''): string =>
  [
    `INVITE ${uri} SIP/2.0`,
    'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKone;rport',
    'Route: <sip:192.0.2.9;lr>',
    'Max-Forwards: 69',
    'From: <sip:441@10.0.0.1>;tag=ours',
    'To: <sip:441782000001@192.0.2.7>',
    'Call-ID: the-call',
    'CSeq: 7 INVITE',
    'X-Kept: as  it stands',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')

const request = Buffer.from(requestText('v=0\r\n'), 'latin1')

const challenge = (status: number, ...values: string[]): SipMessage =>
  message(
    [
      `SIP/2.0 ${status} Who are you`,
      'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKone',
      'From: <sip:441@10.0.0.1>;tag=ours',
      'To: <sip:441782000001@192.0.2.7>;tag=theirs',
      'Call-ID: the-call',
      'CSeq: 7 INVITE',
      ...values.map((value) => `${status === 407 ? 'Proxy' : 'WWW'}-Authenticate: ${value}`),
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )

const digest = (nonce: string, more = 'qop="auth"', realm = 'acme'): string =>
  `Digest realm="${realm}", nonce="${nonce}"${more === '' ? '' : `, ${more}`}`

const clientOf = (realm?: string): DigestClient =>
  new DigestClient({ username: 'tollgate', password, realm }, seededRandom(1))

const next = { branch: 'z9hG4bKtwo', cseq: 8 }

function credentialsIn(bytes: Buffer): Credentials {
  const sent = message(bytes.toString('latin1'))
  const text = sent.value(headerIds.authorization) ?? sent.value(headerIds.proxyAuthorization)
  const credentials = parseCredentials(text ?? '')
  assert.ok(credentials !== undefined, text)
  const wirePassword = Buffer.from(password, 'utf8').toString('latin1')
  assert.ok(
    isProof(credentials, { method: sent.method, password: wirePassword, body: sent.body }),
    'the proof is right',
  )
  return credentials
}

/** The answer to one challenge, as credentials; a text says why there is none. */
function answered(
  client: DigestClient,
  response: SipMessage,
  round: DigestRound = { answers: 0 },
  sent: Buffer = request,
): Credentials | string {
  const authorised = client.answer(sent, response, round, next)
  return typeof authorised === 'string' ? authorised : credentialsIn(authorised.bytes)
}

const refusal = (answer: Credentials | string): string => (typeof answer === 'string' ? answer : 'answered')
const proof = (answer: Credentials | string): Credentials => {
  if (typeof answer === 'string') assert.fail(answer)
  return answer
}

test('RFC3261-22.2: the request goes again with credentials, next CSeq and a new branch, everything else as it was', () => {
  const authorised = clientOf().answer(request, challenge(407, digest('n1')), { answers: 0 }, next)
  if (typeof authorised === 'string') assert.fail(authorised)
  const sent = message(authorised.bytes.toString('latin1'))
  assert.equal(sent.requestUri, uri)
  assert.equal(sent.topVia.branch, 'z9hG4bKtwo')
  assert.equal(sent.topVia.rport, '')
  assert.deepEqual(sent.cseq, { number: 8, method: 'INVITE' })
  assert.equal(sent.callId, 'the-call')
  assert.equal(sent.fromTag, 'ours')
  assert.equal(sent.body.toString(), 'v=0\r\n')
  assert.match(authorised.bytes.toString('latin1'), /\r\nX-Kept: as {2}it stands\r\n/)
  assert.equal(sent.value(headerIds.authorization), undefined)
  assert.equal(credentialsIn(authorised.bytes).uri, uri, 'digest-uri is the Request-URI to the letter')
})

test('RFC3261-22.2: a 401 is answered in Authorization, a 407 in Proxy-Authorization', () => {
  for (const [status, name] of [
    [401, 'Authorization'],
    [407, 'Proxy-Authorization'],
  ] as const) {
    const authorised = clientOf().answer(request, challenge(status, digest('n1')), { answers: 0 }, next)
    if (typeof authorised === 'string') assert.fail(authorised)
    assert.equal(authorised.field[0], name)
  }
})

test('RFC8760-2.4: of several challenges the strongest that is known is answered', () => {
  const md5 = digest('md5', 'algorithm=MD5, qop="auth"')
  const sha = digest('sha', 'algorithm=SHA-256, qop="auth"')
  const best = digest('best', 'algorithm=SHA-512-256, qop="auth"')
  const unknown = digest('unknown', 'algorithm=SHA3-512, qop="auth"')
  const answers = (...values: string[]): string => {
    const answer = answered(clientOf(), challenge(401, ...values))
    return typeof answer === 'string' ? answer : answer.nonce
  }
  assert.equal(answers(md5), 'md5')
  assert.equal(answers(sha, md5), 'sha')
  assert.equal(answers(md5, sha), 'sha')
  assert.equal(answers(unknown, md5), 'md5')
  assert.equal(answers(md5, best, sha), 'best')
  assert.equal(answers(digest('sess', 'algorithm=MD5-sess, qop="auth"')), 'sess')
  assert.equal(answers(unknown), 'challenged in a way that nobody knows')
  assert.equal(answers('Basic realm="acme"'), 'challenged in a way that nobody knows')
  assert.equal(answers(), 'challenged without a challenge')
})

test('the realm is pinned: as configured, else the first one seen; another one gets nothing', () => {
  const client = clientOf()
  assert.equal(proof(answered(client, challenge(401, digest('n1')))).realm, 'acme')
  assert.match(
    refusal(answered(client, challenge(401, digest('n2', 'qop="auth"', 'other')))),
    /^challenged for realm "other", the credentials are for "acme"$/,
  )
  assert.match(refusal(answered(client, challenge(401, digest('n2', 'qop="auth"', '')))), /realm ""/)
  assert.match(
    refusal(answered(clientOf('carrier'), challenge(401, digest('n1')))),
    /the credentials are for "carrier"/,
  )
  const both = challenge(401, digest('n3', 'algorithm=SHA-256, qop="auth"', 'other'), digest('n4'))
  assert.equal(proof(answered(client, both)).nonce, 'n4', 'the one of our realm, although the other is stronger')
})

test('RFC3261-22.3: answered once, once more for stale, never with a nonce that the request carried', () => {
  const client = clientOf()
  const round = { answers: 0 }
  const first = client.answer(request, challenge(401, digest('n1')), round, next)
  if (typeof first === 'string') assert.fail(first)
  assert.equal(
    answered(client, challenge(401, digest('n1', 'qop="auth", stale=true')), round, first.bytes),
    'credentials refused',
  )
  assert.equal(answered(client, challenge(401, digest('n2')), round, first.bytes), 'credentials refused')
  const second = client.answer(first.bytes, challenge(401, digest('n3', 'qop="auth", stale=true')), round, next)
  if (typeof second === 'string') assert.fail(second)
  assert.equal(credentialsIn(second.bytes).nonce, 'n3')
  const third = challenge(401, digest('n4', 'qop="auth", stale=true'))
  assert.equal(answered(client, third, round, second.bytes), 'credentials refused')
})

test('RFC7616-3.6: an accepted nonce is used in advance, each time with the next count', () => {
  const client = clientOf()
  assert.equal(client.preempt(request), undefined, 'nothing is known yet')
  const counts = [proof(answered(client, challenge(407, digest('n1'))))]
  for (let i = 0; i < 3; i++) {
    const authorised = client.preempt(request)
    assert.ok(authorised !== undefined)
    assert.equal(authorised.field[0], 'Proxy-Authorization')
    counts.push(credentialsIn(authorised.bytes))
  }
  assert.deepEqual(
    counts.map(({ nonce, nc }) => `${nonce} ${nc}`),
    ['n1 00000001', 'n1 00000002', 'n1 00000003', 'n1 00000004'],
  )
  assert.equal(new Set(counts.map(({ cnonce }) => cnonce)).size, 4)
  assert.equal(proof(answered(client, challenge(407, digest('n2')))).nc, '00000001')
  assert.equal(proof(answered(client, challenge(407, digest('n1')))).nc, '00000005', 'an old nonce goes on counting')
})

test('a nonce that was refused, has no count, or was used often enough is not sent in advance', () => {
  const client = clientOf()
  const round = { answers: 0 }
  const first = client.answer(request, challenge(401, digest('n1')), round, next)
  if (typeof first === 'string') assert.fail(first)
  assert.equal(answered(client, challenge(401, digest('n2')), round, first.bytes), 'credentials refused')
  assert.equal(client.preempt(request), undefined)
  const old = clientOf()
  assert.equal(proof(answered(old, challenge(401, digest('n1', '')))).nc, undefined)
  assert.equal(old.preempt(request), undefined, 'without qop the same nonce would be a replay')
  const busy = clientOf()
  answered(busy, challenge(401, digest('n1')))
  const options = Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n')
  for (let uses = 1; uses < bound('nonceUsesMax'); uses++) assert.ok(busy.preempt(options) !== undefined)
  assert.equal(busy.preempt(options), undefined)
})

test('RFC7616-3.4.3: qop=auth-int covers the body', () => {
  const answer = proof(answered(clientOf(), challenge(401, digest('n1', 'qop="auth-int"'))))
  assert.equal(answer.qop, 'auth-int')
})
