// ConfigService (services.ts): reads from the configuration in force, writes through the engine.
import type { AccountKind } from '../contract/account.ts'
import type { BlockConfig, DeclarativeInput, RouteConfig, SystemConfig } from '../contract/declarative.ts'
import type { BulkEntryResult } from '../contract/api-bulk.ts'
import type { BulkAnswer } from '../contract/api-config.ts'
import type { AutomaticBlock } from '../edge/seam.ts'
import type { Directory } from '../directory/directory.ts'
import { changeAccount, createAccount, getAccount, removeAccount, updateAccount } from './account-writes.ts'
import { applyFile } from './apply-file.ts'
import { importEndpoints } from './bulk-entry.ts'
import { changeSeveral } from './bulk-change.ts'
import type { ConfigEngine } from './config-engine.ts'
import {
  accountListing,
  automaticRow,
  blockListing,
  ConfigViews,
  endpointListing,
  endpointsContaining,
  routeListing,
  sipUserListing,
} from './config-views.ts'
import { changeEndpoint, createEndpoint, getEndpoint, removeEndpoint, updateEndpoint } from './endpoint-writes.ts'
import { exportFile } from './export-file.ts'
import { invalid } from './input-errors.ts'
import { pageOf } from './paging.ts'
import type { Draft } from './configuration.ts'
import type { PublishingEdge } from './publisher.ts'
import { getRevision, listRevisions } from './history.ts'
import { rollback } from './rollback.ts'
import { createBlock, createRoute, getRoute, removeBlock, removeRoute, updateRoute } from './route-writes.ts'
import type {
  ApplyResult,
  ConfigService,
  ListQuery,
  NewSipPassword,
  Page,
  Revision,
  Stored,
  StoredAccount,
  StoredEndpoint,
  StoredSipUser,
  WriteOptions,
} from './services.ts'
import {
  changeSipUser,
  createSipUser,
  getSipUser,
  removeSipUser,
  resetSipPassword,
  updateSipUser,
} from './sip-user-writes.ts'
import { updateSystem } from './system-writes.ts'

type StoredBlock = Stored<BlockConfig>

const viewed = <Row, View>(page: Page<Row>, view: (row: Row) => View): Page<View> => ({
  ...page,
  items: page.items.map((row) => view(row)),
})

export class Configurations implements ConfigService {
  readonly #engine: ConfigEngine
  readonly #views: ConfigViews

  constructor(engine: ConfigEngine) {
    this.#engine = engine
    this.#views = new ConfigViews(engine)
  }

  get revision(): number {
    return this.#engine.configuration.revision
  }

  /** The directory in force. */
  get directory(): Directory {
    return this.#engine.publisher.inForce
  }

  /** Publishes the directory in force to this edge, and every later one. */
  attach(edge: PublishingEdge): Promise<void> {
    return this.#engine.change(() => this.#engine.publisher.attach(edge))
  }

  async listAccounts(kind: AccountKind, query: ListQuery): Promise<Page<StoredAccount>> {
    const rows = [...this.#engine.configuration.accounts.values()].filter((row) => row.kind === kind)
    return viewed(pageOf(rows, query, accountListing), this.#views.account)
  }

  kindOfAccount(id: string): AccountKind | undefined {
    return this.#engine.configuration.accounts.get(id)?.kind
  }

  async getAccount(kind: AccountKind, idOrName: string): Promise<StoredAccount> {
    return this.#views.account(getAccount(this.#engine.configuration, kind, idOrName))
  }

  async createAccount(kind: AccountKind, input: unknown, options: WriteOptions): Promise<StoredAccount> {
    return this.#views.account(await createAccount(this.#engine, kind, input, options))
  }

  async updateAccount(kind: AccountKind, id: string, input: unknown, options: WriteOptions): Promise<StoredAccount> {
    return this.#views.account(await updateAccount(this.#engine, { kind, id }, input, options))
  }

  updateAccounts(
    kind: AccountKind,
    ids: readonly string[],
    input: unknown,
    options: WriteOptions,
  ): Promise<BulkAnswer> {
    const change = (draft: Draft, id: string) => changeAccount(draft, getAccount(draft, kind, id), input)
    return changeSeveral(this.#engine, { ids, what: `${kind}s`, change }, options)
  }

  removeAccount(kind: AccountKind, id: string, options: WriteOptions): Promise<void> {
    return removeAccount(this.#engine, kind, id, options)
  }

  async listEndpoints(query: ListQuery & { accountId?: string; contains?: string }): Promise<Page<StoredEndpoint>> {
    const { configuration } = this.#engine
    const all = [...configuration.endpoints.values()]
    const own = query.accountId === undefined ? all : all.filter((row) => row.accountId === query.accountId)
    const rows = query.contains === undefined ? own : endpointsContaining(own, query.contains)
    if (rows === undefined) throw invalid([{ path: 'contains', message: 'an IPv4 or IPv6 address' }])
    return viewed(pageOf(rows, query, endpointListing(configuration)), this.#views.endpoint)
  }

  async getEndpoint(id: string): Promise<StoredEndpoint> {
    return this.#views.endpoint(getEndpoint(this.#engine.configuration, id))
  }

  async createEndpoint(accountId: string, input: unknown, options: WriteOptions): Promise<StoredEndpoint> {
    return this.#views.endpoint(await createEndpoint(this.#engine, accountId, input, options))
  }

  async updateEndpoint(id: string, input: unknown, options: WriteOptions): Promise<StoredEndpoint> {
    return this.#views.endpoint(await updateEndpoint(this.#engine, id, input, options))
  }

  updateEndpoints(ids: readonly string[], input: unknown, options: WriteOptions): Promise<BulkAnswer> {
    const engine = this.#engine
    const change = (draft: Draft, id: string) => changeEndpoint(engine, draft, getEndpoint(draft, id), input)
    return changeSeveral(engine, { ids, what: 'endpoints', change }, options)
  }

  removeEndpoint(id: string, options: WriteOptions): Promise<void> {
    return removeEndpoint(this.#engine, id, options)
  }

  importEndpoints(kind: AccountKind, id: string, input: unknown, options: WriteOptions): Promise<BulkEntryResult> {
    return importEndpoints(this.#engine, { kind, id }, input, options)
  }

  async listSipUsers(query: ListQuery & { accountId?: string }): Promise<Page<StoredSipUser>> {
    const { configuration } = this.#engine
    const all = [...configuration.sipUsers.values()]
    const own = query.accountId === undefined ? all : all.filter((row) => row.accountId === query.accountId)
    return viewed(pageOf(own, query, sipUserListing(configuration)), this.#views.sipUser)
  }

  async getSipUser(idOrName: string): Promise<StoredSipUser> {
    return this.#views.sipUser(getSipUser(this.#engine.configuration, idOrName))
  }

  async createSipUser(accountId: string, input: unknown, options: WriteOptions): Promise<StoredSipUser> {
    return this.#views.sipUser(await createSipUser(this.#engine, accountId, input, options))
  }

  async updateSipUser(idOrName: string, input: unknown, options: WriteOptions): Promise<StoredSipUser> {
    return this.#views.sipUser(await updateSipUser(this.#engine, idOrName, input, options))
  }

  updateSipUsers(idsOrNames: readonly string[], input: unknown, options: WriteOptions): Promise<BulkAnswer> {
    const engine = this.#engine
    const change = (draft: Draft, id: string) => changeSipUser(engine, draft, getSipUser(draft, id), input)
    return changeSeveral(engine, { ids: idsOrNames, what: 'SIP users', change }, options)
  }

  removeSipUser(idOrName: string, options: WriteOptions): Promise<void> {
    return removeSipUser(this.#engine, idOrName, options)
  }

  async resetSipPassword(idOrName: string, input: unknown, options: WriteOptions): Promise<NewSipPassword> {
    const { row, generated, previousUntil } = await resetSipPassword(this.#engine, idOrName, input, options)
    return { user: this.#views.sipUser(row), password: generated, previousValidUntil: previousUntil }
  }

  async listRoutes(query: ListQuery): Promise<Page<Stored<RouteConfig>>> {
    const { configuration } = this.#engine
    const page = pageOf([...configuration.routes.values()], query, routeListing(configuration))
    return viewed(page, this.#views.route)
  }

  async getRoute(id: string): Promise<Stored<RouteConfig>> {
    return this.#views.route(getRoute(this.#engine.configuration, id))
  }

  async createRoute(input: unknown, options: WriteOptions): Promise<Stored<RouteConfig>> {
    return this.#views.route(await createRoute(this.#engine, input, options))
  }

  async updateRoute(id: string, input: unknown, options: WriteOptions): Promise<Stored<RouteConfig>> {
    return this.#views.route(await updateRoute(this.#engine, id, input, options))
  }

  removeRoute(id: string, options: WriteOptions): Promise<void> {
    return removeRoute(this.#engine, id, options)
  }

  async listBlocks(query: ListQuery, automatic: readonly AutomaticBlock[] = []): Promise<Page<StoredBlock>> {
    const rows = [...this.#engine.configuration.blocks.values(), ...automatic.map((block) => automaticRow(block))]
    return viewed(pageOf(rows, query, blockListing), this.#views.block)
  }

  async createBlock(input: unknown, options: WriteOptions): Promise<StoredBlock> {
    return this.#views.block(await createBlock(this.#engine, input, options))
  }

  removeBlock(id: string, options: WriteOptions): Promise<void> {
    return removeBlock(this.#engine, id, options)
  }

  async getSystem(): Promise<Stored<SystemConfig>> {
    return this.#views.system(this.#engine.configuration.system)
  }

  async updateSystem(input: unknown, options: WriteOptions): Promise<Stored<SystemConfig>> {
    return this.#views.system(await updateSystem(this.#engine, input, options))
  }

  apply(input: unknown, options: WriteOptions & { dryRun: boolean; prune: boolean }): Promise<ApplyResult> {
    return this.#engine.change(async (empty) => {
      const { dryRun } = options
      const { draft, paths } = applyFile(this.#engine, empty, input, options.prune)
      const whole = { action: 'apply', text: 'apply' } as const
      const { plan, warnings } = await this.#engine.commit({ draft, paths, options, whole, dryRun })
      return {
        applied: !dryRun && plan.length > 0,
        dryRun,
        revision: this.revision,
        plan,
        warnings,
      }
    })
  }

  diff(input: unknown, prune: boolean): Promise<ApplyResult> {
    const actor = { kind: 'system', id: null, name: 'diff', address: null } as const
    return this.apply(input, { actor, dryRun: true, prune })
  }

  async export(): Promise<DeclarativeInput> {
    return exportFile(this.#engine.configuration)
  }

  revisions({ object, ...query }: ListQuery & { object?: string }): Promise<Page<Revision>> {
    return listRevisions(this.#engine, query, object)
  }

  getRevision(revision: number): Promise<Required<Revision>> {
    return getRevision(this.#engine, revision)
  }

  rollback(revision: number | undefined, options: WriteOptions & { dryRun?: boolean }): Promise<ApplyResult> {
    return rollback(this.#engine, revision, options)
  }
}
