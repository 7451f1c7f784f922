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
import { DiskWatch } from './disk-watch.ts'
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
  StorageService,
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
  /** No other program may look into the database meanwhile; in return a disk that fails cannot end this one. */
  readonly alone?: boolean
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
  readonly storage: StorageService
  /** Records as the signalling thread hands them up. */
  onRecords(records: readonly CallRecord[], lost: number): void
  /** The directory in force. */
  readonly directory: Directory
  /** Publishes the present directory, and from now on every new one. Rejects (edge_unavailable) without acknowledgement. */
  attach(edge: PublishingEdge): Promise<void>
  /** TOLLGATE_CONFIG: applies the file unless it is the one applied last; undefined = it was. Fault invalid names paths. */
  applyStartFile(file: string): Promise<ApplyResult | undefined>
  /** Gives the call records that could not be stored. */
  close(): Promise<readonly CallRecord[]>
}

const bare = (content: string): string => content.replace(/\r?\n$/, '')

async function openPeople(store: Store, options: ControlOptions): Promise<People> {
  const people = await People.open({ ...options, store })
  if (options.adminPassword !== undefined) await people.ensureAdministrator(bare(options.adminPassword))
  if (options.apiKey !== undefined) await people.ensureApiKey(bare(options.apiKey))
  return people
}

export async function openControl(options: ControlOptions): Promise<Control> {
  const { dataDir, clock, random, log, version = '', alone = false } = options
  const store = await Store.open(dataDir, clock.wallMs(), { alone })
  try {
    const { webhookAllow, mail } = options.messages ?? { mail: null, webhookAllow: [] }
    const mediaRelay = options.mediaRelay === true
    const engineOptions = { clock, random, mediaRelay, webhookAllow, sendsMail: mail !== null }
    const engine = await ConfigEngine.open({ store, ...engineOptions })
    const config = new Configurations(engine)
    const names = new NameService(engine, { clock, log, servers: options.dnsServers ?? [] })
    const people = await openPeople(store, options)
    const audit = new Audit(store, clock)
    const nameOf = (id: string): ReturnType<typeof accountName> => accountName(engine, id)
    const suspensions = await Suspensions.open({ store, clock, log, audit, nameOf })
    const accounting = await openAccounting({ ...options, engine, suspensions })
    const { records, ledger, statistics, reports } = accounting
    const views = { configuration: () => engine.configuration, directory: () => config.directory }
    const balance = (id: string): bigint | undefined => ledger.knownBalance(id)
    const alerting = await openAlerts({ ...options, ...views, store, suspensions, balance, mail, webhookAllow })
    const registrations = new Registrations(store, log)
    const traces = new Traces({ store, clock, log, recordsDays: () => recordsDaysOf(engine), hep: options.hep ?? null })
    const waiting = [traces, registrations, suspensions, statistics, alerting.alerts, audit]
    const storage = new DiskWatch({ store, clock, log, records, waiting })
    return {
      config,
      people,
      records,
      traces,
      registrations,
      audit,
      backups: new Backups({ store, clock, random, dataDir, version, engineOptions, revision: () => config.revision }),
      suspensions,
      storage,
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
        storage.close()
        await alerting.alerts.close()
        const left = await accounting.close()
        await closeInOrder([suspensions, traces, registrations, { close: () => audit.flush() }, store])
        return left
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function closeInOrder(services: readonly { close(): Promise<unknown> }[]): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- the store goes last
  for (const service of services) await service.close()
}

const recordsDaysOf = ({ configuration }: ConfigEngine): number => configuration.system.config.recordsDays

function accountName(engine: ConfigEngine, id: string): { kind: string; name: string } | undefined {
  const row = engine.configuration.accounts.get(id)
  return row === undefined ? undefined : { kind: row.kind, name: row.config.name }
}
