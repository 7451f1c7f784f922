// What the outside hears of consecutive failures: a log line when a gateway or account goes into backoff or out of it, the
// counts as gauges, and the reset by hand.
import type { Sample } from '../base/metrics.ts'
import type { Log } from '../base/log.ts'
import type { Directory, DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import type { BackoffChange, Failures } from '../policy/backoff.ts'

interface Names {
  readonly account: string
  readonly gateway: string
}

const namesOf = (account: DirectoryAccount | undefined, endpoint?: DirectoryEndpoint): Names => ({
  account: account?.name ?? '',
  gateway: endpoint?.name ?? '',
})

/** Of an endpoint or account by its id; empty names when the directory no longer has it. */
function findNames(directory: Directory, { scope, id }: Pick<BackoffChange, 'scope' | 'id'>): Names {
  if (scope === 'account') return namesOf(directory.accounts.find((row) => row.id === id))
  const endpoint = directory.endpoints.find((row) => row.id === id)
  return namesOf(directory.accounts[endpoint?.accountIndex ?? -1], endpoint)
}

/** Crossings are rare, so looking up names by a search is no burden. */
export function sayBackoff(log: Log, directory: Directory, change: BackoffChange): void {
  const fields = { scope: change.scope, ...findNames(directory, change), failures: change.failures }
  if (change.on) log.warn('backoff begins', fields)
  else log.info('backoff ends', fields)
}

/** One gauge for each that failed last; the directory is walked once, and only if there is any. */
export function failureSamples(directory: Directory, failures: Failures): Sample[] {
  const samples: Sample[] = []
  const [gateways, accounts] = [failures.counts('endpoint'), failures.counts('account')]
  const add = (scope: string, names: Names, count: number | undefined): void => {
    if (count !== undefined)
      samples.push({ metric: 'consecutiveFailures', labels: [scope, names.account, names.gateway], values: [count] })
  }
  if (gateways.size > 0)
    for (const endpoint of directory.endpoints)
      add('endpoint', namesOf(directory.accounts[endpoint.accountIndex], endpoint), gateways.get(endpoint.id))
  if (accounts.size > 0)
    for (const account of directory.accounts) add('account', namesOf(account), accounts.get(account.id))
  return samples
}

/** An account is reset with its gateways: that is what an operator means who says that the carrier works again. */
export function resetFailures(
  directory: Directory,
  failures: Failures,
  scope: BackoffChange['scope'],
  id: string,
): void {
  failures.reset(scope, id)
  if (scope === 'endpoint') return
  const account = directory.accounts.find((row) => row.id === id)
  for (const index of account?.gateways ?? []) failures.reset('endpoint', directory.endpoints[index]?.id ?? '')
}
