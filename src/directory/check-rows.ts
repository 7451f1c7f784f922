// Checks that look at names, references and capacity: nothing here needs the tries.
import type { DirectorySource, SourceEndpoint, SourceRoute } from './directory.ts'
import type { Findings } from './findings.ts'

/** Reports the second and every further row with the same key. */
function reportTwice<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | undefined,
  report: (row: Row, first: Row) => void,
): void {
  const seen = new Map<string, Row>()
  for (const row of rows) {
    const key = keyOf(row)
    if (key === undefined) continue
    const first = seen.get(key)
    if (first === undefined) seen.set(key, row)
    else report(row, first)
  }
}

function checkNames(source: DirectorySource, findings: Findings): void {
  reportTwice(
    source.accounts,
    (account) => `${account.kind}\n${account.name}`,
    (account, first) =>
      findings.error(`${account.path}.name`, `a ${account.kind} named "${account.name}" is already at ${first.path}`),
  )
  reportTwice(
    source.endpoints,
    (endpoint) => `${endpoint.accountId}\n${endpoint.name}`,
    (endpoint, first) =>
      findings.error(
        `${endpoint.path}.name`,
        `an entry named "${endpoint.name}" of the same account is at ${first.path}`,
      ),
  )
  reportTwice(
    source.sipUsers,
    (user) => user.username,
    (user, first) =>
      findings.error(
        `${user.path}.username`,
        `Duplicate User Detected: "${user.username}" is already at ${first.path}; usernames are unique in the system`,
      ),
  )
}

function checkOwners(source: DirectorySource, findings: Findings): void {
  const accounts = new Set(source.accounts.map((account) => account.id))
  for (const row of [...source.endpoints, ...source.sipUsers])
    if (!accounts.has(row.accountId))
      findings.error(row.path, `belongs to account ${row.accountId}, which does not exist`)
}

function checkTargets(source: DirectorySource, findings: Findings): void {
  const accounts = new Map(source.accounts.map((account) => [account.id, account]))
  const users = new Map(source.sipUsers.map((user) => [user.id, user]))
  const withGateway = new Set(source.endpoints.filter((row) => row.direction !== 'sends').map((row) => row.accountId))
  for (const route of source.routes)
    for (const [i, target] of route.targets.entries()) {
      const path = `${route.path}.targets[${i}]`
      const account = accounts.get(target.accountId)
      if (account === undefined) findings.error(path, `account ${target.accountId} does not exist`)
      else if (target.sipUserId !== null) {
        const user = users.get(target.sipUserId)
        if (user === undefined) findings.error(path, `SIP user ${target.sipUserId} does not exist`)
        else if (user.accountId !== target.accountId)
          findings.error(path, `SIP user "${user.username}" does not belong to "${account.name}"`)
        else if (account.kind === 'carrier')
          findings.error(path, `SIP user "${user.username}" of a carrier is inbound only and never a target`)
      } else if (!withGateway.has(account.id))
        findings.warn(
          route,
          `targets[${i}]`,
          'route_without_gateway',
          `${account.kind} "${account.name}" has no entry that receives calls`,
        )
    }
}

const fromKey = (route: SourceRoute): string =>
  'accountId' in route.from ? `account ${route.from.accountId}` : route.from.kind

function checkRoutes(source: DirectorySource, findings: Findings): void {
  const accounts = new Set(source.accounts.map((account) => account.id))
  for (const route of source.routes)
    if ('accountId' in route.from && !accounts.has(route.from.accountId))
      findings.error(`${route.path}.from`, `account ${route.from.accountId} does not exist`)
  reportTwice(
    source.routes,
    (route) => (route.enabled ? `${route.prefix}\n${fromKey(route)}` : undefined),
    (route, first) =>
      findings.error(
        `${route.path}.prefix`,
        `an enabled route with prefix "${route.prefix}" and the same from is already at ${first.path}`,
      ),
  )
}

function checkCapacity(source: DirectorySource, findings: Findings): void {
  const accounts = new Map(source.accounts.map((account) => [account.id, account]))
  const taken = new Map<string, number>()
  for (const user of source.sipUsers) {
    const channelsMax = accounts.get(user.accountId)?.channelsMax ?? 0
    if (channelsMax === 0) continue
    const requested = user.channelsMax === 0 ? channelsMax : user.channelsMax
    const remaining = channelsMax - (taken.get(user.accountId) ?? 0)
    taken.set(user.accountId, channelsMax - remaining + requested)
    if (requested > remaining)
      findings.error(
        `${user.path}.channelsMax`,
        `No channel capacity available for your account. Requested ${requested}, remaining ${Math.max(0, remaining)}, limit ${channelsMax}.`,
      )
  }
}

/** All weights of one tier zero: drawn alike, which is seldom meant. */
function checkWeights(gateways: readonly SourceEndpoint[], findings: Findings): void {
  const tiers = new Map<number, SourceEndpoint[]>()
  for (const gateway of gateways) tiers.set(gateway.priority, [...(tiers.get(gateway.priority) ?? []), gateway])
  for (const [priority, members] of tiers)
    if (members.length > 1 && members.every((gateway) => gateway.weight === 0))
      for (const [i, gateway] of members.entries()) {
        const text = `all ${members.length} gateways of priority ${priority} have weight 0: each is drawn alike`
        if (i === 0) findings.warn(gateway, 'weight', 'weights_zero', text)
        else findings.note(gateway, 'weight', 'weights_zero', text)
      }
}

function checkGateways(source: DirectorySource, findings: Findings): void {
  const gateways = new Map<string, SourceEndpoint[]>()
  for (const row of source.endpoints) {
    if (row.direction === 'sends') {
      if (row.outboundProxy.length > 0)
        findings.warn(
          row,
          'outboundProxy',
          'outbound_proxy_unused',
          'has no effect: this entry only sends and is never called',
        )
      continue
    }
    const known = gateways.get(row.accountId)
    if (known === undefined) gateways.set(row.accountId, [row])
    else known.push(row)
  }
  for (const account of source.accounts) {
    const own = gateways.get(account.id) ?? []
    checkWeights(own, findings)
    // The default is 1, so only a number that somebody wrote is worth a word.
    if (own.length === 1 && account.gatewayFailoverMax > 1 && own[0]?.addresses.length === 1)
      findings.warn(
        account,
        'gatewayFailoverMax',
        'failover_single',
        `failover to ${account.gatewayFailoverMax} further gateways has no effect: there is one gateway with one address`,
      )
  }
}

export function checkRows(source: DirectorySource, findings: Findings): void {
  checkNames(source, findings)
  checkOwners(source, findings)
  checkTargets(source, findings)
  checkRoutes(source, findings)
  checkCapacity(source, findings)
  checkGateways(source, findings)
}
