// The schema's history: each step runs once, in order, in one transaction. A step that was released never changes.
import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { Fault } from '../base/fault.ts'
import { inOrder } from './in-order.ts'
import type { Tables } from './schema.ts'

interface Migration {
  readonly name: string
  readonly statements: readonly string[]
}

const first: Migration = {
  name: 'configuration, revisions, audit, records, people',
  statements: [
    'create table meta (key text primary key, value text not null) strict',
    `create table config_objects (
      id text primary key, kind text not null, parent_id text not null, name text not null, document text not null,
      version integer not null, created_at integer not null, updated_at integer not null) strict`,
    'create unique index config_objects_name on config_objects (kind, parent_id, name)',
    "create unique index config_objects_sip_user on config_objects (name) where kind = 'sipUser'",
    `create table secrets (
      owner_id text not null references config_objects (id) deferrable initially deferred,
      field text not null, sealed text not null, primary key (owner_id, field)) strict`,
    'create table revisions (revision integer primary key, at integer not null, actor text not null, summary text not null) strict',
    `create table revision_changes (
      revision integer not null references revisions (revision) on delete cascade,
      object_id text not null, before text, after text, primary key (revision, object_id)) strict`,
    `create table audit_entries (
      seq integer primary key autoincrement, at integer not null, actor text not null, actor_kind text not null,
      actor_id text, address text, action text not null, kind text not null, name text not null, reason text,
      before text, after text) strict`,
    `create table call_records (
      seq integer primary key, id text not null unique, started_at integer not null, first_reply_at integer,
      ringing_at integer, answered_at integer, ended_at integer not null, setup_ms integer, ring_ms integer,
      talk_ms integer not null, source_address text not null, source_port integer not null,
      source_transport text not null, caller_account_id text, caller_account text, caller_endpoint_id text,
      caller_endpoint text, caller_call_id text not null, route_prefix text, dialled text not null,
      destination text not null, cli text not null, outcome text not null, status integer not null,
      reason_phrase text not null, release_reason text not null, released_by text not null, detail text not null,
      directory_revision integer not null, explanation text not null) strict`,
    'create index call_records_started on call_records (started_at)',
    'create index call_records_account on call_records (caller_account_id, started_at)',
    'create index call_records_destination on call_records (destination)',
    'create index call_records_dialled on call_records (dialled)',
    'create index call_records_cli on call_records (cli)',
    `create table call_attempts (
      record_seq integer not null references call_records (seq) on delete cascade, position integer not null,
      endpoint_id text not null, account_id text not null, gateway text not null, account text not null,
      target text not null, call_id text not null, started_at integer not null, first_reply_at integer,
      ringing_at integer, ended_at integer not null, status integer, reason text not null,
      primary key (record_seq, position)) strict, without rowid`,
    'create index call_attempts_endpoint on call_attempts (endpoint_id, started_at)',
    'create index call_attempts_account on call_attempts (account_id, started_at)',
    `create table users (
      id text primary key, username text not null unique collate nocase, role text not null,
      password_hash text not null, created_at integer not null) strict`,
    `create table sessions (
      hash text primary key, user_id text not null references users (id) on delete cascade,
      created_at integer not null, seen_at integer not null, address text not null) strict`,
    'create index sessions_user on sessions (user_id)',
    `create table api_keys (
      id text primary key, name text not null, role text not null, prefix text not null, hash text not null unique,
      created_at integer not null, expires_at integer, last_used_at integer) strict`,
  ],
}

const sipUsers: Migration = {
  name: 'SIP users in call records',
  statements: [
    'alter table call_records add column caller_sip_user_id text',
    'alter table call_records add column caller_sip_user text',
  ],
}

const traces: Migration = {
  name: 'traces of failed calls',
  statements: [
    `create table traces (
      seq integer primary key autoincrement, id text not null unique, at integer not null, packed blob not null) strict`,
    'create index traces_at on traces (at)',
    `create table trace_call_ids (
      call_id text not null, trace_seq integer not null references traces (seq) on delete cascade,
      primary key (call_id, trace_seq)) strict, without rowid`,
    'create index trace_call_ids_trace on trace_call_ids (trace_seq)',
  ],
}

const registrations: Migration = {
  name: 'registrations of SIP users',
  statements: ['create table registrations (user_id text primary key, bindings text not null) strict, without rowid'],
}

const suspensions: Migration = {
  name: 'accounts that are out for a time',
  statements: [
    `create table suspensions (
      account_id text not null, kind text not null, reason text not null, until integer,
      primary key (account_id, kind)) strict, without rowid`,
  ],
}

const objectHistory: Migration = {
  name: 'history of one object',
  statements: [
    "alter table revision_changes add column parent_id text not null default ''",
    'create index revision_changes_object on revision_changes (object_id)',
    'create index revision_changes_parent on revision_changes (parent_id)',
    'alter table audit_entries add column object_id text',
    'create index audit_entries_object on audit_entries (object_id)',
    'create index audit_entries_at on audit_entries (at)',
  ],
}

const alerts: Migration = {
  name: 'alerts',
  statements: [
    `create table alerts (
      id text primary key, account_id text not null, account text not null, account_kind text not null,
      name text not null, kind text not null, subject_key text, subject text, value real, threshold real,
      opened_at integer not null, closed_at integer, text text not null, closed_text text, deliveries text not null) strict`,
    'create index alerts_closed on alerts (closed_at)',
  ],
}

const disabledUsers: Migration = {
  name: 'users who may not sign in',
  statements: ['alter table users add column disabled integer not null default 0'],
}

const money: Migration = {
  name: 'payments, costs, statistics',
  statements: [
    'alter table call_records add column cost integer',
    'alter table call_records add column cost_currency text',
    'alter table call_records add column rate_prefix text',
    'alter table call_attempts add column destination text',
    `create table payments (
      seq integer primary key autoincrement, id text not null unique, account_id text not null,
      description text not null, amount integer not null, status text not null, version integer not null,
      created_at integer not null, updated_at integer not null, created_by text not null) strict`,
    'create index payments_account on payments (account_id, seq)',
    `create table account_balances (
      account_id text primary key, paid integer not null, cost integer not null, charged_at integer)
      strict, without rowid`,
    `create table statistics_subjects (
      id integer primary key, kind text not null, subject text not null, unique (kind, subject)) strict`,
    `create table statistics (
      subject integer not null, step integer not null, at integer not null, attempts integer not null,
      answered integer not null, failed integer not null, cancelled integer not null, talk_ms integer not null,
      setup_ms integer not null, setups integer not null, cost integer not null, channels_peak integer not null,
      per_second_peak integer not null, breaches integer not null, codes text not null,
      primary key (subject, step, at)) strict, without rowid`,
    'create index statistics_at on statistics (step, at)',
    'create table statistics_size (step integer primary key, rows integer not null) strict',
    'insert into statistics_size (step, rows) values (60, 0), (3600, 0)',
  ],
}

/** Most numbers are not rewritten, and are in the index of destinations already. */
const rewrittenNumbers: Migration = {
  name: 'an index of the numbers that were rewritten',
  statements: [
    'drop index call_records_dialled',
    'create index call_records_dialled on call_records (dialled) where dialled <> destination',
  ],
}

/** Entries of what belongs to an account say so; older ones of what is still there are given theirs. */
const auditAccounts: Migration = {
  name: 'accounts of audit entries',
  statements: [
    'alter table audit_entries add column account_id text',
    `update audit_entries set account_id = object_id
      where object_id in (select id from config_objects where kind in ('carrier', 'customer'))`,
    `update audit_entries set account_id =
        (select parent_id from config_objects where config_objects.id = audit_entries.object_id)
      where object_id in (select id from config_objects where parent_id <> '')`,
    "update audit_entries set account_id = object_id where kind = 'payment'",
    'create index audit_entries_account on audit_entries (account_id, seq) where account_id is not null',
  ],
}

/** New rows hold the steps of an explanation as lines; older ones are read as they are. An older version cannot read the new ones. */
const explanationLines: Migration = { name: 'explanations as lines', statements: [] }

const migrations: readonly Migration[] = [
  first,
  sipUsers,
  traces,
  registrations,
  suspensions,
  objectHistory,
  alerts,
  disabledUsers,
  money,
  rewrittenNumbers,
  auditAccounts,
  explanationLines,
]

/** The schema that this version reads and writes. */
export const schemaVersion = migrations.length

async function run(transaction: Transaction<Tables>, version: number, at: number): Promise<void> {
  const migration = migrations[version - 1]
  if (migration === undefined) throw new RangeError(`no migration ${version}`)
  await inOrder(migration.statements, (statement) => sql.raw(statement).execute(transaction))
  await transaction.insertInto('schema_migrations').values({ version, name: migration.name, applied_at: at }).execute()
}

/** Brings the schema up to this version. Fault store_unavailable when a newer version of the program wrote the file. */
export async function migrate(database: Kysely<Tables>, at: number): Promise<void> {
  await sql`create table if not exists schema_migrations
    (version integer primary key, name text not null, applied_at integer not null) strict`.execute(database)
  const newest = await database
    .selectFrom('schema_migrations')
    .select((select) => select.fn.max('version').as('version'))
    .executeTakeFirst()
  const present = newest?.version ?? 0
  if (present > schemaVersion)
    throw new Fault(
      'store_unavailable',
      `the database has schema ${present}, written by a newer version of Tollgate; this version knows up to ${schemaVersion}`,
    )
  const missing = migrations.map((_, i) => i + 1).slice(present)
  await inOrder(missing, (version) => database.transaction().execute((transaction) => run(transaction, version, at)))
}
