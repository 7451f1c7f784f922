// Carriers and customers with their endpoints: the same routes twice.
import { carrierInput, customerInput, type AccountKind } from '../contract/account.ts'
import type { SuspensionItem } from '../contract/api-alerts.ts'
import { bulkEntryInput, bulkEntryResult } from '../contract/api-bulk.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import {
  bulkInput,
  bulkResult,
  carrierRow,
  carrierView,
  customerRow,
  customerView,
  endpointView,
  replyRulesBody,
} from '../contract/api-config.ts'
import { endpointInput } from '../contract/endpoint.ts'
import { formatMoney } from '../contract/money.ts'
import { figuresOf } from '../control/account-figures.ts'
import type { AccountFiguresRow } from '../control/account-figures.ts'
import type { StoredAccount } from '../control/services.ts'
import type { Suspension, SuspensionView } from '../policy/suspensions.ts'
import type { ApiApp } from './app.ts'
import { bodyBytesMax } from './body.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { endpointExample, viewOfEndpoint } from './endpoints.ts'
import { isoTimeOrNull, listQueryOf, mapPage, sendEntityTag, storedView, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService, replacementOf } from './writes.ts'

const kinds = {
  carrier: {
    component: 'Carrier',
    path: 'carriers',
    input: carrierInput,
    view: carrierView,
    row: carrierRow,
    example: { name: 'Acme', channelsMax: 100 },
  },
  customer: {
    component: 'Customer',
    path: 'customers',
    input: customerInput,
    view: customerView,
    row: customerRow,
    example: { name: 'PBX' },
  },
} as const

/** What accounts are beside their configuration. */
interface LiveState {
  readonly failures: ReadonlyMap<string, number>
  readonly suspensions: SuspensionView
}

const liveStateOf = async ({ edge, suspensions }: ApiContext): Promise<LiveState> => ({
  failures: await edge.ask('accountFailures', null),
  suspensions,
})

const viewOfSuspension = (suspension: Suspension | undefined): SuspensionItem | null =>
  suspension === undefined ? null : { ...suspension, until: isoTimeOrNull(suspension.until) }

const viewOf = (account: StoredAccount, { failures, suspensions }: LiveState) => ({
  ...storedView(account),
  kind: account.kind,
  consecutiveFailures: failures.get(account.id) ?? 0,
  suspension: viewOfSuspension(suspensions.findAny(account.id)),
  ...account.config,
})

/** With what lists show beside the configuration; the rate lines, which may be many, are left out. */
async function listRows(context: ApiContext, accounts: readonly StoredAccount[]) {
  const { ledger, statistics, reports, edge } = context
  const live = await liveStateOf(context)
  const board = await context.gatewayBoard()
  const limits = await edge.ask('limits', { callsPerScopeMax: 0 })
  const figures = await figuresOf(accounts, { ledger, statistics, reports, board, limits })
  return accounts.map((account, i) => {
    const { rates: _rates, ...view } = viewOf(account, live)
    const { balance, lastCallAt, ...rest } = figures[i] as AccountFiguresRow
    return { ...view, summary: { ...rest, balance: formatMoney(balance), lastCallAt: isoTimeOrNull(lastCallAt) } }
  })
}

function addListRoutes(app: ApiApp, context: ApiContext, kind: AccountKind): void {
  const { config } = context
  const { component, path, input, view, row, example } = kinds[kind]
  app.get(
    `${basePath}/${path}`,
    { schema: { querystring: listQuery, response: { 200: pageOf(row) } } },
    async (request) => {
      const page = await config.listAccounts(kind, listQueryOf(request.query))
      return { ...page, items: await listRows(context, page.items) }
    },
  )
  app.post(
    `${basePath}/${path}`,
    { schema: { body: checkedByService(`${component}Fields`, input, example), response: { 201: view } } },
    async (request, reply) => {
      const account = await config.createAccount(kind, request.body, writeOptionsOf(request))
      sendEntityTag(reply, account.etag)
      return reply
        .code(201)
        .header('location', `${basePath}/${path}/${account.id}`)
        .send(viewOf(account, await liveStateOf(context)))
    },
  )
  app.patch(`${basePath}/${path}`, { schema: { body: bulkInput, response: { 200: bulkResult } } }, async (request) =>
    config.updateAccounts(kind, request.body.ids, request.body.changes, writeOptionsOf(request)),
  )
}

function addObjectRoutes(app: ApiApp, context: ApiContext, kind: AccountKind): void {
  const { config } = context
  const { component, path, input, view, example } = kinds[kind]
  const url = `${basePath}/${path}/:id`
  app.get(url, { schema: { params: idParameter, response: { 200: view } } }, async (request, reply) => {
    const account = await config.getAccount(kind, request.params.id)
    sendEntityTag(reply, account.etag)
    return viewOf(account, await liveStateOf(context))
  })
  app.put(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService(`${component}Fields`, input, example),
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const account = await config.updateAccount(kind, id, replacementOf(input, request.body), writeOptionsOf(request))
      sendEntityTag(reply, account.etag)
      return viewOf(account, await liveStateOf(context))
    },
  )
  app.patch(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService(`${component}Changes`, input.partial(), { channelsMax: 50 }),
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const account = await config.updateAccount(kind, id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, account.etag)
      return viewOf(account, await liveStateOf(context))
    },
  )
  app.delete(url, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    const { id } = await config.getAccount(kind, request.params.id)
    await config.removeAccount(kind, id, writeOptionsOf(request))
    return reply.code(204).send()
  })
}

function addLiftRoute(app: ApiApp, context: ApiContext, kind: AccountKind): void {
  const { config, suspensions } = context
  const { path, view } = kinds[kind]
  app.post(
    `${basePath}/${path}/:id/lift-suspension`,
    { schema: { params: idParameter, response: { 200: view } } },
    async (request) => {
      const account = await config.getAccount(kind, request.params.id)
      const { actor, reason = null } = writeOptionsOf(request)
      await suspensions.lift(account.id, { actor, reason })
      return viewOf(account, await liveStateOf(context))
    },
  )
}

function addResetRoute(app: ApiApp, { config, edge, audit, alerts }: ApiContext, kind: AccountKind): void {
  app.post(
    `${basePath}/${kinds[kind].path}/:id/reset-failures`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      const account = await config.getAccount(kind, request.params.id)
      const before = (await edge.ask('accountFailures', null)).get(account.id) ?? 0
      await edge.ask('resetFailures', { scope: 'account', id: account.id })
      alerts.onFailuresReset(account.id)
      const { actor, reason = null } = writeOptionsOf(request)
      const { id } = account
      const what = { kind, objectId: id, accountId: id, name: account.config.name }
      await audit.add({ actor, action: 'reset failures', ...what, reason, before })
      return reply.code(204).send()
    },
  )
}

function addMemberRoutes(app: ApiApp, { config }: ApiContext, kind: AccountKind): void {
  const url = `${basePath}/${kinds[kind].path}/:id/endpoints`
  app.get(
    url,
    { schema: { params: idParameter, querystring: listQuery, response: { 200: pageOf(endpointView) } } },
    async (request) => {
      const { id } = await config.getAccount(kind, request.params.id)
      return mapPage(await config.listEndpoints({ ...listQueryOf(request.query), accountId: id }), viewOfEndpoint)
    },
  )
  app.post(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('EndpointFields', endpointInput, endpointExample),
        response: { 201: endpointView },
      },
    },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const endpoint = await config.createEndpoint(id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, endpoint.etag)
      return reply.code(201).header('location', `${basePath}/endpoints/${endpoint.id}`).send(viewOfEndpoint(endpoint))
    },
  )
}

function addReplyRuleRoutes(app: ApiApp, { config }: ApiContext, kind: AccountKind): void {
  const url = `${basePath}/${kinds[kind].path}/:id/reply-rules`
  app.get(url, { schema: { params: idParameter, response: { 200: replyRulesBody } } }, async (request, reply) => {
    const account = await config.getAccount(kind, request.params.id)
    sendEntityTag(reply, account.etag)
    return { replyRules: account.config.replyRules }
  })
  app.put(
    url,
    { schema: { params: idParameter, body: replyRulesBody, response: { 200: replyRulesBody } } },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const account = await config.updateAccount(kind, id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, account.etag)
      return { replyRules: account.config.replyRules }
    },
  )
}

function addBulkRoute(app: ApiApp, { config }: ApiContext, kind: AccountKind): void {
  app.post(
    `${basePath}/${kinds[kind].path}/:id/endpoints/bulk`,
    {
      bodyLimit: bodyBytesMax.file,
      schema: { params: idParameter, body: bulkEntryInput, response: { 200: bulkEntryResult } },
    },
    async (request) => config.importEndpoints(kind, request.params.id, request.body, writeOptionsOf(request)),
  )
}

export function addAccountRoutes(app: ApiApp, context: ApiContext): void {
  for (const kind of ['carrier', 'customer'] as const) {
    addListRoutes(app, context, kind)
    addObjectRoutes(app, context, kind)
    addResetRoute(app, context, kind)
    addLiftRoute(app, context, kind)
    addMemberRoutes(app, context, kind)
    addBulkRoute(app, context, kind)
    addReplyRuleRoutes(app, context, kind)
  }
}
