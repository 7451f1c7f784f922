// Secrets of a whole running server, planted in its environment, its files, its configuration and its SIP traffic: none is in
// an answer, an event, a log line at the finest level, a metric, a trace, a HEP packet, the output of the command line,
// the process's title, a file of the database or a backup. Digest responses on the wire are no secrets, but are masked in traces.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { operations } from '../../src/api/operations.ts'
import { answerTo as replyTo } from '../browser/options-responder.ts'
import { Authority } from '../kit/certificates.ts'
import { answerTo, readChallenge } from '../kit/digest-caller.ts'
import { inOrder } from '../kit/inbox.ts'
import { ServerProcess } from '../kit/server-process.ts'
import { WireCaller } from '../kit/wire-caller.ts'

const net = '127.0.160'
const edge = { address: `${net}.1`, port: 5060 }
const realm = 'sip.example.net'
const uri = `sip:441782000000@${edge.address}:${edge.port}`
const command = fileURLToPath(new URL('../../src/cli/tollgate.mjs', import.meta.url))

const secrets = new Map<string, string>()
const plant = (name: string): string => {
  const secret = `Pl4nted-${name}-Zq7!`
  secrets.set(name, secret)
  return secret
}
const hash = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')
/** A password, and what stands for it in digest (HA1): as good as the password in that realm. */
function plantLogin(name: string, username: string, realms: string): string {
  const password = plant(name)
  for (const algorithm of ['md5', 'sha256'])
    secrets.set(`${name}-ha1-${algorithm}`, hash(algorithm, `${username}:${realms}:${password}`))
  return password
}

const authority = new Authority()
const own = authority.issue(`IP:${net}.1`)
/** HEP packets. */
const received: Buffer[] = []
/** What was said to those who were refused, and of messages that failed. */
const refusals: string[] = []
let server: ServerProcess
let gateway: Socket
let hep: Socket

/** A gateway that challenges every request without credentials. */
async function openGateway(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, source) => {
    const text = bytes.toString('latin1')
    if (text.startsWith('ACK ') || text.startsWith('SIP/2.0')) return
    const isKnown = /^(?:Proxy-)?Authorization:/im.test(text)
    const lines = isKnown ? [] : [`Proxy-Authenticate: Digest realm="acme", nonce="n1", qop="auth"`]
    const status = isKnown
      ? text.startsWith('INVITE ')
        ? '486 Busy Here'
        : '200 OK'
      : '407 Proxy Authentication Required'
    socket.send(Buffer.from(replyTo(text, source, { status, lines, body: '' }), 'latin1'), source.port, source.address)
  })
  socket.bind(5060, `${net}.11`)
  await once(socket, 'listening')
  return socket
}

async function openHep(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => received.push(bytes))
  socket.bind(0, `${net}.12`)
  await once(socket, 'listening')
  return socket
}

const write = async (method: string, path: string, body: object): Promise<Record<string, string>> => {
  const { status, text } = await server.request(method, `/api/v1${path}`, body)
  assert.ok(status < 300, `${method} ${path}: ${status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}

async function refused(method: string, path: string, body: object): Promise<void> {
  const { status, text } = await server.request(method, `/api/v1${path}`, body)
  assert.ok(status >= 400 && status < 500, `${method} ${path}: ${status} ${text}`)
  refusals.push(text)
}

async function plantByApi(): Promise<void> {
  const gatewayLogin = plantLogin('gateway', 'tollgate', 'acme')
  const login = { username: 'tollgate', password: gatewayLogin }
  const entry = { name: 'gw', direction: 'receives', addresses: [`${net}.11`], ...login }
  const registers = {
    ...entry,
    name: 'reg',
    register: { enabled: true },
    password: plantLogin('registrar', 'tollgate', 'acme'),
  }
  const alerts = [{ name: 'Red', kind: 'gatewayRed', webhook: 'http://127.0.0.1:9/hook', email: ['noc@example.com'] }]
  await write('POST', '/config/apply', {
    system: { realm, digestAlgorithms: ['SHA-256', 'MD5'], alerts },
    carriers: [{ name: 'Acme', endpoints: [entry, registers] }],
    customers: [
      {
        name: 'PBX',
        sipUsers: [{ username: '441', password: plantLogin('sip-user', '441', realm) }],
      },
    ],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
  })
  await write('PATCH', '/sip-users/441', { password: plantLogin('sip-user-second', '441', realm) })
  await write('POST', '/users', { username: 'eve', role: 'engineer', password: plant('user') })
  secrets.set('made-key', (await write('POST', '/api-keys', { name: 'ci', role: 'support' }))['key'] ?? '')
  secrets.set('webhook-secret', (await write('POST', '/webhook-secret', {}))['secret'] ?? '')
  secrets.set(
    'generated',
    (await write('POST', '/sip-users/441/password', { generate: true, overlapSeconds: 600 }))['password'] ?? '',
  )
  const signIn = await fetch(`${server.address}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'eve', password: secrets.get('user') }),
  })
  secrets.set('session', /=([^;]+)/.exec(signIn.headers.get('set-cookie') ?? '')?.[1] ?? '')
  // Refusals repeat what is wrong, never what was secret.
  await refused('POST', '/session', { username: 'eve', password: plant('mistyped') })
  await refused('POST', '/setup', { token: plant('setup-token'), username: 'x', password: plant('setup') })
  await refused('POST', '/carriers/Acme/endpoints', { ...entry, password: plant('refused'), colour: 1 })
  await refused('POST', '/users', { username: 'mallory', role: 'king', password: plant('refused-user') })
}

/** Calls with right and wrong digest answers of the caller, and a gateway that asks for ours. */
async function call(): Promise<void> {
  const phone = await WireCaller.open(`${net}.2`, edge)
  const asked = await phone.request()
  assert.equal(asked.status, 407)
  const challenge = readChallenge(/^Proxy-Authenticate: (.*)$/m.exec(asked.text)?.[1] ?? '')
  for (const [i, password] of [plant('guessed'), secrets.get('generated') ?? ''].entries()) {
    const authorization = answerTo(challenge, { username: '441', password, uri, nc: `0000000${i + 1}` })
    const { status } = await phone.request({ lines: [`Proxy-Authorization: ${authorization}`] })
    assert.equal(status, i === 0 ? 407 : 486)
  }
  phone.close()
}

before(async () => {
  gateway = await openGateway()
  hep = await openHep()
  const keyLine = readFileSync(own.keyFile, 'utf8').split('\n')[2] ?? ''
  secrets.set('tls-key', keyLine)
  const smtp = `${plant('smtp')}@:/`
  secrets.set('smtp-encoded', encodeURIComponent(smtp))
  server = await ServerProcess.start({
    sip: `${edge.address}:${edge.port}`,
    environment: {
      TOLLGATE_SIP_LISTEN: `udp:${edge.address}:5060,tls:${edge.address}:5061`,
      TOLLGATE_TLS_CERT: own.certFile,
      TOLLGATE_TLS_KEY: own.keyFile,
      TOLLGATE_SMTP_URL: `smtp://mailer:${encodeURIComponent(smtp)}@127.0.0.1:9`,
      TOLLGATE_MAIL_FROM: 'tollgate@edge.example',
      TOLLGATE_WEBHOOK_ALLOW: '127.0.0.1/32',
      TOLLGATE_HEP_TARGET: `udp:${net}.12:${hep.address().port}`,
      TOLLGATE_LOG_LEVEL: 'trace',
    },
  })
  secrets.set('unattended-key', server.key)
  secrets.set('host-token', readFileSync(join(server.data, 'host-token'), 'utf8').trim())
  secrets.set('key-file', readFileSync(join(server.data, 'key'), 'utf8').trim())
  await plantByApi()
  await call()
  // A mail and a webhook that fail leave their words in the alert.
  refusals.push((await server.request('POST', '/api/v1/alerts/test', { accountId: 'Acme', name: 'Red' })).text)
})
after(async () => {
  await server.remove()
  gateway.close()
  hep.close()
})

function assertNone(where: string, content: string | Buffer, but: readonly string[] = []): void {
  const bytes = Buffer.from(content)
  for (const [name, secret] of secrets)
    if (!but.includes(name)) assert.ok(!bytes.includes(secret), `${name} is in ${where}`)
}

test('at least 20 secrets are planted, each long enough to be found', () => {
  assert.ok(secrets.size >= 20, `${secrets.size}`)
  for (const [name, secret] of secrets) assert.ok(secret.length >= 8, name)
  assert.equal(new Set(secrets.values()).size, secrets.size)
})

test('no answer to any reading operation holds one: lists, exports, OpenAPI, metrics, traces as text, JSON and pcap', async () => {
  const reading = operations.filter(
    ({ method, path }) => method === 'GET' && !path.endsWith('/events') && !path.includes('*'),
  )
  await inOrder(reading, async ({ path }) => {
    const url = path.replace(':id', 'Acme').replace(':revision', '1')
    assertNone(`GET ${url}`, (await server.request('GET', url)).text)
  })
  const records = await server.eventually(
    'the record',
    () => server.get<{ items: { id: string }[] }>('/api/v1/call-records'),
    ({ items }) => items.length > 0,
  )
  const urls = records.items.flatMap(({ id }) => ['', '.txt', '.pcap'].map((kind) => `/api/v1/traces/${id}${kind}`))
  const texts: string[] = []
  await inOrder(urls, async (url) => {
    const { status, text } = await server.request('GET', url)
    assert.equal(status, 200, url)
    texts.push(text)
    assertNone(url, text)
  })
  assert.ok(texts.join().includes('Authorization: Digest'), 'the traces hold what was masked')
  assert.ok(!/response="[0-9a-f]{32}/.test(texts.join()), 'digest responses are masked')
  const audit = (await server.request('GET', '/api/v1/audit?limit=1000')).text
  assertNone('the audit', audit)
  assertNone('the refusals', refusals.join('\n'))
  assert.match(refusals.at(-1) ?? '', /ECONNREFUSED/, 'mail and webhook were tried')
  assert.ok(audit.includes('(secret)'))
})

test('the event stream, the log at its finest, HEP packets, the title and the arguments of the process hold none', async () => {
  const abort = new AbortController()
  const stream = await fetch(`${server.address}/api/v1/events`, {
    headers: { authorization: `Bearer ${secrets.get('made-key')}` },
    signal: abort.signal,
  })
  const { value } = (await stream.body?.getReader().read()) ?? {}
  abort.abort()
  assert.ok((value?.length ?? 0) > 0)
  assertNone('the events', Buffer.from(value ?? []))
  await server.eventually(
    'log lines and HEP packets, which leave in batches',
    async () => [server.log.length, received.length],
    ([lines = 0, packets = 0]) => lines > 1 && packets > 1,
  )
  assertNone('the log', server.log.join('\n'))
  assertNone('stderr', server.errors.join('\n'))
  assertNone('HEP', Buffer.concat(received))
  for (const name of ['cmdline', 'comm']) assertNone(name, readFileSync(`/proc/${server.pid}/${name}`))
})

test('the command line prints none, and a backup and the files of the database hold sealed forms only', async () => {
  const env = { PATH: process.env['PATH'], TOLLGATE_URL: server.address, TOLLGATE_API_KEY: server.key }
  const file = join(server.folder, 'tollgate.tar')
  const again = join(server.folder, 'again.json')
  writeFileSync(
    again,
    JSON.stringify({ customers: [{ name: 'PBX', sipUsers: [{ username: '441', password: plant('diffed') }] }] }),
  )
  const commands = [['export'], ['gateways'], ['carriers'], ['status'], ['revisions'], ['records'], ['alerts']]
  for (const argv of [
    ...commands,
    ['diff', '-f', again],
    ['apply', '-f', again],
    ['backup', file],
    ['simulate', '--json'],
  ]) {
    const { stdout, stderr } = spawnSync(process.execPath, [command, ...argv], { env })
    assertNone(argv.join(' '), Buffer.concat([stdout, stderr]))
  }
  // The key file is in a backup: whoever has it has the key, as the guide says.
  const tar = readFileSync(file)
  assert.ok(tar.includes('tollgate.db'))
  assertNone('the backup', tar, ['key-file'])
  for (const name of readdirSync(server.data))
    if (!['host-token', 'key'].includes(name)) assertNone(name, readFileSync(join(server.data, name)))
})
