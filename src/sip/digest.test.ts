import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireText } from './characters.ts'
import {
  type DigestAlgorithm,
  answerChallenge,
  chooseChallenge,
  digestResponse,
  hashUsername,
  isProof,
  parseChallenge,
  parseCredentials,
  serializeChallenge,
  serializeCredentials,
} from './digest.ts'

const mufasa = {
  username: 'Mufasa',
  realm: 'http-auth@example.org',
  password: 'Circle of Life',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  method: 'GET',
  uri: '/dir/index.html',
  qop: 'auth',
  nc: '00000001',
} as const

test('RFC7616-3.9.1: the example with MD5 and SHA-256', () => {
  assert.equal(digestResponse({ ...mufasa, algorithm: 'MD5' }), '8ca523f5e9506fed4657c9700eebdbec')
  assert.equal(
    digestResponse({ ...mufasa, algorithm: 'SHA-256' }),
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  )
})

test('RFC7616-3.9.2: the example with SHA-512-256, UTF-8 and userhash (values of erratum 4897)', () => {
  const username = wireText('J\u00e4s\u00f8n Doe')
  const response = digestResponse({
    ...mufasa,
    username,
    realm: 'api@example.org',
    password: 'Secret, or not?',
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    uri: '/doe.json',
    algorithm: 'SHA-512-256',
  })
  assert.equal(response, '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
  assert.equal(
    hashUsername('SHA-512-256', username, 'api@example.org'),
    '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
  )
})

test('RFC2617-3.5: the example, with qop and in the form without it', () => {
  const old = {
    ...mufasa,
    algorithm: 'MD5' as const,
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    cnonce: '0a4f113b',
  }
  assert.equal(digestResponse(old), '6629fae49393a05397450978507c4ef1')
  assert.equal(digestResponse({ ...old, qop: undefined }), '670fd8c2df070c60b045671b8b24ff02')
})

const algorithms: DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256', 'MD5-sess', 'SHA-256-sess', 'SHA-512-256-sess']

test('RFC8760-2.3: each algorithm is offered, answered and proved; another password or method is no proof', () => {
  for (const algorithm of algorithms)
    for (const qop of [['auth'], ['auth-int'], ['auth-int', 'auth'], []]) {
      const offered = { realm: 'r "q"', nonce: 'n', algorithm, qop, opaque: 'o', stale: false, userhash: false }
      const challenge = parseChallenge(serializeChallenge(offered))
      assert.deepEqual(challenge, offered)
      const answer = { username: 'u\\v', password: 'p', method: 'INVITE', uri: 'sip:b@h', nonceCount: 26, cnonce: 'c' }
      const body = Buffer.from('v=0\r\n')
      const credentials = answerChallenge(offered, { ...answer, body })
      assert.deepEqual(parseCredentials(serializeCredentials(credentials)), credentials)
      assert.equal(credentials.qop, qop.at(-1))
      assert.equal(credentials.nc, qop.length === 0 ? undefined : '0000001a')
      assert(isProof(credentials, { method: 'INVITE', password: 'p', body }))
      assert(!isProof(credentials, { method: 'INVITE', password: 'x', body }))
      assert(!isProof(credentials, { method: 'BYE', password: 'p', body }))
      const changed = isProof(credentials, { method: 'INVITE', password: 'p', body: Buffer.from('x') })
      assert.equal(changed, credentials.qop !== 'auth-int')
    }
})

test('RFC8760-2.4: the strongest challenge that can be answered is chosen, of equal ones the first', () => {
  const offer = (algorithm: string, rest = ''): string =>
    `Digest realm="r", nonce="${algorithm}"${rest}, algorithm=${algorithm}`
  const chosen = (...values: string[]): string | undefined => chooseChallenge(values)?.nonce
  assert.equal(chosen(offer('MD5'), offer('SHA-256')), 'SHA-256')
  assert.equal(chosen(offer('SHA-256'), offer('MD5')), 'SHA-256')
  assert.equal(chosen(offer('sha-512-256'), offer('SHA-256')), 'sha-512-256')
  assert.equal(chosen(offer('SHA-999'), offer('MD5')), 'MD5')
  assert.equal(chosen(offer('SHA-256', ', qop="unknown"'), offer('MD5')), 'MD5')
  assert.equal(chosen('Basic realm="r"', 'NoOneKnowsThisScheme opaque-data=here'), undefined)
  assert.equal(chooseChallenge(['Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2"'])?.nonce, '1')
})

test('RFC7616-3.4: credentials that are not whole are none', () => {
  const whole =
    'Digest username="u", realm="r", nonce="n", uri="sip:h", response="00", algorithm=MD5, cnonce="c", qop=auth, nc=00000001'
  assert(parseCredentials(whole) !== undefined)
  for (const name of ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'nc'])
    assert.equal(
      parseCredentials(whole.replace(new RegExp(`\\b${name}=[^,]+,? ?`), '').replace(/, $/, '')),
      undefined,
      name,
    )
  for (const more of [', username="v"', ', NC=00000002', ', x', ', x=', ', x="', ',', ' x=1', ', algorithm=MD5'])
    assert.equal(parseCredentials(whole + more), undefined, more)
  assert.equal(parseCredentials(whole.replace('00000001', '1')), undefined)
  assert.equal(parseCredentials(whole.replace('qop=auth', 'qop=other')), undefined)
  assert.equal(parseCredentials(whole.replace('MD5', 'MD4')), undefined)
  for (let end = 0; end < whole.length - 1; end++) parseCredentials(whole.slice(0, end))
  const many = Array.from({ length: 5_000 }, (_, i) => `x${i}=1`).join(', ')
  assert.equal(parseCredentials(`${whole}, ${many}`)?.username, 'u')
})
