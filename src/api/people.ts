// Set-up, session, users, API keys, audit.
import type { z } from 'zod'
import { idParameter, instantQuery, listQuery, pageOf } from '../contract/api-common.ts'
import {
  apiKeyInput,
  apiKeyView,
  auditEntry,
  createdApiKey,
  me,
  sessionInput,
  setupInput,
  userInput,
  userView,
} from '../contract/api-people.ts'
import type { ApiKeyView, Identity, UserView } from '../control/services.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import { actorOf, addressOf, type ApiApp } from './app.ts'
import { clearSessionCookie, setSessionCookie } from './authenticate.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { fieldsOf, isoTime, isoTimeOrNull, listQueryOf, mapPage } from './lists.ts'
import { basePath } from './operations.ts'

const meOf = ({ actor, role }: Identity): z.output<typeof me> => ({
  kind: actor.kind,
  id: actor.id,
  name: actor.name,
  role,
})

const userListing: Listing<UserView> = {
  fields: fieldsOf('username', 'role', 'createdAt'),
  sort: 'username',
  id: (user) => user.id,
}
const keyListing: Listing<ApiKeyView> = {
  fields: fieldsOf('name', 'role', 'prefix', 'createdAt', 'expiresAt', 'lastUsedAt'),
  sort: 'name',
  id: (key) => key.id,
}

/** Of the time from `from` on and before `to`; further filters: actor, actorKind, address, action, kind, object, name. */
const auditQuery = listQuery.extend({ from: instantQuery.optional(), to: instantQuery.optional() })

const userOf = (user: UserView) => ({ ...user, disabled: false, sessions: 0, createdAt: isoTime(user.createdAt) })

const keyOf = <Key extends ApiKeyView>(key: Key) => ({
  ...key,
  createdAt: isoTime(key.createdAt),
  expiresAt: isoTimeOrNull(key.expiresAt),
  lastUsedAt: isoTimeOrNull(key.lastUsedAt),
})

function addSessionRoutes(app: ApiApp, { people }: ApiContext): void {
  app.post(`${basePath}/setup`, { schema: { body: setupInput, response: { 201: me } } }, async (request, reply) => {
    const { username, password } = request.body
    const identity = await people.setup(request.body, addressOf(request))
    const { session } = await people.signIn(username, password, addressOf(request))
    setSessionCookie(request, reply, session)
    return reply.code(201).send(meOf(identity))
  })
  app.post(`${basePath}/session`, { schema: { body: sessionInput, response: { 200: me } } }, async (request, reply) => {
    const { username, password } = request.body
    const { session, identity } = await people.signIn(username, password, addressOf(request))
    setSessionCookie(request, reply, session)
    return meOf(identity)
  })
  app.delete(`${basePath}/session`, { schema: { response: noContent } }, async (request, reply) => {
    if (request.session !== null) await people.signOut(request.session)
    clearSessionCookie(reply)
    return reply.code(204).send()
  })
  app.get(`${basePath}/me`, { schema: { response: { 200: me } } }, async (request) =>
    meOf({ actor: actorOf(request), role: request.identity?.role ?? 'support' }),
  )
}

function addUserRoutes(app: ApiApp, { people }: ApiContext): void {
  app.get(
    `${basePath}/users`,
    { schema: { querystring: listQuery, response: { 200: pageOf(userView) } } },
    async (request) => {
      return mapPage(pageInMemory(await people.listUsers(), listQueryOf(request.query), userListing), userOf)
    },
  )
  app.post(`${basePath}/users`, { schema: { body: userInput, response: { 201: userView } } }, async (request, reply) =>
    reply.code(201).send(userOf(await people.createUser(request.body, actorOf(request)))),
  )
  app.delete(
    `${basePath}/users/:id`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      await people.removeUser(request.params.id, actorOf(request))
      return reply.code(204).send()
    },
  )
}

function addKeyRoutes(app: ApiApp, { people }: ApiContext): void {
  app.get(
    `${basePath}/api-keys`,
    { schema: { querystring: listQuery, response: { 200: pageOf(apiKeyView) } } },
    async (request) => {
      return mapPage(pageInMemory(await people.listApiKeys(), listQueryOf(request.query), keyListing), keyOf)
    },
  )
  app.post(
    `${basePath}/api-keys`,
    { schema: { body: apiKeyInput, response: { 201: createdApiKey } } },
    async (request, reply) => {
      const { name, role, expiresAt } = request.body
      const input = { name, role, expiresAt: expiresAt === null ? null : Date.parse(expiresAt) }
      return reply.code(201).send(keyOf(await people.createApiKey(input, actorOf(request))))
    },
  )
  app.delete(
    `${basePath}/api-keys/:id`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      await people.removeApiKey(request.params.id, actorOf(request))
      return reply.code(204).send()
    },
  )
}

export function addPeopleRoutes(app: ApiApp, context: ApiContext): void {
  addSessionRoutes(app, context)
  addUserRoutes(app, context)
  addKeyRoutes(app, context)
  app.get(
    `${basePath}/audit`,
    { schema: { querystring: auditQuery, response: { 200: pageOf(auditEntry) } } },
    async (request) => {
      const { from, to } = request.query
      const times = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      const query = { ...listQueryOf(request.query, ['from', 'to']), ...times }
      return mapPage(await context.audit.list(query), (entry) => ({ ...entry, at: isoTime(entry.at) }))
    },
  )
}
