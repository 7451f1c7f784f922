// A SIP user in the life of a real server: made by API, calls by digest, gets a new password with an overlap, and outlives
// a restart; simulate says what its calls meet.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { md5Hex } from '../../src/base/hash.ts'
import { start } from '../../src/main.ts'
import { answerTo, readChallenge } from '../kit/digest-caller.ts'
import type { TestChallenge } from '../kit/digest-caller.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.63'
const edge = { address: `${net}.1`, port: 5060 }
const uri = `sip:441782000000@${edge.address}:${edge.port}`
const first = 'S3cret!pw'
let tollgate: Tollgate
let phone: WireCaller

before(async () => {
  tollgate = await Tollgate.start({
    sip: `${edge.address}:${edge.port}`,
    file: { system: { realm: 'sip.example.net' }, customers: [{ name: 'PBX' }] },
  })
  const made = await tollgate.request('POST', '/api/v1/customers/PBX/sip-users', { username: '441', password: first })
  assert.equal(made.status, 201)
  phone = await WireCaller.open(`${net}.2`, edge)
})
after(async () => {
  phone.close()
  await tollgate.stop()
})

async function challenged(): Promise<TestChallenge> {
  const { status, text } = await phone.request()
  assert.equal(status, 407)
  return readChallenge(/^Proxy-Authenticate: (.*)$/m.exec(text)?.[1] ?? '')
}

const answered = async (challenge: TestChallenge, password: string, nc = '00000001'): Promise<string> => {
  const authorization = answerTo(challenge, { username: '441', password, uri, nc })
  const { status, reasonPhrase } = await phone.request({ lines: [`Proxy-Authorization: ${authorization}`] })
  return `${status} ${reasonPhrase}`
}

// No route is configured: that is where a call ends whose caller is known.
const known = '404 No Route To Destination'

test('a SIP user that was made by API calls at once, and its calls are recorded under its name', async () => {
  const challenge = await challenged()
  assert.equal(challenge.realm, 'sip.example.net')
  assert.equal(await answered(challenge, first), known)
  const [record] = await tollgate.eventually(
    'the record',
    async () => (await tollgate.get<{ items: Record<string, unknown>[] }>('/call-records')).items,
    (items) => items.length === 1,
  )
  assert.partialDeepStrictEqual(record, { callerSipUser: '441', callerAccount: 'PBX', callerEndpoint: null })
})

test('after a reset with an overlap both passwords are valid, after one without only the new one', async () => {
  const path = '/api/v1/sip-users/441/password'
  const { body } = await tollgate.request('POST', path, { generate: true, overlapSeconds: 600 })
  const { password } = body as { password: string }
  assert.equal(await answered(await challenged(), first), known)
  assert.equal(await answered(await challenged(), password), known)
  await tollgate.request('POST', path, { password: 'An0ther!pw' })
  assert.match(await answered(await challenged(), password), /^407/)
  assert.equal(await answered(await challenged(), 'An0ther!pw'), known)
})

test('simulate with a username says what its call would meet, and why it would not', async () => {
  const simulate = async (more: object) => {
    const packet = { sourceIp: `${net}.2`, destination: '441782000000', ...more }
    const { body } = await tollgate.request('POST', '/api/v1/simulate', packet)
    const { code, reason, steps } = body as { code: number; reason: string; steps: { step: string; text: string }[] }
    return { told: `${code} ${reason}`, steps: steps.map(({ text }) => text).join('\n') }
  }
  const right = await simulate({ username: '441' })
  assert.equal(right.told, known)
  assert.match(right.steps, /caller is SIP user 441 of customer PBX/)
  const nobody = await simulate({ username: '449' })
  assert.equal(nobody.told, '407 Proxy Authentication Required')
  assert.match(nobody.steps, /SIP user 449 cannot sign in: there is no such SIP user/)
  assert.equal((await simulate({})).told, '407 Proxy Authentication Required')
  await tollgate.request('PATCH', '/api/v1/sip-users/441', { allowedAddresses: ['192.0.2.0/24'] })
  assert.equal((await simulate({ username: '441' })).told, '403 IP Not Authorised')
  await tollgate.request('PATCH', '/api/v1/sip-users/441', { allowedAddresses: [] })
})

test('no password and no hash of one lies in the data folder or in an answer of the API', async () => {
  const folder = `${tollgate.dataDir}/data`
  const stored = readdirSync(folder)
    .map((name) => readFileSync(`${folder}/${name}`, 'latin1'))
    .join('')
  const secrets = [first, 'An0ther!pw', md5Hex(`441:sip.example.net:An0ther!pw`)]
  const { body } = await tollgate.request('GET', '/api/v1/sip-users')
  for (const secret of secrets) {
    assert.equal(stored.includes(secret), false)
    assert.equal(JSON.stringify(body).includes(secret), false)
  }
})

test('a restart keeps what is registered; an answer to a nonce from before it is stale, and the next one is right', async () => {
  const register = { method: 'REGISTER', number: '441' }
  const asked = readChallenge(/^WWW-Authenticate: (.*)$/m.exec((await phone.request(register)).text)?.[1] ?? '')
  const registerUri = `sip:441@${edge.address}:${edge.port}`
  const proof = answerTo(asked, { username: '441', password: 'An0ther!pw', uri: registerUri, method: 'REGISTER' })
  assert.equal((await phone.request({ ...register, lines: [`Authorization: ${proof}`] })).status, 200)
  const listed = await tollgate.get<{ items: { contact: string }[] }>('/registrations?direction=in')
  assert.match(listed.items[0]?.contact ?? '', new RegExp(`^sip:caller@${net}.2:`))

  const old = await challenged()
  assert.equal(await answered(old, 'An0ther!pw'), known)
  await tollgate.running.stop(0)
  const again = await start({
    TOLLGATE_DATA_DIR: `${tollgate.dataDir}/data`,
    TOLLGATE_HTTP_LISTEN: '127.0.0.1:0',
    TOLLGATE_SIP_LISTEN: `udp:${edge.address}:${edge.port}`,
    TOLLGATE_LOG_LEVEL: 'error',
  })
  try {
    const authorization = answerTo(old, { username: '441', password: 'An0ther!pw', uri })
    const [kept] = await again.edge.ask('registrations', null)
    assert.partialDeepStrictEqual(kept, { direction: 'in', name: '441', contact: listed.items[0]?.contact })
    const replay = await phone.request({ lines: [`Proxy-Authorization: ${authorization}`] })
    assert.equal(replay.status, 407)
    const next = readChallenge(/^Proxy-Authenticate: (.*)$/m.exec(replay.text)?.[1] ?? '')
    assert.equal(next.stale, true)
    assert.equal(await answered(next, 'An0ther!pw'), known)
  } finally {
    await again.stop(0)
  }
})
