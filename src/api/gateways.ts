// The board of gateways: share, green or red, why; probing now; history.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import { type GatewayItem, gatewayRow, healthChange, probeAnswer } from '../contract/api-live.ts'
import type { GatewayBoardRow } from '../control/gateway-board.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import type { HealthChange } from '../edge/seam.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { fieldsOf, isoTime, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'

export const viewOfGateway = (row: GatewayBoardRow): GatewayItem => ({
  endpointId: row.endpointId,
  name: row.name,
  carrier: row.carrier,
  target: row.target,
  share: row.share,
  status: row.status,
  reason: row.reason,
  since: isoTime(row.since),
  lastProbe: row.lastProbe === null ? null : { at: isoTime(row.lastProbe.at), result: row.lastProbe.result },
  channels: row.channels,
  callsPerSecond: row.callsPerSecond,
  channelsMax: row.channelsMax,
  callsPerSecondMax: row.callsPerSecondMax,
  consecutiveFailures: row.consecutiveFailures,
})

const historyListing: Listing<HealthChange & { readonly target: string }> = {
  fields: fieldsOf('at', 'target', 'status', 'reason'),
  sort: '-at',
  id: ({ target, at }) => `${target} ${at}`,
}

/** The endpoint that an id or a name means; a name that two carriers use means none of them. */
export async function endpointIdOf(context: ApiContext, idOrName: string): Promise<string> {
  const board = await context.gatewayBoard()
  if (board.some((row) => row.endpointId === idOrName)) return idOrName
  const ids = new Set(board.filter((row) => row.name === idOrName).map((row) => row.endpointId))
  const [id] = ids
  if (id !== undefined && ids.size === 1) return id
  throw new Fault('not_found', ids.size > 1 ? `Several gateways are called "${idOrName}"` : `No gateway "${idOrName}"`)
}

/** `ENDPOINT_ID/udp:192.0.2.10:5060` -> `udp:192.0.2.10:5060`. */
const targetOf = (targetKey: string): string => targetKey.slice(targetKey.indexOf('/') + 1)

export function addGatewayRoutes(app: ApiApp, context: ApiContext): void {
  app.get(`${basePath}/gateways`, { schema: { response: { 200: z.array(gatewayRow) } } }, async () =>
    (await context.gatewayBoard()).map((row) => viewOfGateway(row)),
  )
  app.post(
    `${basePath}/gateways/:id/probe`,
    { schema: { params: idParameter, response: { 200: probeAnswer } } },
    async (request) => {
      const endpointId = await endpointIdOf(context, request.params.id)
      return { started: await context.edge.ask('probe', { endpointId }) }
    },
  )
  app.post(
    `${basePath}/gateways/:id/reset-failures`,
    { schema: { params: idParameter, response: noContent } },
    async (request, reply) => {
      const id = await endpointIdOf(context, request.params.id)
      await context.edge.ask('resetFailures', { scope: 'endpoint', id })
      const { actor, reason = null } = writeOptionsOf(request)
      const { accountId } = await context.config.getEndpoint(id)
      const what = { kind: 'endpoint', objectId: id, accountId, name: request.params.id }
      await context.audit.add({ actor, action: 'reset failures', ...what, reason, before: null })
      return reply.code(204).send()
    },
  )
  app.get(
    `${basePath}/gateways/:id/history`,
    { schema: { params: idParameter, querystring: listQuery, response: { 200: pageOf(healthChange) } } },
    async (request) => {
      const endpointId = await endpointIdOf(context, request.params.id)
      const states = await context.edge.ask('gateways', null)
      const changes = states
        .filter((state) => state.endpointId === endpointId)
        .flatMap((state) => state.history.map((change) => ({ target: targetOf(state.targetKey), ...change })))
      const page = pageInMemory(changes, listQueryOf(request.query), historyListing)
      return mapPage(page, (change) => ({ ...change, at: isoTime(change.at) }))
    },
  )
}
