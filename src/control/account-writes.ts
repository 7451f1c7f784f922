// Carriers and customers, one at a time.
import { Fault } from '../base/fault.ts'
import { carrierInput, customerInput } from '../contract/account.ts'
import type { AccountKind } from '../contract/account.ts'
import { displayName, findAccount, membersOf, remove, unwritten } from './configuration.ts'
import type { AccountRow, Configuration, Draft, RouteRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { commitRow, found, patched, putUnique } from './config-writes.ts'
import { checkEtag } from './conflicts.ts'
import { invalid, parseInput } from './input-errors.ts'
import type { WriteOptions } from './services.ts'

const schemaOf = (kind: AccountKind): typeof carrierInput => (kind === 'carrier' ? carrierInput : customerInput)

/** By id or by name. */
export function getAccount(configuration: Configuration, kind: AccountKind, idOrName: string): AccountRow {
  const byId = configuration.accounts.get(idOrName)
  return found(byId?.kind === kind ? byId : findAccount(configuration, kind, idOrName), `${kind} ${idOrName}`)
}

export function createAccount(
  engine: ConfigEngine,
  kind: AccountKind,
  input: unknown,
  options: WriteOptions,
): Promise<AccountRow> {
  return engine.change(async (draft) => {
    const config = parseInput(schemaOf(kind), input)
    const row: AccountRow = { ...unwritten, kind, id: engine.newId(draft, kind), config }
    putUnique(draft, row)
    await commitRow(engine, draft, row, options)
    return getAccount(engine.configuration, kind, row.id)
  })
}

/** Puts the account with these changes into the draft. */
export function changeAccount(draft: Draft, old: AccountRow, input: unknown): AccountRow {
  const config = patched(schemaOf(old.kind), old.config, input)
  if (config.currency !== old.config.currency)
    throw invalid([{ path: 'currency', message: `the currency is fixed: it stays ${old.config.currency}` }])
  const row = { ...old, config }
  putUnique(draft, row)
  return row
}

export function updateAccount(
  engine: ConfigEngine,
  target: { readonly kind: AccountKind; readonly id: string },
  input: unknown,
  options: WriteOptions,
): Promise<AccountRow> {
  return engine.change(async (draft) => {
    const old = getAccount(draft, target.kind, target.id)
    await checkEtag(engine, old, options, input)
    await commitRow(engine, draft, changeAccount(draft, old, input), options)
    return getAccount(engine.configuration, target.kind, old.id)
  })
}

const names = (route: RouteRow, accountId: string): boolean =>
  ('accountId' in route.config.from && route.config.from.accountId === accountId) ||
  route.config.targets.some((target) => target.accountId === accountId)

/** Takes its endpoints and SIP users with it; Fault conflict while a route names the account. */
export function removeAccount(
  engine: ConfigEngine,
  kind: AccountKind,
  id: string,
  options: WriteOptions,
): Promise<void> {
  return engine.change(async (draft) => {
    const row = getAccount(draft, kind, id)
    await checkEtag(engine, row, options)
    const routes = [...draft.routes.values()].filter((route) => names(route, row.id))
    if (routes.length > 0)
      throw new Fault(
        'conflict',
        `routes name ${row.config.name}: ${routes.map((route) => displayName(draft, route)).join(', ')}`,
      )
    for (const member of membersOf(draft, row.id)) remove(draft, member)
    remove(draft, row)
    await commitRow(engine, draft, row, options)
  })
}
