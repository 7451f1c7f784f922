// Set-up, session, users, API keys, audit.
import { z } from 'zod'
import { flagQuery, idParameter, instantQuery, listQuery, pageOf } from '../contract/api-common.ts'
import {
  adminResetInput,
  adminResetResult,
  apiKeyInput,
  apiKeyView,
  auditEntry,
  createdApiKey,
  me,
  passwordChange,
  sessionInput,
  sessionView,
  setupInput,
  userChanges,
  userInput,
  userView,
} from '../contract/api-people.ts'
import type { ApiKeyView, Identity, SessionInfo, UserView } from '../control/services.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import { actorOf, addressOf, type ApiApp, type ApiRequest } from './app.ts'
import { clearSessionCookie, setSessionCookie } from './authenticate.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { fieldsOf, isoTime, isoTimeOrNull, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
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

const userOf = (user: UserView) => ({ ...user, createdAt: isoTime(user.createdAt) })

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
    if (request.session !== null) await people.signOut(request.session, actorOf(request))
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
    reply.code(201).send(userOf(await people.createUser(request.body, writeOptionsOf(request)))),
  )
  app.delete(
    `${basePath}/users/:id`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      await people.removeUser(request.params.id, writeOptionsOf(request))
      return reply.code(204).send()
    },
  )
}

/** The session that asks; an API key has none. */
const ownUserId = (request: ApiRequest): string | null => {
  const { kind, id } = actorOf(request)
  return kind === 'user' ? id : null
}

const sessionListing: Listing<SessionInfo> = {
  fields: fieldsOf('createdAt', 'seenAt', 'address'),
  sort: '-seenAt',
  id: (session) => session.id,
}

function addOwnRoutes(app: ApiApp, { people }: ApiContext): void {
  const path = `${basePath}/me/sessions`
  app.post(
    `${basePath}/me/password`,
    { schema: { body: passwordChange, response: noContent } },
    async (request, reply) => {
      await people.changePassword(actorOf(request), { ...request.body, session: request.session })
      return reply.code(204).send()
    },
  )
  app.get(path, { schema: { querystring: listQuery, response: { 200: pageOf(sessionView) } } }, async (request) => {
    const id = ownUserId(request)
    const sessions = id === null ? [] : await people.listSessions(id, request.session)
    return mapPage(pageInMemory(sessions, listQueryOf(request.query), sessionListing), (session) => ({
      ...session,
      createdAt: isoTime(session.createdAt),
      seenAt: isoTime(session.seenAt),
    }))
  })
  app.delete(
    path,
    { schema: { querystring: z.object({ keepThis: flagQuery }), response: noContent } },
    async (request, reply) => {
      const id = ownUserId(request)
      const keep = request.query.keepThis && request.session !== null ? request.session : undefined
      if (id !== null) await people.endSessions(id, writeOptionsOf(request), keep)
      if (keep === undefined) clearSessionCookie(reply)
      return reply.code(204).send()
    },
  )
}

function addUserChangeRoutes(app: ApiApp, { people }: ApiContext): void {
  const url = `${basePath}/users/:id`
  app.patch(url, { schema: { params: idParameter, body: userChanges, response: { 200: userView } } }, async (request) =>
    userOf(await people.updateUser(request.params.id, request.body, writeOptionsOf(request))),
  )
  app.delete(`${url}/sessions`, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    await people.endSessions(request.params.id, writeOptionsOf(request))
    return reply.code(204).send()
  })
  app.post(
    `${basePath}/admin-reset`,
    { schema: { body: adminResetInput, response: { 200: adminResetResult } } },
    async (request) => {
      const { token, username } = request.body
      return { username, password: await people.resetAdministrator(token, username, addressOf(request)) }
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
      return reply.code(201).send(keyOf(await people.createApiKey(input, writeOptionsOf(request))))
    },
  )
  app.delete(
    `${basePath}/api-keys/:id`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      await people.removeApiKey(request.params.id, writeOptionsOf(request))
      return reply.code(204).send()
    },
  )
}

export function addPeopleRoutes(app: ApiApp, context: ApiContext): void {
  addSessionRoutes(app, context)
  addUserRoutes(app, context)
  addUserChangeRoutes(app, context)
  addOwnRoutes(app, context)
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
