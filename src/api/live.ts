// What happens now: simulate, live calls, limits, refused sources.
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import {
  type CallItem,
  callView,
  limitView,
  rejectionView,
  simulateAnswer,
  simulateInput,
} from '../contract/api-live.ts'
import type { LiveCall } from '../edge/seam.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { noContent } from './documents.ts'
import { isoTime, isoTimeOrNull, listQueryOf, pageOfItems } from './lists.ts'
import { basePath } from './operations.ts'

const callsPerScopeMax = 100

const viewOf = (call: LiveCall): CallItem => ({
  ...call,
  startedAt: isoTime(call.startedAt),
  answeredAt: isoTimeOrNull(call.answeredAt),
})

function addSimulateRoute(app: ApiApp, { edge }: ApiContext): void {
  app.post(
    `${basePath}/simulate`,
    { schema: { body: simulateInput, response: { 200: simulateAnswer } } },
    async (request) => {
      const { username, ...question } = request.body
      if (username !== undefined)
        throw new Fault('not_in_this_version', 'SIP users are not identified by digest in this version', {
          errors: [{ path: 'username', message: 'not in this version' }],
        })
      const answer = await edge.ask('simulate', question)
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

function addCallRoutes(app: ApiApp, { edge, log }: ApiContext): void {
  const fields = [
    'callerAccount',
    'callerEndpoint',
    'gateway',
    'state',
    'destination',
    'dialled',
    'cli',
    'source',
    'id',
    'startedAt',
    'answeredAt',
  ] as const
  app.get(
    `${basePath}/calls`,
    { schema: { querystring: listQuery, response: { 200: pageOf(callView) } } },
    async (request) => {
      const calls = await edge.ask('calls', null)
      const page = pageOfItems(calls, listQueryOf(request.query), fields)
      return { ...page, items: page.items.map((call) => viewOf(call)) }
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
    if (!(await edge.ask('endCall', { id }))) throw missing(id)
    log.info('call ended by operator', { call: id, by: request.identity?.actor.name ?? '' })
    return reply.code(204).send()
  })
}

export function addLiveRoutes(app: ApiApp, context: ApiContext): void {
  const { edge } = context
  addSimulateRoute(app, context)
  addCallRoutes(app, context)
  app.get(
    `${basePath}/limits`,
    { schema: { querystring: listQuery, response: { 200: pageOf(limitView) } } },
    async (request) => {
      const states = await edge.ask('limits', { callsPerScopeMax })
      const limits = states.map((state) => ({ ...state, calls: [...state.calls] }))
      return pageOfItems(limits, listQueryOf(request.query), ['scope', 'name', 'kind', 'limit', 'used', 'id'])
    },
  )
  app.get(
    `${basePath}/rejections`,
    { schema: { querystring: listQuery, response: { 200: pageOf(rejectionView) } } },
    async (request) => {
      const rows = (await edge.ask('rejections', null)).map((row) => ({ ...row, lastAt: isoTime(row.lastAt) }))
      return pageOfItems(rows, listQueryOf(request.query), ['address', 'reason', 'count', 'lastAt'])
    },
  )
}
