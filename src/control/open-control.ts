// Wires store and services. Order at start: open (the directory is compiled), start the signalling thread, attach it
// (the directory is published). What is written before `attach` is published by it.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Directory } from '../directory/directory.ts'
import { Store } from '../store/store.ts'
import type { LedgerService, ReportService, StatisticsService } from './account-services.ts'
import { Audit } from './audit-service.ts'
import { Backups } from './backup-service.ts'
import { ConfigEngine } from './config-engine.ts'
import { Configurations } from './config-service.ts'
import type { CallRecord } from '../call/record.ts'
import type { Alerts } from './alert-service.ts'
import { openAlerts } from './open-alerts.ts'
import type { MessageOptions } from './open-alerts.ts'
import { NameService } from './name-service.ts'
import { openAccounting } from './open-accounting.ts'
import { People } from './people-service.ts'
import type { PublishingEdge } from './publisher.ts'
import { Registrations } from './registration-service.ts'
import type {
  ApplyResult,
  AuditService,
  BackupService,
  ConfigService,
  PeopleService,
  RecordService,
  SuspensionService,
  TraceService,
  WebhookSecrets,
} from './services.ts'
import type { HepTarget } from './hep-sender.ts'
import { Suspensions } from './suspensions.ts'
import { Traces } from './trace-service.ts'
import { applyStartFile } from './start-file.ts'

export interface ControlOptions {
  readonly dataDir: string
  /** Of Tollgate; stands in backups. */
  readonly version?: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Contents of TOLLGATE_ADMIN_PASSWORD_FILE and TOLLGATE_API_KEY_FILE; a closing line break does not count. */
  readonly adminPassword?: string | undefined
  readonly apiKey?: string | undefined
  /** `address:port` of DNS servers; absent or empty = those of the system. */
  readonly dnsServers?: readonly string[]
  /** A media relay is configured: `mediaEncryption: srtp` can be done. */
  readonly mediaRelay?: boolean
  /** Collector of HEP packets. */
  readonly hep?: HepTarget | null
  /** How alerts tell somebody; absent = no mail, and no webhook to private addresses. */
  readonly messages?: MessageOptions
}

export interface Control {
  readonly config: ConfigService
  readonly people: PeopleService
  readonly records: RecordService
  readonly ledger: LedgerService
  readonly statistics: StatisticsService
  readonly reports: ReportService
  readonly traces: TraceService
  readonly registrations: Registrations
  readonly audit: AuditService
  readonly backups: BackupService
  readonly suspensions: SuspensionService
  readonly alerts: Alerts
  readonly webhookSecret: WebhookSecrets
  /** Records as the signalling thread hands them up. */
  onRecords(records: readonly CallRecord[], lost: number): void
  /** The directory in force. */
  readonly directory: Directory
  /** Publishes the present directory, and from now on every new one. Rejects (edge_unavailable) without acknowledgement. */
  attach(edge: PublishingEdge): Promise<void>
  /** TOLLGATE_CONFIG: applies the file unless it is the one applied last; undefined = it was. Fault invalid names paths. */
  applyStartFile(file: string): Promise<ApplyResult | undefined>
  close(): Promise<void>
}

const bare = (content: string): string => content.replace(/\r?\n$/, '')

export async function openControl(options: ControlOptions): Promise<Control> {
  const { dataDir, clock, random, log, version = '' } = options
  const store = await Store.open(dataDir, clock.wallMs())
  try {
    const { webhookAllow, mail } = options.messages ?? { mail: null, webhookAllow: [] }
    const mediaRelay = options.mediaRelay === true
    const engineOptions = { clock, random, mediaRelay, webhookAllow, sendsMail: mail !== null }
    const engine = await ConfigEngine.open({ store, ...engineOptions })
    const config = new Configurations(engine)
    const names = new NameService(engine, { clock, log, servers: options.dnsServers ?? [] })
    const people = await People.open({ store, clock, random, dataDir })
    if (options.adminPassword !== undefined) await people.ensureAdministrator(bare(options.adminPassword))
    if (options.apiKey !== undefined) await people.ensureApiKey(bare(options.apiKey))
    const audit = new Audit(store, clock)
    const nameOf = (id: string): ReturnType<typeof accountName> => accountName(engine, id)
    const suspensions = await Suspensions.open({ store, clock, log, audit, nameOf })
    const accounting = await openAccounting({ ...options, engine, suspensions })
    const { records, ledger, statistics, reports } = accounting
    const views = { configuration: () => engine.configuration, directory: () => config.directory }
    const balance = (id: string): bigint | undefined => ledger.knownBalance(id)
    const alerting = await openAlerts({ ...options, ...views, store, suspensions, balance, mail, webhookAllow })
    const registrations = new Registrations(store, log)
    const recordsDays = (): number => engine.configuration.system.config.recordsDays
    const traces = new Traces({ store, clock, log, recordsDays, hep: options.hep ?? null })
    return {
      config,
      people,
      records,
      traces,
      registrations,
      audit,
      backups: new Backups({ store, clock, random, dataDir, version, engineOptions, revision: () => config.revision }),
      suspensions,
      ledger,
      statistics,
      reports,
      ...alerting,
      onRecords(batch, lost) {
        records.add(batch, lost)
        alerting.alerts.addRecords(batch)
      },
      get directory() {
        return config.directory
      },
      async attach(edge) {
        names.listeners = edge.listeners ?? []
        suspensions.attach(edge)
        await config.attach(edge)
        if (edge.ask === undefined) return
        statistics.attach({ ask: edge.ask.bind(edge) })
        alerting.alerts.attach({ ask: edge.ask.bind(edge) })
      },
      applyStartFile: (file) => applyStartFile(file, config, store),
      async close() {
        names.close()
        await alerting.alerts.close()
        await accounting.close()
        await suspensions.close()
        await traces.close()
        await registrations.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function accountName(engine: ConfigEngine, id: string): { kind: string; name: string } | undefined {
  const row = engine.configuration.accounts.get(id)
  return row === undefined ? undefined : { kind: row.kind, name: row.config.name }
}
