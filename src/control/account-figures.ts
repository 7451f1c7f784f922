// What lists of accounts show beside the configuration: balance, live channels and calls per second, the last hour, lights.
// Each source is asked once for the whole page.
import type { AccountKind } from '../contract/account.ts'
import type { LimitState } from '../edge/seam.ts'
import type { LedgerService, RecentFigures, ReportService, StatisticsService } from './account-services.ts'
import type { GatewayBoardRow } from './gateway-board.ts'
import { usualSide } from './statistics-service.ts'

interface Sources {
  readonly ledger: LedgerService
  readonly statistics: StatisticsService
  readonly reports: ReportService
  readonly board: readonly Pick<GatewayBoardRow, 'accountId' | 'status'>[]
  readonly limits: readonly LimitState[]
}

/** `balance` in millionths, `lastCallAt` in milliseconds since 1970. */
export interface AccountFiguresRow extends RecentFigures {
  readonly balance: bigint
  readonly channels: number
  readonly callsPerSecond: number
  readonly lights: { readonly green: number; readonly red: number }
  readonly lastCallAt: number | null
}

interface ListedAccount {
  readonly id: string
  readonly kind: AccountKind
}

const nothing: RecentFigures = { asr: null, acdSeconds: null, pddMs: null }

/** Each account from its usual side. */
async function recentOf(
  accounts: readonly ListedAccount[],
  statistics: StatisticsService,
): Promise<ReadonlyMap<string, RecentFigures>> {
  const sides = [...Map.groupBy(accounts, ({ kind }) => usualSide(kind))]
  const parts = await Promise.all(
    sides.map(([side, own]) =>
      statistics.lastHour(
        side,
        own.map(({ id }) => id),
      ),
    ),
  )
  return new Map(parts.flatMap((part) => [...part]))
}

/** In the order of `accounts`. */
export async function figuresOf(accounts: readonly ListedAccount[], sources: Sources): Promise<AccountFiguresRow[]> {
  const { ledger, statistics, reports, board, limits } = sources
  const ids = accounts.map(({ id }) => id)
  const totals = await ledger.totals(ids)
  const recent = await recentOf(accounts, statistics)
  const lastCalls = await reports.lastCalls(ids)
  const lights = Map.groupBy(board, (row) => row.accountId)
  const used = new Map(
    limits.filter(({ scope }) => scope === 'account').map(({ id, kind, used: count }) => [`${kind}/${id}`, count]),
  )
  return accounts.map(({ id }) => {
    const { paid, cost } = totals.get(id) ?? { paid: 0n, cost: 0n }
    const own = lights.get(id) ?? []
    const green = own.filter(({ status }) => status === 'green').length
    return {
      ...(recent.get(id) ?? nothing),
      balance: paid - cost,
      channels: used.get(`channels/${id}`) ?? 0,
      callsPerSecond: used.get(`callsPerSecond/${id}`) ?? 0,
      lights: { green, red: own.length - green },
      lastCallAt: lastCalls.get(id) ?? null,
    }
  })
}
