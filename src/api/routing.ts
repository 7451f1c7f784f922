// Routes of numbers, blocked addresses, settings of the system.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import { blockView, routeView, systemView } from '../contract/api-config.ts'
import { type BlockConfig, blockInput, routeInput, systemInput } from '../contract/declarative.ts'
import { automaticPrefix } from '../control/config-views.ts'
import type { Stored } from '../control/services.ts'
import type { ApiApp, ApiReply, ApiRequest } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { listQueryOf, mapPage, sendEntityTag, storedView, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService, replacementOf } from './writes.ts'

const routeExample = { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme', priority: 0, weight: 1 }] }

const viewOf = <Config extends object>(stored: Stored<Config>) => ({ ...storedView(stored), ...stored.config })

function answer<Config extends object>(reply: ApiReply, stored: Stored<Config>) {
  sendEntityTag(reply, stored.etag)
  return viewOf(stored)
}

function addNumberRoutes(app: ApiApp, { config }: ApiContext): void {
  const list = `${basePath}/routes`
  app.get(list, { schema: { querystring: listQuery, response: { 200: pageOf(routeView) } } }, async (request) =>
    mapPage(await config.listRoutes(listQueryOf(request.query)), viewOf),
  )
  app.post(
    list,
    { schema: { body: checkedByService('RouteFields', routeInput, routeExample), response: { 201: routeView } } },
    async (request, reply) => {
      const route = await config.createRoute(request.body, writeOptionsOf(request))
      return reply.code(201).header('location', `${list}/${route.id}`).send(answer(reply, route))
    },
  )
  const url = `${list}/:id`
  app.get(url, { schema: { params: idParameter, response: { 200: routeView } } }, async (request, reply) =>
    answer(reply, await config.getRoute(request.params.id)),
  )
  app.put(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('RouteFields', routeInput, routeExample),
        response: { 200: routeView },
      },
    },
    async (request, reply) => {
      const input = replacementOf(routeInput, request.body)
      return answer(reply, await config.updateRoute(request.params.id, input, writeOptionsOf(request)))
    },
  )
  app.patch(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('RouteChanges', routeInput.partial(), { enabled: false }),
        response: { 200: routeView },
      },
    },
    async (request, reply) =>
      answer(reply, await config.updateRoute(request.params.id, request.body, writeOptionsOf(request))),
  )
  app.delete(url, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    await config.removeRoute(request.params.id, writeOptionsOf(request))
    return reply.code(204).send()
  })
}

const viewOfBlock = (stored: Stored<BlockConfig>) => ({
  ...viewOf(stored),
  automatic: stored.id.startsWith(automaticPrefix),
})

/** Lifts what Tollgate blocked by itself; the next block of this source is a first one again. */
async function liftAutomatic({ edge, audit }: ApiContext, id: string, request: ApiRequest): Promise<void> {
  const address = id.slice(automaticPrefix.length)
  const before = (await edge.ask('automaticBlocks', null)).find((block) => block.address === address)
  if (before === undefined || !(await edge.ask('liftBlock', { address })))
    throw new Fault('not_found', `${address} is not blocked automatically`)
  const { actor, reason = null } = writeOptionsOf(request)
  await audit.add({ actor, action: 'delete', kind: 'block', name: address, reason, before })
}

function addBlockRoutes(app: ApiApp, context: ApiContext): void {
  const { config, edge } = context
  const list = `${basePath}/blocks`
  app.get(list, { schema: { querystring: listQuery, response: { 200: pageOf(blockView) } } }, async (request) =>
    mapPage(await config.listBlocks(listQueryOf(request.query), await edge.ask('automaticBlocks', null)), viewOfBlock),
  )
  app.post(
    list,
    {
      schema: {
        body: checkedByService('BlockFields', blockInput, { address: '203.0.113.66', reason: 'scanner' }),
        response: { 201: blockView },
      },
    },
    async (request, reply) => {
      const block = await config.createBlock(request.body, writeOptionsOf(request))
      sendEntityTag(reply, block.etag)
      return reply.code(201).header('location', `${list}/${block.id}`).send(viewOfBlock(block))
    },
  )
  app.delete(`${list}/:id`, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    const { id } = request.params
    if (id.startsWith(automaticPrefix)) await liftAutomatic(context, id, request)
    else await config.removeBlock(id, writeOptionsOf(request))
    return reply.code(204).send()
  })
}

function addSystemRoutes(app: ApiApp, { config }: ApiContext): void {
  const url = `${basePath}/system`
  app.get(url, { schema: { response: { 200: systemView } } }, async (_request, reply) =>
    answer(reply, await config.getSystem()),
  )
  app.put(
    url,
    {
      schema: {
        body: checkedByService('SystemFields', systemInput, { realm: 'sip.example.net', channelsMax: 1000 }),
        response: { 200: systemView },
      },
    },
    async (request, reply) =>
      answer(reply, await config.updateSystem(replacementOf(systemInput, request.body), writeOptionsOf(request))),
  )
  app.patch(
    url,
    {
      schema: {
        body: checkedByService('SystemChanges', z.object(systemInput.shape).partial(), { channelsMax: 1000 }),
        response: { 200: systemView },
      },
    },
    async (request, reply) => answer(reply, await config.updateSystem(request.body, writeOptionsOf(request))),
  )
}

export function addRoutingRoutes(app: ApiApp, context: ApiContext): void {
  addNumberRoutes(app, context)
  addBlockRoutes(app, context)
  addSystemRoutes(app, context)
}
