// Backup and restore of a running server over HTTP and the command line: calls go on, the console's address stays.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Tollgate } from '../kit/tollgate.ts'

const [here, there] = ['127.0.75.11', '127.0.75.12']
const program = fileURLToPath(new URL('../../src/cli/tollgate.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tollgate-restore-'))
let tollgate: Tollgate

before(async () => {
  tollgate = await Tollgate.start({
    sip: `${here}:5060`,
    file: { carriers: [{ name: 'Acme', endpoints: [{ name: 'peer', direction: 'sends', addresses: [there] }] }] },
  })
})
after(async () => {
  await tollgate.stop()
  rmSync(folder, { recursive: true })
})

/** Asks the signalling thread over SIP; answers the status line. */
async function options(): Promise<string> {
  const socket = createSocket('udp4')
  socket.bind(0, there)
  await once(socket, 'listening')
  const via = `SIP/2.0/UDP ${there}:${socket.address().port};branch=z9hG4bK${Date.now()}`
  const lines = [`OPTIONS sip:${here} SIP/2.0`, `Via: ${via}`, `From: <sip:a@${there}>;tag=1`, `To: <sip:${here}>`]
  const rest = [`Call-ID: ${Date.now()}`, 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', '']
  socket.send([...lines, ...rest].join('\r\n'), 5060, here)
  const [bytes] = (await once(socket, 'message', { signal: AbortSignal.timeout(5_000) })) as [Buffer]
  socket.close()
  return bytes.toString().split('\r\n')[0] ?? ''
}

async function cli(...argv: string[]): Promise<{ code: number; out: string; error: string }> {
  const environment = { TOLLGATE_URL: tollgate.running.api.address, TOLLGATE_API_KEY: tollgate.key }
  const child = spawn(process.execPath, [program, ...argv], { env: { PATH: process.env['PATH'], ...environment } })
  const [out, error]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => error.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out: Buffer.concat(out).toString(), error: Buffer.concat(error).toString() }
}

const carriers = async (): Promise<string[]> =>
  (await tollgate.get<{ items: { name: string }[] }>('/carriers')).items.map(({ name }) => name)

test('a backup is written for its owner alone; restored, it is in force at the same address while SIP goes on', async () => {
  const file = join(folder, 'tollgate.tar')
  const saved = await cli('backup', file)
  assert.deepEqual({ code: saved.code, error: saved.error }, { code: 0, error: '' })
  assert.equal(statSync(file).mode & 0o777, 0o600)
  await tollgate.request('POST', '/api/v1/carriers', { name: 'Later' })
  assert.deepEqual(await carriers(), ['Acme', 'Later'])
  const { address } = tollgate.running.api
  const edge = tollgate.running.edge
  const restored = await cli('restore', file)
  assert.deepEqual({ code: restored.code, error: restored.error }, { code: 0, error: '' })
  assert.match(restored.out, /^The backup of .* is in force\.$/m)
  assert.match(await options(), /^SIP\/2\.0 200 /)
  await tollgate.eventually(
    'carriers',
    () => carriers().catch(() => []),
    (names) => names.join() === 'Acme',
  )
  assert.equal(tollgate.running.api.address, address)
  assert.equal(tollgate.running.edge, edge)
  // What is changed afterwards reaches the signalling thread that went on running.
  const changed = await tollgate.request('POST', '/api/v1/carriers', { name: 'After' })
  assert.equal(changed.status, 201)
  await tollgate.request('DELETE', '/api/v1/carriers/Acme')
  assert.match(await options(), /^SIP\/2\.0 403 /)
})

test('a file that is no backup is refused, and the server goes on as it was', async () => {
  const file = join(folder, 'wrong.tar')
  writeFileSync(file, 'nothing of ours'.repeat(200))
  const { code, error } = await cli('restore', file)
  assert.equal(code, 1)
  assert.match(error, /no backup of Tollgate/)
  assert.deepEqual(await carriers(), ['After'])
  assert.equal((await cli('restore', join(folder, 'none.tar'))).code, 2)
})

test('a second server on the same data directory says why it does not start', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      TOLLGATE_DATA_DIR: join(tollgate.dataDir, 'data'),
      TOLLGATE_HTTP_LISTEN: '127.0.0.1:0',
      TOLLGATE_SIP_LISTEN: 'udp:127.0.75.13:5060',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const error: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => error.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 1)
  assert.match(Buffer.concat(error).toString(), /in use by another Tollgate; each needs its own TOLLGATE_DATA_DIR/)
})
