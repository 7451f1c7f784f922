// Wires what calls leave behind: records, and with them costs, balances, statistics and reports.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { CallRecord } from '../call/record.ts'
import { AccountReports } from './account-reports.ts'
import type { ConfigEngine } from './config-engine.ts'
import type { AccountRow, EndpointRow } from './configuration.ts'
import { Ledger } from './ledger.ts'
import { Records } from './record-service.ts'
import type { RecordNames } from './record-service.ts'
import type { SuspensionService } from './services.ts'
import { Statistics } from './statistics-service.ts'

interface AccountingOptions {
  readonly engine: ConfigEngine
  readonly suspensions: SuspensionService
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

interface Accounting {
  readonly records: Records
  readonly ledger: Ledger
  readonly statistics: Statistics
  readonly reports: AccountReports
  /** Writes what waits; before the suspensions and the store are closed. Gives the records that could not be. */
  close(): Promise<readonly CallRecord[]>
}

/** The reason of the suspension; always the same, so that a further call below zero changes nothing. */
const creditUsedUp = 'the balance is 0 or less'
const creditActor = { kind: 'system', id: null, name: 'credit', address: null } as const

export async function openAccounting(options: AccountingOptions): Promise<Accounting> {
  const { engine, suspensions, clock, random, log } = options
  const { store } = engine
  const ledger = new Ledger({
    store,
    clock,
    random,
    log,
    accounts: () => engine.configuration.accounts,
    stop: (id) => suspensions.set(id, 'credit', creditUsedUp, null),
    release: (id) => suspensions.lift(id, { actor: creditActor, kind: 'credit' }),
  })
  engine.onChange = () => void ledger.checkAll()
  await ledger.checkAll()
  const statistics = new Statistics({ store, clock, log })
  const reports = new AccountReports(store, clock, statistics)
  const records = new Records({
    store,
    clock,
    log,
    names: recordNames(engine),
    tariffOf: (id) => engine.configuration.accounts.get(id)?.config,
    onCharged: (ids) => void ledger.check(ids),
  })
  return {
    records,
    ledger,
    statistics,
    reports,
    async close() {
      await statistics.close()
      const left = await records.close()
      await ledger.settled()
      return left
    },
  }
}

/** What names of accounts and gateways mean today. */
function recordNames(engine: ConfigEngine): RecordNames {
  const idsOf = (rows: Iterable<AccountRow | EndpointRow>, text: string): string[] =>
    [...rows].filter((row) => row.id === text || row.config.name === text).map((row) => row.id)
  return {
    accountIds: (text) => idsOf(engine.configuration.accounts.values(), text),
    gatewayIds: (text) => idsOf(engine.configuration.endpoints.values(), text),
    recordsDays: () => engine.configuration.system.config.recordsDays,
  }
}
