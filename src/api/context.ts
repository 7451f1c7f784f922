// What the API works on: the services of the control thread, the signalling thread, and a few facts of the process.
// main.ts puts it together.
import type { Log } from '../base/log.ts'
import type { AuditService, ConfigService, PeopleService, RecordService } from '../control/services.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'

/** One gateway target with its name and its share. Times are milliseconds since 1970; `share` is a fraction 0-1. */
export interface GatewayBoardRow {
  readonly endpointId: string
  readonly name: string
  /** Name of the account. */
  readonly carrier: string
  /** `udp:192.0.2.10:5060`. */
  readonly target: string
  readonly share: number
  readonly status: 'green' | 'red'
  readonly reason: string
  readonly since: number
  readonly lastProbe: { readonly at: number; readonly result: string } | null
  readonly channels: number
  readonly callsPerSecond: number
}

export interface ApiContext {
  readonly config: ConfigService
  readonly people: PeopleService
  readonly records: RecordService
  readonly audit: AuditService
  readonly edge: EdgeHandle
  /** All gateway targets, ordered by carrier, priority and name. */
  gatewayBoard(): Promise<readonly GatewayBoardRow[]>
  /** Why the server is not ready (SIP does not listen, no directory is loaded); empty = ready. */
  ready(): readonly string[]
  readonly version: string
  readonly log: Log
}

export interface ApiOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly context: ApiContext
  /** Folder of the built console; if it is not there, a page says so. */
  readonly staticDir: string | null
}
