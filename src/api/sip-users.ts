// SIP users of all accounts, and of one; their passwords go in and never come out, but for one that is generated.
import type { z } from 'zod'
import type { AccountKind } from '../contract/account.ts'
import { sipUserInput } from '../contract/account.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import { bulkInput, bulkResult, sipPasswordAnswer, sipPasswordInput, sipUserView } from '../contract/api-config.ts'
import type { NewSipPassword, StoredSipUser } from '../control/services.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { isoTimeOrNull, listQueryOf, mapPage, sendEntityTag, storedView, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService, replacementOf } from './writes.ts'

const viewOf = (user: StoredSipUser) => ({
  ...storedView(user),
  accountId: user.accountId,
  account: user.account,
  accountKind: user.accountKind,
  hasPassword: user.hasPassword,
  ...user.config,
})

const passwordViewOf = ({
  user,
  password,
  previousValidUntil,
}: NewSipPassword): z.output<typeof sipPasswordAnswer> => ({
  id: user.id,
  username: user.config.username,
  password,
  previousValidUntil: isoTimeOrNull(previousValidUntil),
})

const example = { username: '441', password: 'S3cret!pw', allowedAddresses: ['203.0.113.0/24'], channelsMax: 10 }
const fields = checkedByService('SipUserFields', sipUserInput, example)
const changes = checkedByService('SipUserChanges', sipUserInput.partial(), { channelsMax: 20 })

/** The SIP users of carriers, or of customers. */
function addMemberRoutes(app: ApiApp, { config }: ApiContext, kind: AccountKind): void {
  const url = `${basePath}/${kind}s/:id/sip-users`
  app.get(
    url,
    { schema: { params: idParameter, querystring: listQuery, response: { 200: pageOf(sipUserView) } } },
    async (request) => {
      const { id } = await config.getAccount(kind, request.params.id)
      return mapPage(await config.listSipUsers({ ...listQueryOf(request.query), accountId: id }), viewOf)
    },
  )
  app.post(
    url,
    { schema: { params: idParameter, body: fields, response: { 201: sipUserView } } },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const user = await config.createSipUser(id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, user.etag)
      return reply.code(201).header('location', `${basePath}/sip-users/${user.id}`).send(viewOf(user))
    },
  )
}

function addPasswordRoute(app: ApiApp, { config }: ApiContext): void {
  app.post(
    `${basePath}/sip-users/:id/password`,
    {
      schema: {
        params: idParameter,
        body: checkedByService('SipUserNewPassword', sipPasswordInput, { generate: true, overlapSeconds: 3_600 }),
        response: { 200: sipPasswordAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changed = await config.resetSipPassword(id, request.body, writeOptionsOf(request))
      reply.header('cache-control', 'no-store')
      return passwordViewOf(changed)
    },
  )
}

export function addSipUserRoutes(app: ApiApp, context: ApiContext): void {
  const { config } = context
  const url = `${basePath}/sip-users/:id`
  for (const kind of ['carrier', 'customer'] as const) addMemberRoutes(app, context, kind)
  app.get(
    `${basePath}/sip-users`,
    { schema: { querystring: listQuery, response: { 200: pageOf(sipUserView) } } },
    async (request) => mapPage(await config.listSipUsers(listQueryOf(request.query)), viewOf),
  )
  app.patch(`${basePath}/sip-users`, { schema: { body: bulkInput, response: { 200: bulkResult } } }, async (request) =>
    config.updateSipUsers(request.body.ids, request.body.changes, writeOptionsOf(request)),
  )
  app.get(url, { schema: { params: idParameter, response: { 200: sipUserView } } }, async (request, reply) => {
    const user = await config.getSipUser(request.params.id)
    sendEntityTag(reply, user.etag)
    return viewOf(user)
  })
  app.put(
    url,
    { schema: { params: idParameter, body: fields, response: { 200: sipUserView } } },
    async (request, reply) => {
      const input = replacementOf(sipUserInput, request.body)
      // Without a default of its own, what is left out has to be taken away by name.
      const whole = { ...input, digestAlgorithms: input.digestAlgorithms ?? null }
      const user = await config.updateSipUser(request.params.id, whole, writeOptionsOf(request))
      sendEntityTag(reply, user.etag)
      return viewOf(user)
    },
  )
  app.patch(
    url,
    { schema: { params: idParameter, body: changes, response: { 200: sipUserView } } },
    async (request, reply) => {
      const user = await config.updateSipUser(request.params.id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, user.etag)
      return viewOf(user)
    },
  )
  app.delete(url, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    await config.removeSipUser(request.params.id, writeOptionsOf(request))
    return reply.code(204).send()
  })
  addPasswordRoute(app, context)
}
