// The configuration as a declarative file: by names, without secrets, without what equals the defaults.
import type { AccountKind } from '../contract/account.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { routeConfig } from './configuration.ts'
import type { Configuration, EndpointRow, RouteRow, SipUserRow } from './configuration.ts'
import { documentOf } from './row-codec.ts'

type Json = Record<string, unknown>

function grouped<Item extends EndpointRow | SipUserRow>(rows: Iterable<Item>): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const row of rows) {
    const group = groups.get(row.accountId)
    if (group === undefined) groups.set(row.accountId, [row])
    else group.push(row)
  }
  return groups
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Priority 0 and weight 1 go without saying. */
function routeDocument(configuration: Configuration, row: RouteRow): Json {
  const config = routeConfig(configuration, row.config)
  const targets = config.targets.map(({ priority, weight, ...target }) => ({
    ...target,
    ...(priority === 0 ? {} : { priority }),
    ...(weight === 1 ? {} : { weight }),
  }))
  return documentOf('route', { ...config, targets })
}

/** Sorted by name, so that two exports of the same configuration are the same text. */
export function exportFile(configuration: Configuration): DeclarativeInput {
  const endpoints = grouped(configuration.endpoints.values())
  const sipUsers = grouped(configuration.sipUsers.values())
  const accounts = (kind: AccountKind): Json[] =>
    [...configuration.accounts.values()]
      .filter((row) => row.kind === kind)
      .toSorted((left, right) => byText(left.config.name, right.config.name))
      .map((row) => ({
        ...documentOf(kind, row.config),
        endpoints: (endpoints.get(row.id) ?? [])
          .toSorted((left, right) => byText(left.config.name, right.config.name))
          .map((endpoint) => documentOf('endpoint', endpoint.config)),
        sipUsers: (sipUsers.get(row.id) ?? [])
          .toSorted((left, right) => byText(left.config.username, right.config.username))
          .map((user) => documentOf('sipUser', user.config)),
      }))
  const { realmFixed, ...system } = configuration.system.config
  const realm = realmFixed ? { realm: system.realm } : {}
  const routes = [...configuration.routes.values()].map((row) => routeDocument(configuration, row))
  const blocks = [...configuration.blocks.values()].map((row) => documentOf('block', row.config))
  const routeName = (route: Json): string => JSON.stringify([route['prefix'], route['from']])
  return {
    system: { ...documentOf('system', system), ...realm },
    carriers: accounts('carrier'),
    customers: accounts('customer'),
    routes: routes.toSorted((left, right) => byText(routeName(left), routeName(right))),
    blocks: blocks.toSorted((left, right) => byText(String(left['address']), String(right['address']))),
  } as DeclarativeInput
}
