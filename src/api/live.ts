// What happens now: simulate, live calls, limits, refused sources.
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import {
  type CallItem,
  callView,
  limitView,
  type RejectionItem,
  rejectionView,
  simulateAnswer,
  simulateInput,
} from '../contract/api-live.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import type { PrintedCall } from '../call/print.ts'
import type { LimitState, RejectedSource, SimulateQuestion } from '../edge/seam.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { fieldsOf, isoTime, isoTimeOrNull, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { rejectionWords } from './rejection-words.ts'

const callsPerScopeMax = 100
/** Longest number that a simulation takes. */
const numberMax = 128

const callListing: Listing<PrintedCall> = {
  fields: fieldsOf(
    'id',
    'state',
    'startedAt',
    'answeredAt',
    'callerAccount',
    'callerEndpoint',
    'callerSipUser',
    'gateway',
    'dialled',
    'destination',
    'cli',
    'source',
  ),
  sort: '-startedAt',
  id: (call) => call.id,
}
const limitListing: Listing<LimitState> = {
  fields: {
    ...fieldsOf<LimitState>('scope', 'name', 'kind', 'limit', 'used', 'id'),
    limited: ({ limit }) => limit > 0,
    /** How full it is, from 0 to 1; 0 when unlimited. */
    fill: ({ limit, used }) => (limit > 0 ? used / limit : 0),
  },
  sort: 'scope',
  id: ({ name, kind, id }) => `${name} ${kind} ${id}`,
}
const rejectionListing: Listing<RejectedSource> = {
  fields: fieldsOf('address', 'reason', 'count', 'lastAt'),
  sort: '-lastAt',
  id: ({ address, reason }) => `${address} ${reason}`,
}

const viewOf = (call: PrintedCall): CallItem => ({
  ...call,
  startedAt: isoTime(call.startedAt),
  answeredAt: isoTimeOrNull(call.answeredAt),
})

/** The packet as a question that `POST /simulate` takes: it wants numbers of a reasonable length. */
function questionOf(packet: SimulateQuestion): NonNullable<RejectionItem['simulate']> {
  const { certificateName, username: _, destination, cli, ...from } = packet
  const question = { ...from, destination: destination.slice(0, numberMax), cli: cli.slice(0, numberMax) }
  return certificateName === undefined ? question : { ...question, certificateName }
}

const rejectionOf = ({ packet, lastAt, explanation, ...row }: RejectedSource): RejectionItem => ({
  ...row,
  text: rejectionWords(row.reason),
  lastAt: isoTime(lastAt),
  explanation: [...explanation],
  simulate: packet === null ? null : questionOf(packet),
})

function addSimulateRoute(app: ApiApp, { edge }: ApiContext): void {
  app.post(
    `${basePath}/simulate`,
    { schema: { body: simulateInput, response: { 200: simulateAnswer } } },
    async (request) => {
      const answer = await edge.ask('simulate', request.body)
      return {
        ...answer,
        steps: [...answer.steps],
        candidates: answer.candidates.map(({ excluded, ...rest }) =>
          excluded === undefined ? rest : { ...rest, excluded },
        ),
      }
    },
  )
}

function addCallRoutes(app: ApiApp, { audit, edge }: ApiContext): void {
  app.get(
    `${basePath}/calls`,
    { schema: { querystring: listQuery, response: { 200: pageOf(callView) } } },
    async (request) => {
      return mapPage(pageInMemory(await edge.ask('calls', null), listQueryOf(request.query), callListing), viewOf)
    },
  )
  const url = `${basePath}/calls/:id`
  const missing = (id: string): Fault => new Fault('not_found', `No live call "${id}"`)
  app.get(url, { schema: { params: idParameter, response: { 200: callView } } }, async (request) => {
    const call = await edge.ask('call', request.params)
    if (call === null) throw missing(request.params.id)
    return viewOf(call)
  })
  app.delete(url, { schema: { params: idParameter, response: noContent } }, async (request, reply) => {
    const { id } = request.params
    const call = await edge.ask('call', { id })
    if (call === null || !(await edge.ask('endCall', { id }))) throw missing(id)
    const { actor, reason = null } = writeOptionsOf(request)
    await audit.add({ actor, action: 'end', kind: 'call', name: id, reason, before: viewOf(call) })
    return reply.code(204).send()
  })
}

export function addLiveRoutes(app: ApiApp, context: ApiContext): void {
  const { config, edge } = context
  addSimulateRoute(app, context)
  addCallRoutes(app, context)
  app.get(
    `${basePath}/limits`,
    { schema: { querystring: listQuery, response: { 200: pageOf(limitView) } } },
    async (request) => {
      const states = await edge.ask('limits', { callsPerScopeMax })
      const page = pageInMemory(states, listQueryOf(request.query), limitListing)
      return mapPage(page, (state) => ({
        ...state,
        accountKind: state.scope === 'account' ? (config.kindOfAccount(state.id) ?? null) : null,
        calls: [...state.calls],
      }))
    },
  )
  app.get(
    `${basePath}/rejections`,
    { schema: { querystring: listQuery, response: { 200: pageOf(rejectionView) } } },
    async (request) => {
      const page = pageInMemory(await edge.ask('rejections', null), listQueryOf(request.query), rejectionListing)
      return mapPage(page, rejectionOf)
    },
  )
}
