// Statistics, summaries and reports: names become ids here, figures become what the contract shows.
import { Fault } from '../base/fault.ts'
import { idParameter } from '../contract/api-common.ts'
import {
  accountSummary,
  codesAnswer,
  codesQuery,
  failoverReport,
  reportQuery,
  statsAnswer,
  statsQuery,
} from '../contract/api-stats.ts'
import type { FailoverReport, SummaryWindow } from '../contract/api-stats.ts'
import { formatMoney } from '../contract/money.ts'
import type { FailoverFindings, StatsScope, SummaryRow } from '../control/account-services.ts'
import type { StoredAccount } from '../control/services.ts'
import { metricValue, usualSide } from '../control/statistics-service.ts'
import type { TimeSpan } from '../store/statistics-rows.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { isoTime } from './lists.ts'
import { basePath } from './operations.ts'

interface ScopeQuery {
  readonly account?: string | undefined
  readonly gateway?: string | undefined
  readonly endpoint?: string | undefined
  readonly sipUser?: string | undefined
  readonly side?: StatsScope['side'] | undefined
}

const isMissing = (error: unknown): boolean => error instanceof Fault && error.code === 'not_found'

/** Carriers come first: a name may mean one of each. */
async function findAccount({ config }: ApiContext, idOrName: string): Promise<StoredAccount> {
  try {
    return await config.getAccount('carrier', idOrName)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  try {
    return await config.getAccount('customer', idOrName)
  } catch (error) {
    if (isMissing(error)) throw new Fault('not_found', `there is no account ${idOrName}`, { cause: error })
    throw error
  }
}

const refusal = (path: string, message: string): Fault => new Fault('invalid', message, { errors: [{ path, message }] })

interface EntryName {
  readonly field: 'gateway' | 'endpoint'
  readonly idOrName: string
  readonly accountId: string | undefined
}

/** By id; or by name, of the account that is named or where only one has such an entry. */
async function entryIdOf(context: ApiContext, { field, idOrName, accountId }: EntryName): Promise<string> {
  const own = accountId === undefined ? {} : { accountId }
  const { items } = await context.config.listEndpoints({ ...own, limit: 2, filter: { name: idOrName } })
  const [only, ...others] = items
  if (only !== undefined && others.length === 0) return only.id
  if (others.length > 0) throw refusal(field, `several ${field}s are called ${idOrName}; name the account too`)
  return (await context.config.getEndpoint(idOrName)).id
}

/** A gateway, an entry that sends and a SIP user have one side each. */
function checkOne({ gateway, endpoint, sipUser, side }: ScopeQuery): void {
  const named = Object.entries({ gateway, endpoint, sipUser }).flatMap(([field, name]) =>
    name === undefined ? [] : [field],
  )
  const [field, second] = named
  if (second !== undefined) throw refusal(second, `one of ${named.join(' and ')} at a time`)
  if (field !== undefined && side !== undefined && side !== (field === 'gateway' ? 'gateway' : 'caller'))
    throw refusal('side', `statistics of a ${field} are of its own side: leave side out`)
}

async function scopeOf(context: ApiContext, query: ScopeQuery): Promise<StatsScope> {
  const { account, gateway, endpoint, sipUser, side } = query
  checkOne(query)
  const owner = account === undefined ? undefined : await findAccount(context, account)
  const accountId = owner?.id
  if (gateway !== undefined)
    return { gatewayId: await entryIdOf(context, { field: 'gateway', idOrName: gateway, accountId }), side: 'gateway' }
  if (endpoint !== undefined)
    return { senderId: await entryIdOf(context, { field: 'endpoint', idOrName: endpoint, accountId }), side: 'caller' }
  if (sipUser !== undefined) return { sipUserId: (await context.config.getSipUser(sipUser)).id, side: 'caller' }
  if (owner === undefined) return { side: 'caller' }
  return { accountId: owner.id, side: side ?? usualSide(owner.kind) }
}

const times = ({ from, to }: TimeSpan) => ({ from: isoTime(from), to: isoTime(to) })

const timesAsked = ({ from, to }: { from?: number | undefined; to?: number | undefined }) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

const windowView = ({ name, from, to, figures, cost, codes }: SummaryRow): SummaryWindow => ({
  name,
  ...times({ from, to }),
  attempts: figures.attempts,
  answered: figures.answered,
  failed: figures.failed,
  cancelled: figures.cancelled,
  asr: metricValue('asr', figures),
  acdSeconds: metricValue('acdSeconds', figures),
  pddMs: metricValue('pddMs', figures),
  talkSeconds: figures.talkMs / 1_000,
  cost: formatMoney(BigInt(cost)),
  codes:
    codes === null
      ? null
      : { ...codes, examples: codes.examples.map((row) => ({ ...row, answeredBy: [...row.answeredBy] })) },
})

const reportView = ({ rows, hints, ...findings }: FailoverFindings): FailoverReport => ({
  ...findings,
  ...times(findings),
  rows: rows.map(({ lastAt, examples, ...row }) => ({
    ...row,
    lastAt: isoTime(lastAt),
    examples: examples.map(({ id, at, destination, answeredBy }) => ({
      callId: id,
      at: isoTime(at),
      destination,
      answeredBy,
    })),
  })),
  hints: hints.map((hint) => ({ ...hint, examples: [...hint.examples] })),
})

function addReportRoutes(app: ApiApp, { config, reports }: ApiContext, kind: 'carrier' | 'customer'): void {
  const url = `${basePath}/${kind}s/:id`
  app.get(`${url}/summary`, { schema: { params: idParameter, response: { 200: accountSummary } } }, async (request) => {
    const account = await config.getAccount(kind, request.params.id)
    const side = usualSide(kind)
    const windows = await reports.summary(account.id, side)
    return { currency: account.config.currency, side, windows: windows.map((row) => windowView(row)) }
  })
  app.get(
    `${url}/failover-report`,
    { schema: { params: idParameter, querystring: reportQuery, response: { 200: failoverReport } } },
    async (request) => {
      const { id } = await config.getAccount(kind, request.params.id)
      return reportView(await reports.failovers(id, timesAsked(request.query)))
    },
  )
}

export function addStatisticsRoutes(app: ApiApp, context: ApiContext): void {
  const { statistics } = context
  app.get(
    `${basePath}/stats`,
    { schema: { querystring: statsQuery, response: { 200: statsAnswer } } },
    async (request) => {
      const { metric: metrics, step } = request.query
      const scope = await scopeOf(context, request.query)
      const series = await statistics.series({
        ...scope,
        ...timesAsked(request.query),
        ...(step === undefined ? {} : { step }),
      })
      return {
        step: series.step,
        ...times(series),
        side: scope.side,
        metrics,
        points: series.points.map(({ at, figures }) => ({
          at: isoTime(at),
          values: metrics.map((name) => metricValue(name, figures)),
        })),
        totals: metrics.map((name) => metricValue(name, series.totals)),
      }
    },
  )
  app.get(
    `${basePath}/stats/codes`,
    { schema: { querystring: codesQuery, response: { 200: codesAnswer } } },
    async (request) => {
      const scope = await scopeOf(context, request.query)
      const series = await statistics.series({ ...scope, ...timesAsked(request.query) })
      const items = [...series.totals.codes]
        .map(([status, count]) => ({ status: status === 0 ? null : status, count }))
        .toSorted((left, right) => right.count - left.count || (left.status ?? 0) - (right.status ?? 0))
      return { ...times(series), side: scope.side, items }
    },
  )
  for (const kind of ['carrier', 'customer'] as const) addReportRoutes(app, context, kind)
}
