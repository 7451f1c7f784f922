// One table of everything that can go wrong: SIP status, HTTP status, whose fault it is, whether a retry helps.
// docs/reference/faults.md, problem+json answers and metric labels come from it. Codes are stable; texts are not.

export interface FaultRow {
  readonly title: string
  readonly sip: number
  readonly http: number
  readonly origin: 'caller' | 'gateway' | 'edge' | 'user'
  readonly retry: boolean
}

type Statuses = readonly [sip: number, http: number]

const row = (title: string, [sip, http]: Statuses, origin: FaultRow['origin'], retry = false): FaultRow => ({
  title,
  sip,
  http,
  origin,
  retry,
})

export const faults = {
  // What arrives on the wire
  malformed: row('Malformed message', [400, 400], 'caller'),
  unsupported_version: row('SIP version not supported', [505, 400], 'caller'),
  unsupported_scheme: row('Unsupported URI scheme', [416, 400], 'caller'),
  too_many_hops: row('Too many hops', [483, 400], 'caller'),
  bad_extension: row('Bad extension', [420, 400], 'caller'),
  method_not_allowed: row('Method not allowed', [405, 405], 'caller'),
  method_unknown: row('Method not implemented', [501, 501], 'caller'),
  merged_request: row('Merged request', [482, 400], 'caller'),
  loop: row('Loop detected', [482, 400], 'caller'),
  no_dialog: row('No such call or transaction', [481, 404], 'caller'),
  glare: row('Request pending', [491, 409], 'caller', true),
  stale_cseq: row('CSeq out of order', [500, 409], 'caller'),
  refer_refused: row('REFER refused', [403, 403], 'caller'),
  // Who may call
  source_unknown: row('IP Not Authorised', [403, 403], 'caller'),
  source_blocked: row('Source blocked', [403, 403], 'caller'),
  source_denied: row('Source denied by an entry', [403, 403], 'caller'),
  source_ambiguous: row('Source fits two entries alike', [403, 403], 'edge'),
  source_draining: row('Entry takes no new calls', [503, 503], 'edge', true),
  cli_restricted: row('CLI restriction in effect', [403, 403], 'caller'),
  digest_required: row('Digest credentials required', [407, 401], 'caller'),
  digest_wrong: row('Wrong digest credentials', [407, 401], 'caller'),
  digest_locked: row('Too many wrong digest answers', [403, 403], 'caller', true),
  identity_required: row('Account must assert an identity', [403, 403], 'caller'),
  account_inactive: row('Account is not active', [403, 403], 'caller'),
  // Where to send it
  number_invalid: row('Number is empty or too long', [404, 400], 'caller'),
  no_route: row('No route to this number', [404, 404], 'caller'),
  no_gateway: row('No gateway available', [503, 503], 'gateway', true),
  limit_channels: row('Channel limit reached', [503, 503], 'edge', true),
  limit_cps: row('Calls-per-second limit reached', [503, 503], 'edge', true),
  draining: row('Shutting down', [503, 503], 'edge', true),
  overloaded: row('Too many live calls', [503, 503], 'edge', true),
  // What gateways do
  first_reply_timeout: row('No reply from the gateway', [408, 504], 'gateway', true),
  progress_timeout: row('No progress from the gateway', [408, 504], 'gateway', true),
  ring_timeout: row('Not answered', [480, 504], 'gateway'),
  hunt_timeout: row('No gateway made progress in time', [408, 504], 'gateway', true),
  transport_failed: row('Gateway unreachable', [503, 502], 'gateway', true),
  challenge_unanswerable: row('Gateway asks for credentials', [503, 502], 'gateway'),
  redirected: row('Gateway redirects', [503, 502], 'gateway'),
  // Ours
  internal: row('Internal error', [500, 500], 'edge'),
  edge_unavailable: row('Signalling does not answer', [503, 503], 'edge', true),
  store_unavailable: row('Database not available', [503, 503], 'edge', true),
  store_full: row('Disk full', [503, 507], 'edge', true),
  // API and configuration
  invalid: row('Invalid input', [400, 400], 'user'),
  unauthenticated: row('Not signed in', [401, 401], 'user'),
  forbidden: row('Not permitted', [403, 403], 'user'),
  setup_required: row('Set-up not done', [403, 403], 'user'),
  not_found: row('Not found', [404, 404], 'user'),
  conflict: row('Conflict', [409, 409], 'user'),
  precondition_failed: row('Changed by someone else', [412, 412], 'user'),
  too_large: row('Too large', [413, 413], 'user'),
  unsupported_media_type: row('Unsupported content type', [415, 415], 'user'),
  too_many_requests: row('Too many attempts', [429, 429], 'user', true),
} as const satisfies Record<string, FaultRow>

export type FaultCode = keyof typeof faults

/** One thing wrong with an input: where, and what is accepted instead. */
export interface InputError {
  readonly path: string
  readonly message: string
}

/** Something that is accepted but worth a look. Codes are stable; messages are not. */
export interface Warning extends InputError {
  readonly code: WarningCode
}

export type WarningCode =
  | 'address_twice'
  | 'address_shared'
  | 'address_overlap'
  | 'target_shared'
  | 'cli_rules_missing'
  | 'outbound_proxy_unused'
  | 'failover_single'
  | 'weights_zero'
  | 'identity_udp'
  | 'route_without_gateway'
  | 'mail_unset'
  | 'more'

/** A field in which a refused change differs from what is stored now. */
export interface FieldConflict {
  readonly field: string
  /** As the writer had read it, when that is still known. */
  readonly before?: unknown
  readonly yours: unknown
  readonly theirs: unknown
}

/** With precondition_failed: the object as it is now. */
export interface Conflict {
  readonly current: unknown
  readonly changes: readonly FieldConflict[]
}

interface FaultOptions {
  readonly cause?: unknown
  readonly errors?: readonly InputError[]
  readonly conflict?: Conflict
}

/** The world's fault, or a refusal of the API. Carries the inputs that were wrong, if any. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly errors: readonly InputError[]
  readonly conflict: Conflict | undefined

  constructor(code: FaultCode, detail?: string, options: FaultOptions = {}) {
    super(detail ?? faults[code].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.errors = options.errors ?? []
    this.conflict = options.conflict
  }
}
