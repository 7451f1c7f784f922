// A declarative file laid over the configuration: names are the keys, absent objects stay (or go, with prune), absent
// secrets stay, absent fields take their defaults. Works on a draft; nothing is in force until it is committed.
import type { InputError } from '../base/fault.ts'
import type { AccountKind } from '../contract/account.ts'
import { declarativeFile } from '../contract/declarative.ts'
import type { DeclarativeFile } from '../contract/declarative.ts'
import {
  findAccount,
  findBlock,
  findEndpoint,
  findRoute,
  findSipUser,
  isRealmFixed,
  membersOf,
  put,
  remove,
  routeFromKey,
  systemId,
  unwritten,
} from './configuration.ts'
import type { AccountRow, Draft, EndpointRow, Row, SystemRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { invalid, joinPath, parseInput } from './input-errors.ts'
import { resolveRoute } from './route-names.ts'
import { sealGateway, sealSipUser, sipPasswordFault } from './row-secrets.ts'
import { resolveSecret } from './secret-input.ts'
import type { SecretInput } from './secret-input.ts'
import { isObject } from './sparse.ts'

type Section = DeclarativeFile['carriers'][number]

export interface AppliedFile {
  readonly draft: Draft
  /** Where each row of the file stands in it, by row id. */
  readonly paths: ReadonlyMap<string, string>
}

class FileApplication {
  readonly draft: Draft
  readonly paths = new Map<string, string>()
  readonly errors: InputError[] = []
  readonly #engine: ConfigEngine

  constructor(engine: ConfigEngine, draft: Draft) {
    this.#engine = engine
    this.draft = draft
  }

  #fault(path: string, message: string): void {
    this.errors.push({ path, message })
  }

  /** Puts the row in and remembers its path; a second row with the same key in one file is an error. */
  #put(row: Row, path: string): void {
    const earlier = this.paths.get(row.id)
    if (earlier !== undefined) this.#fault(path, `the same ${row.kind} as ${earlier}`)
    this.paths.set(row.id, path)
    put(this.draft, row)
  }

  system(file: DeclarativeFile, raw: unknown): void {
    if (file.system === undefined) return
    const section = isObject(raw) ? raw['system'] : undefined
    const named = isObject(section) && section['realm'] !== undefined
    const present = this.draft.system.config
    if (named && isRealmFixed(this.draft) && file.system.realm !== present.realm)
      this.#fault('system.realm', `the realm is fixed: it stays ${present.realm}`)
    const realm = named ? file.system.realm : present.realm
    const config: SystemRow['config'] = { ...file.system, realm, realmFixed: present.realmFixed || named }
    this.#put({ ...this.draft.system, kind: 'system', id: systemId, config }, 'system')
  }

  account(kind: AccountKind, section: Section, raw: unknown, path: string): void {
    const { endpoints, sipUsers, ...config } = section
    const old = findAccount(this.draft, kind, config.name)
    const currency = isObject(raw) && raw['currency'] !== undefined ? config.currency : old?.config.currency
    if (old !== undefined && currency !== old.config.currency)
      this.#fault(joinPath(path, 'currency'), `the currency is fixed: it stays ${old.config.currency}`)
    const row: AccountRow = {
      ...(old ?? unwritten),
      kind,
      id: old?.id ?? this.#engine.newId(this.draft, kind),
      config: { ...config, currency: currency ?? config.currency },
    }
    this.#put(row, path)
    for (const [i, endpoint] of endpoints.entries()) this.#endpoint(row.id, endpoint, `${path}.endpoints[${i}]`)
    for (const [i, user] of sipUsers.entries()) this.#sipUser(row.id, user, `${path}.sipUsers[${i}]`)
  }

  #endpoint(accountId: string, input: Section['endpoints'][number], path: string): void {
    const { password, ...config } = input
    const old = findEndpoint(this.draft, accountId, config.name)
    const id = old?.id ?? this.#engine.newId(this.draft, 'endpoint')
    const sealed = this.#sealed(password, old?.sealed ?? null, joinPath(path, 'password'), (clear, present) =>
      sealGateway(this.#engine.store.secrets, id, clear, present),
    )
    const row: EndpointRow = { ...(old ?? unwritten), kind: 'endpoint', id, accountId, sealed, config }
    this.#put(row, path)
  }

  #sipUser(accountId: string, input: Section['sipUsers'][number], path: string): void {
    const { password, ...config } = input
    const old = findSipUser(this.draft, config.username)
    if (old !== undefined && old.accountId !== accountId) {
      const owner = this.draft.accounts.get(old.accountId)
      this.#fault(
        joinPath(path, 'username'),
        `Duplicate User Detected: ${config.username} belongs to ${owner?.kind ?? ''} ${owner?.config.name ?? ''}`,
      )
      return
    }
    const id = old?.id ?? this.#engine.newId(this.draft, 'sipUser')
    const { realm } = this.draft.system.config
    const sealed = this.#sealed(password, old?.sealed ?? null, joinPath(path, 'password'), (clear, present) => {
      const fault = sipPasswordFault(clear)
      if (fault !== undefined) this.#fault(joinPath(path, 'password'), fault)
      return sealSipUser(this.#engine.store.secrets, { id, username: config.username, realm, clear }, present)
    })
    this.#put({ ...(old ?? unwritten), kind: 'sipUser', id, accountId, sealed, config }, path)
  }

  /** The encrypted form: kept when the file says nothing, removed when it says null. */
  #sealed(
    input: SecretInput | null | undefined,
    present: string | null,
    path: string,
    seal: (clear: string, present: string | null) => string,
  ): string | null {
    if (input === undefined) return present
    if (input === null) return null
    const resolved = resolveSecret(input)
    if (resolved.kind === 'secret') return seal(resolved.clear, present)
    this.#fault(path, resolved.message)
    return present
  }

  route(input: DeclarativeFile['routes'][number], path: string): void {
    const resolved = resolveRoute(this.draft, input)
    if ('errors' in resolved) {
      this.errors.push(...resolved.errors.map((error) => ({ ...error, path: joinPath(path, error.path) })))
      return
    }
    const old = findRoute(this.draft, resolved.body.prefix, routeFromKey(resolved.body.from))
    const id = old?.id ?? this.#engine.newId(this.draft, 'route')
    this.#put({ ...(old ?? unwritten), kind: 'route', id, config: resolved.body }, path)
  }

  block(config: DeclarativeFile['blocks'][number], path: string): void {
    const old = findBlock(this.draft, config.address)
    const id = old?.id ?? this.#engine.newId(this.draft, 'block')
    this.#put({ ...(old ?? unwritten), kind: 'block', id, config }, path)
  }

  /** Removes the accounts that the file does not name, with all that is theirs. */
  pruneAccounts(file: DeclarativeFile): void {
    const names = { carrier: new Set(file.carriers.map(nameOf)), customer: new Set(file.customers.map(nameOf)) }
    for (const account of this.draft.accounts.values()) {
      if (names[account.kind].has(account.config.name)) continue
      for (const member of membersOf(this.draft, account.id)) remove(this.draft, member)
      remove(this.draft, account)
    }
    const users = new Map<string, string>()
    for (const kind of ['carrier', 'customer'] as const)
      for (const section of kind === 'carrier' ? file.carriers : file.customers)
        for (const user of section.sipUsers) users.set(user.username, `${kind}\n${section.name}`)
    for (const user of this.draft.sipUsers.values()) {
      const owner = this.draft.accounts.get(user.accountId)
      if (users.get(user.config.username) !== `${owner?.kind}\n${owner?.config.name}`) remove(this.draft, user)
    }
  }

  /** Removes what else the file did not name. */
  prune(): void {
    for (const rows of [this.draft.endpoints, this.draft.routes, this.draft.blocks])
      for (const row of rows.values()) if (!this.paths.has(row.id)) remove(this.draft, row)
  }
}

const nameOf = (section: { readonly name: string }): string => section.name

const rawItems = (raw: unknown, name: string): unknown[] => {
  const items = isObject(raw) ? raw[name] : undefined
  return Array.isArray(items) ? items : []
}

/** Fault invalid with every error of the file, each at its path. */
export function applyFile(engine: ConfigEngine, draft: Draft, raw: unknown, prune: boolean): AppliedFile {
  const file = parseInput(declarativeFile, raw)
  const work = new FileApplication(engine, draft)
  work.system(file, raw)
  if (prune) work.pruneAccounts(file)
  for (const [i, section] of file.carriers.entries())
    work.account('carrier', section, rawItems(raw, 'carriers')[i], `carriers[${i}]`)
  for (const [i, section] of file.customers.entries())
    work.account('customer', section, rawItems(raw, 'customers')[i], `customers[${i}]`)
  for (const [i, route] of file.routes.entries()) work.route(route, `routes[${i}]`)
  for (const [i, block] of file.blocks.entries()) work.block(block, `blocks[${i}]`)
  if (work.errors.length > 0) throw invalid(work.errors)
  if (prune) work.prune()
  return { draft: work.draft, paths: work.paths }
}
