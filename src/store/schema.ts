// The tables as Kysely sees them; migrations.ts makes them. Times are milliseconds since 1970, JSON is text.
import type { Generated } from 'kysely'

export interface Tables {
  schema_migrations: { version: number; name: string; applied_at: number }
  meta: { key: string; value: string }
  config_objects: ConfigObjectTable
  secrets: { owner_id: string; field: string; sealed: string }
  revisions: { revision: number; at: number; actor: string; summary: string }
  revision_changes: RevisionChangeTable
  audit_entries: AuditTable
  call_records: CallRecordTable
  call_attempts: CallAttemptTable
  traces: { seq: Generated<number>; id: string; at: number; packed: Uint8Array }
  trace_call_ids: { call_id: string; trace_seq: number }
  registrations: { user_id: string; bindings: string }
  suspensions: { account_id: string; kind: string; reason: string; until: number | null }
  alerts: AlertTable
  users: {
    id: string
    username: string
    role: string
    password_hash: string
    created_at: number
    /** 1 = may not sign in. */
    disabled: Generated<number>
  }
  sessions: { hash: string; user_id: string; created_at: number; seen_at: number; address: string }
  api_keys: ApiKeyTable
  payments: PaymentTable
  account_balances: { account_id: string; paid: bigint; cost: bigint; charged_at: number | null }
  statistics_subjects: { id: Generated<number>; kind: string; subject: string }
  statistics: StatisticsTable
  statistics_size: { step: number; rows: number }
}

interface PaymentTable {
  seq: Generated<number>
  id: string
  account_id: string
  description: string
  /** Millionths. */
  amount: number
  status: string
  version: number
  created_at: number
  updated_at: number
  created_by: string
}

/** What happened to one subject in one minute or hour. */
interface StatisticsTable {
  subject: number
  /** Seconds: 60 or 3600. */
  step: number
  at: number
  attempts: number
  answered: number
  failed: number
  cancelled: number
  talk_ms: number
  setup_ms: number
  setups: number
  /** Millionths. */
  cost: number
  channels_peak: number
  per_second_peak: number
  breaches: number
  /** JSON: status -> count; 0 = no final reply. */
  codes: string
}

interface ConfigObjectTable {
  id: string
  kind: string
  /** The account of an endpoint or SIP user; '' for the others, so that the unique index covers them. */
  parent_id: string
  /** The key by which a file names it, unique within kind and parent. */
  name: string
  /** What differs from the defaults. */
  document: string
  /** The revision that wrote it last. */
  version: number
  created_at: number
  updated_at: number
}

interface RevisionChangeTable {
  revision: number
  object_id: string
  /** The account it belonged to; '' = none, and what was written by versions that did not keep it. */
  parent_id: string
  before: string | null
  after: string | null
}

interface AuditTable {
  seq: Generated<number>
  at: number
  actor: string
  actor_kind: string
  actor_id: string | null
  address: string | null
  action: string
  kind: string
  /** Null where it has none, and for entries of versions that did not keep it. */
  object_id: string | null
  /** The account that the object is or belongs to; null = none. */
  account_id: string | null
  name: string
  reason: string | null
  before: string | null
  after: string | null
}

interface CallRecordTable {
  seq: Generated<number>
  id: string
  started_at: number
  first_reply_at: number | null
  ringing_at: number | null
  answered_at: number | null
  ended_at: number
  setup_ms: number | null
  ring_ms: number | null
  talk_ms: number
  source_address: string
  source_port: number
  source_transport: string
  caller_account_id: string | null
  caller_account: string | null
  caller_endpoint_id: string | null
  caller_endpoint: string | null
  caller_sip_user_id: string | null
  caller_sip_user: string | null
  caller_call_id: string
  route_prefix: string | null
  dialled: string
  destination: string
  cli: string
  outcome: string
  status: number
  reason_phrase: string
  release_reason: string
  released_by: string
  detail: string
  directory_revision: number
  explanation: string
  /** Millionths; null = nobody had a price. */
  cost: number | null
  cost_currency: string | null
  rate_prefix: string | null
}

interface CallAttemptTable {
  record_seq: number
  position: number
  endpoint_id: string
  account_id: string
  gateway: string
  account: string
  target: string
  call_id: string
  started_at: number
  first_reply_at: number | null
  ringing_at: number | null
  ended_at: number
  status: number | null
  reason: string
  /** As sent; null in records of earlier versions. */
  destination: string | null
}

interface AlertTable {
  id: string
  account_id: string
  account: string
  account_kind: string
  name: string
  kind: string
  subject_key: string | null
  subject: string | null
  value: number | null
  threshold: number | null
  opened_at: number
  closed_at: number | null
  text: string
  closed_text: string | null
  deliveries: string
}

interface ApiKeyTable {
  id: string
  name: string
  role: string
  prefix: string
  hash: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}
