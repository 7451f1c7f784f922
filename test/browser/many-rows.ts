// Fills a server with any number of each thing that a screen lists: the configuration through the API, what people and calls
// leave behind in the database, and what only the signalling thread knows through its seam.
import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import type { PrintedCall } from '../../src/call/print.ts'
import type { RegistrationState, RejectedSource } from '../../src/edge/seam.ts'
import { callRecord } from '../kit/call-records.ts'
import type { ConsoleRig } from './console-rig.ts'

const epoch = Date.UTC(2026, 0, 31, 12)

/** `made(at, '00042')` for each. */
const many = <Made>(count: number, made: (at: number, name: string) => Made): Made[] =>
  Array.from({ length: count }, (_, at) => made(at, String(at).padStart(5, '0')))

const addressAt = (net: number, at: number): string => `10.${net}.${at >> 8}.${at & 255}`

function files(count: number): Record<string, unknown>[] {
  const endpoint = (at: number, name: string) => ({
    name: `gw-${name}`,
    direction: 'receives',
    addresses: [addressAt(1, at)],
    channelsMax: 30,
    probe: { enabled: false },
  })
  const sipUsers = many(count, (_, name) => ({ username: `user-${name}`, password: 'Secret-12345' }))
  return [
    { carriers: many(count, (at, name) => ({ name: `Carrier ${name}`, endpoints: [endpoint(at, name)] })) },
    { customers: many(count, (_, name) => ({ name: `Customer ${name}`, ...(name === '00000' ? { sipUsers } : {}) })) },
    {
      routes: many(count, (_, name) => ({
        prefix: `44${name}`,
        from: 'customers',
        targets: [{ carrier: `Carrier ${name}` }],
      })),
    },
    { blocks: many(count, (at) => ({ address: addressAt(9, at), reason: 'scanner' })) },
  ]
}

function insert(database: DatabaseSync, table: string, rows: readonly Record<string, string | number | null>[]): void {
  const names = Object.keys(rows[0] ?? {})
  const marks = names.map(() => '?').join(', ')
  const statement = database.prepare(`insert or ignore into ${table} (${names.join(', ')}) values (${marks})`)
  database.exec('begin')
  for (const row of rows) statement.run(...names.map((name) => row[name] ?? null))
  database.exec('commit')
}

function insertAll(database: DatabaseSync, count: number, accountId: string): void {
  const users = (at: number, name: string) => ({
    id: `user-${name}`,
    username: `person-${name}`,
    role: 'support',
    password_hash: 'none',
    created_at: epoch + at,
  })
  const keys = (at: number, name: string) => ({
    id: `key-${name}`,
    name: `key ${name}`,
    role: 'support',
    prefix: `tg_${name}`,
    hash: `hash ${name}`,
    created_at: epoch + at,
  })
  const alerts = (at: number, name: string) => ({
    id: `alert-${name}`,
    account_id: accountId,
    account: 'Carrier 00000',
    account_kind: 'carrier',
    name: `rule ${name}`,
    kind: 'asr',
    value: 12,
    threshold: 20,
    opened_at: epoch + at,
    closed_at: epoch + at + 1,
    text: `ASR 12 % under 20 % (${name})`,
    closed_text: 'over',
    deliveries: '[]',
  })
  const audit = (at: number, name: string) => ({
    at: epoch + at,
    actor: 'admin',
    actor_kind: 'user',
    action: 'update',
    kind: 'carrier',
    object_id: accountId,
    account_id: accountId,
    name: `Carrier ${name}`,
    before: '{"notes":"a"}',
    after: '{"notes":"b"}',
  })
  const payments = (at: number, name: string) => ({
    id: `payment-${name}`,
    account_id: accountId,
    description: `Transfer ${name}`,
    amount: 1_000_000,
    status: 'pending',
    version: 1,
    created_at: epoch + at,
    updated_at: epoch + at,
    created_by: 'admin',
  })
  insert(database, 'users', many(count, users))
  insert(database, 'api_keys', many(count, keys))
  insert(database, 'alerts', many(count, alerts))
  insert(database, 'audit_entries', many(count, audit))
  insert(database, 'payments', many(count, payments))
  // More than are kept: the next change would remove the oldest.
  const revision = (at: number) => ({ revision: 1_000_000 - at, at: epoch, actor: 'admin', summary: `change ${at}` })
  database.exec('delete from revisions where revision > 900000')
  insert(database, 'revisions', many(count, revision))
}

const liveCall = (at: number, name: string): PrintedCall => ({
  id: `call-${name}`,
  state: 'talking',
  startedAt: epoch + at,
  answeredAt: epoch + at + 1,
  callerAccount: 'Customer 00000',
  callerEndpoint: null,
  callerSipUser: 'user-00000',
  gateway: 'gw-00000',
  dialled: `4417820${name}`,
  destination: `4417820${name}`,
  cli: '441782111111',
  source: 'udp:198.51.100.20:5060',
  detail: {},
})

const registration = (at: number, name: string): RegistrationState => ({
  direction: at % 2 === 0 ? 'out' : 'in',
  endpointId: `trunk-${name}`,
  name: `trunk ${name}`,
  account: 'Carrier 00000',
  registrar: 'sip:registrar.example.net',
  contact: `sip:${name}@192.0.2.1:5060`,
  state: 'registered',
  reason: '200 OK',
  since: epoch,
  expiresAt: epoch + 3_600_000,
  nextAt: epoch + 3_000_000,
})

const refused = (at: number): RejectedSource => ({
  address: addressAt(7, at),
  reason: 'source_unknown',
  count: at + 1,
  lastAt: epoch + at,
  sample: 'INVITE sip:441782000000@192.0.2.1',
  callId: null,
  explanation: [],
  packet: null,
})

/** The account to which payments, alerts and the history belong. */
export async function firstCarrier(rig: ConsoleRig): Promise<string> {
  const { items } = (await rig.call('GET', '/carriers?search=Carrier%2000000')) as { items: { id: string }[] }
  return items[0]?.id ?? ''
}

/** @param count of each thing; what is there already stays */
export async function fill(rig: ConsoleRig, count: number): Promise<void> {
  const { server } = rig
  for (const file of files(count))
    await rig.call('POST', '/config/apply', file).catch((error: Error) => {
      // A busy machine may take longer to put so much in force than a write waits; it is stored all the same.
      assert.match(error.message, /edge_unavailable/)
    })
  const accountId = await firstCarrier(rig)
  await server.stop()
  server.withDatabase((database) => insertAll(database, count, accountId))
  const [calls, registrations, rejections] = [many(count, liveCall), many(count, registration), many(count, refused)]
  server.plant({ calls: () => calls, registrations: () => registrations, rejections: () => rejections })
  await server.start()
  server.addRecords(many(count, (at) => callRecord(at)))
}
