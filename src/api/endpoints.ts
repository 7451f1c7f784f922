// Endpoints of all accounts.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import { bulkInput, bulkResult, endpointView } from '../contract/api-config.ts'
import { addressText, parseAddress } from '../contract/address.ts'
import { endpointInput } from '../contract/endpoint.ts'
import type { StoredEndpoint } from '../control/services.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { listQueryOf, mapPage, sendEntityTag, storedView, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService, replacementOf } from './writes.ts'

export const viewOfEndpoint = (endpoint: StoredEndpoint) => ({
  ...storedView(endpoint),
  accountId: endpoint.accountId,
  account: endpoint.account,
  accountKind: endpoint.accountKind,
  hasPassword: endpoint.hasPassword,
  ...endpoint.config,
})

export const endpointExample = { name: 'acme-1', direction: 'receives', addresses: ['192.0.2.10'], weight: 10 }

const endpointQuery = listQuery.extend({
  contains: z.string().max(64).optional(),
  accountId: z.string().max(200).optional(),
})
const endpointChanges = z.object(endpointInput.shape).partial()

function canonicalAddress(text: string): string {
  const address = parseAddress(text.trim())
  if (address !== undefined) return addressText(address)
  const message = `"${text}" is no IPv4 or IPv6 address`
  throw new Fault('invalid', message, { errors: [{ path: 'contains', message }] })
}

export function addEndpointRoutes(app: ApiApp, { config }: ApiContext): void {
  const url = `${basePath}/endpoints/:id`
  app.get(
    `${basePath}/endpoints`,
    { schema: { querystring: endpointQuery, response: { 200: pageOf(endpointView) } } },
    async (request) => {
      const { contains, accountId } = request.query
      const query = {
        ...listQueryOf(request.query, ['contains', 'accountId']),
        ...(contains === undefined ? {} : { contains: canonicalAddress(contains) }),
        ...(accountId === undefined ? {} : { accountId }),
      }
      return mapPage(await config.listEndpoints(query), viewOfEndpoint)
    },
  )
  app.patch(`${basePath}/endpoints`, { schema: { body: bulkInput, response: { 200: bulkResult } } }, async (request) =>
    config.updateEndpoints(request.body.ids, request.body.changes, writeOptionsOf(request)),
  )
  app.get(url, { schema: { params: idParameter, response: { 200: endpointView } } }, async (request, reply) => {
    const endpoint = await config.getEndpoint(request.params.id)
    sendEntityTag(reply, endpoint.etag)
    return viewOfEndpoint(endpoint)
  })
  app.put(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('EndpointFields', endpointInput, endpointExample),
        response: { 200: endpointView },
      },
    },
    async (request, reply) => {
      const input = replacementOf(endpointInput, request.body)
      const endpoint = await config.updateEndpoint(request.params.id, input, writeOptionsOf(request))
      sendEntityTag(reply, endpoint.etag)
      return viewOfEndpoint(endpoint)
    },
  )
  app.patch(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('EndpointChanges', endpointChanges, { weight: 5 }),
        response: { 200: endpointView },
      },
    },
    async (request, reply) => {
      const endpoint = await config.updateEndpoint(request.params.id, request.body, writeOptionsOf(request))
      sendEntityTag(reply, endpoint.etag)
      return viewOfEndpoint(endpoint)
    },
  )
  app.delete(url, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    await config.removeEndpoint(request.params.id, writeOptionsOf(request))
    return reply.code(204).send()
  })
}
