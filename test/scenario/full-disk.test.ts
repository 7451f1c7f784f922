// A disk that takes nothing: full, or with errors on every write. Calls go on, records wait and are counted, changes are
// refused as a whole and in words, and everything is stored when the disk is well again, without a restart.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { inOrder, numbers } from '../kit/inbox.ts'
import { ServerProcess } from '../kit/server-process.ts'
import type { ProcessOptions } from '../kit/server-process.ts'
import { placeCall } from '../browser/sip-caller.ts'
import type { SipCaller } from '../browser/sip-caller.ts'
import { openSipResponder } from '../browser/sip-responder.ts'

interface Situation {
  readonly server: ServerProcess
  readonly backup: Uint8Array
  /** A call that is answered. */
  readonly talk: () => Promise<SipCaller>
  /** One whole call; fails unless it is answered and ended. */
  readonly call: () => Promise<void>
}

async function open(t: TestContext, net: string, rest: Partial<ProcessOptions>): Promise<Situation> {
  const gateway = await openSipResponder(`${net}.11`)
  const { address, port } = gateway
  const receives = { name: 'gw', direction: 'receives' as const, addresses: [address], port }
  const server = await ServerProcess.start({
    sip: `${net}.1:5060`,
    file: {
      carriers: [{ name: 'Acme', endpoints: [receives] }],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
      routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
    },
    ...rest,
  })
  t.after(async () => {
    await server.remove()
    await gateway.close()
  })
  const edge = { address: `${net}.1`, port: 5060 }
  const talk = async (): Promise<SipCaller> => {
    const caller = await placeCall({ address: `${net}.2`, edge, number: '441782000000' })
    t.after(() => caller.close())
    assert.equal(await caller.final, 200)
    return caller
  }
  const call = async (): Promise<void> => {
    const caller = await talk()
    await caller.hangUp()
  }
  return { server, backup: await server.backup(), talk, call }
}

const recordsOf = async (server: ServerProcess): Promise<number> =>
  (await server.get<{ total: number }>('/api/v1/call-records?limit=1')).total

interface Readiness {
  readonly ready: boolean
  readonly troubles: readonly string[]
}

interface Trouble {
  /** What the problem of a refused write says. */
  readonly detail: RegExp
  readonly status: number
  readonly code: string
}

/** Calls while nothing can be stored; every write is refused and leaves nothing. */
async function assertInTrouble(
  { server, backup, talk, call }: Situation,
  { detail, status, code }: Trouble,
): Promise<void> {
  const before = (await server.request('GET', '/api/v1/config/export')).text
  const many = Array.from({ length: 200 }, (_, i) => `10.1.0.${i}`).join('\n')
  const writes: [string, string, unknown][] = [
    ['POST', '/api/v1/carriers', { name: 'Late' }],
    ['PATCH', '/api/v1/carriers/Acme', { channelsMax: 7 }],
    ['POST', '/api/v1/carriers/Acme/endpoints/bulk', { text: many, defaults: { direction: 'receives' } }],
    ['POST', '/api/v1/config/apply', { carriers: [{ name: 'Applied', endpoints: [] }] }],
    ['POST', '/api/v1/carriers/Acme/payments', { description: 'x', amount: '1' }],
    ['POST', '/api/v1/users', { username: 'eve', role: 'engineer', password: 'a long enough pass-phrase' }],
    ['POST', '/api/v1/backup', {}],
    ['POST', '/api/v1/restore', backup],
  ]
  await inOrder(writes, async ([method, path, body]) => {
    const answer = await server.request(method, path, body)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    assert.partialDeepStrictEqual(JSON.parse(answer.text), { code, status })
    assert.match((JSON.parse(answer.text) as { detail: string }).detail, detail)
  })
  assert.equal((await server.request('GET', '/api/v1/config/export')).text, before)
  await inOrder(numbers(4), call)
  await assertOperatorEnds(server, talk)
  await server.eventually(
    'records that wait',
    () => server.metric('tollgate_call_records_waiting'),
    (waiting) => waiting === 5,
  )
  assert.equal(await server.metric('tollgate_database_writable'), 0)
  assert.equal(await server.metric('tollgate_call_records_lost_total'), 0)
  const { ready, troubles } = await server.get<Readiness>('/readyz')
  assert.equal(ready, true, 'calls go on')
  assert.match(troubles.join(), detail)
  assert.match(troubles.join(), /5 call records wait in memory/)
  assert.deepEqual((await server.get<Readiness>('/api/v1/status')).troubles, troubles)
  assert.equal(server.log.filter((line) => line.includes('nothing can be stored')).length, 1)
}

/** What is done at once is done; its audit entry waits with the records. */
async function assertOperatorEnds(server: ServerProcess, talk: Situation['talk']): Promise<void> {
  const caller = await talk()
  const [call] = (await server.get<{ items: { id: string }[] }>('/api/v1/calls')).items
  assert.equal((await server.request('DELETE', `/api/v1/calls/${call?.id}`)).status, 204)
  await caller.ended
  assert.deepEqual(await endsIn(server), [])
}

const endsIn = async (server: ServerProcess): Promise<readonly string[]> =>
  (await server.get<{ items: { action: string; kind: string }[] }>('/api/v1/audit?limit=1000')).items
    .filter(({ action, kind }) => action === 'end' && kind === 'call')
    .map(({ action }) => action)

/** Everything that waited is stored, and changes are possible again. */
async function assertWellAgain({ server, call }: Situation, records: number): Promise<void> {
  await server.eventually(
    'records in the database',
    () => recordsOf(server),
    (total) => total === records,
  )
  await server.eventually(
    'the audit entry',
    () => endsIn(server),
    (ends) => ends.length === 1,
  )
  assert.deepEqual((await server.get<Readiness>('/readyz')).troubles, [])
  assert.equal(await server.metric('tollgate_database_writable'), 1)
  assert.equal((await server.request('POST', '/api/v1/carriers', { name: 'Late' })).status, 201)
  await call()
  await server.eventually(
    'one record more',
    () => recordsOf(server),
    (total) => total === records + 1,
  )
  assert.equal(server.hasEnded, false)
}

/** Takes all the room that is left, to the last byte. */
function fill(folder: string): string {
  const file = join(folder, 'filled')
  assert.throws(() => writeFileSync(file, Buffer.alloc(64 * 1_048_576)), { code: 'ENOSPC' })
  return file
}

test('a full disk: calls go on, writes say 507, and with room again nothing is lost', async (t) => {
  const situation = await open(t, '127.0.156', { diskKib: 24_576 })
  const { server, call } = situation
  await call()
  await server.eventually(
    'the first record',
    () => recordsOf(server),
    (total) => total === 1,
  )
  const file = fill(server.data)
  await assertInTrouble(situation, { status: 507, code: 'store_full', detail: /disk of the data directory is full/ })
  rmSync(file)
  await assertWellAgain(situation, 6)
})

test('a disk that fails on every write: the same, with 503', async (t) => {
  const situation = await open(t, '127.0.157', {})
  const { server, call } = situation
  await call()
  await server.eventually(
    'the first record',
    () => recordsOf(server),
    (total) => total === 1,
  )
  const limit = (size: string): Buffer => execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${size}`])
  limit('0:unlimited')
  await assertInTrouble(situation, { status: 503, code: 'store_unavailable', detail: /reports an error/ })
  limit('unlimited')
  await assertWellAgain(situation, 6)
})
