// What the API works on: the services of the control thread, the signalling thread, and a few facts of the process.
// main.ts puts it together.
import type { Log } from '../base/log.ts'
import type { Cidr } from '../contract/address.ts'
import type { LedgerService, ReportService, StatisticsService } from '../control/account-services.ts'
import type { GatewayBoardRow } from '../control/gateway-board.ts'
import type {
  AlertService,
  AuditService,
  BackupService,
  ConfigService,
  PeopleService,
  RecordService,
  StorageService,
  SuspensionService,
  TraceService,
  WebhookSecrets,
} from '../control/services.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'

export interface ApiContext {
  readonly config: ConfigService
  readonly people: PeopleService
  readonly records: RecordService
  readonly ledger: LedgerService
  readonly statistics: StatisticsService
  readonly reports: ReportService
  readonly traces: TraceService
  readonly audit: AuditService
  readonly backups: BackupService
  readonly suspensions: SuspensionService
  readonly alerts: AlertService
  readonly webhookSecret: WebhookSecrets
  readonly storage: StorageService
  readonly edge: EdgeHandle
  /** All gateway targets, ordered by carrier, priority and name. */
  gatewayBoard(): Promise<readonly GatewayBoardRow[]>
  /** Why the server is not ready (SIP does not listen, no directory is loaded); empty = ready. */
  ready(): readonly string[]
  readonly version: string
  /** Opens the services again on what the data directory holds now; calls go on. */
  readonly restart: () => Promise<void>
  readonly log: Log
}

export interface ApiOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly proxies?: readonly Cidr[]
  readonly context: ApiContext
  /** Open connections; the bound if left out. */
  readonly connectionsMax?: number
  /** Folder of the built console; if it is not there, a page says so. */
  readonly staticDir: string | null
}
