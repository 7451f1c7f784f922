// Test calls: one gateway is asked or called by Tollgate itself, and the ladder is shown as it happens. Who may call which
// number depends on the number: support people may call the test numbers of the system, and no other.
import { Fault } from '../base/fault.ts'
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import {
  testCallInput,
  type TestCallItem,
  type TestCallListItem,
  testCallRow,
  testCallStarted,
  testCallView,
} from '../contract/api-test-calls.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import type { Identity } from '../control/services.ts'
import { bareNumber } from '../directory/bare-number.ts'
import type { TestCallStart, TestCallState } from '../edge/seam.ts'
import { addressOf } from '../trace/arrange.ts'
import { shortName, textOf } from '../trace/ladder.ts'
import { maskSecrets } from '../trace/mask.ts'
import type { TraceMessage } from '../trace/trace.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { endpointIdOf } from './gateways.ts'
import { fieldsOf, isoTime, isoTimeOrNull, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'

const testCallListing: Listing<TestCallState> = {
  fields: fieldsOf(
    'startedAt',
    'method',
    'state',
    'result',
    'text',
    'status',
    'endpointId',
    'gateway',
    'account',
    'target',
    'destination',
    'actor',
  ),
  sort: '-startedAt',
  id: (test) => test.id,
}

function rowOf(state: TestCallState): TestCallListItem {
  const { callId: _, startedAt, endedAt, durations, ...rest } = state
  return { ...rest, startedAt: isoTime(startedAt), endedAt: isoTimeOrNull(endedAt), durations: { ...durations } }
}

function messageOf({ at, direction, protocol, remote, text }: TraceMessage): TestCallItem['ladder'][number] {
  const peer = `${protocol}:${addressOf(remote)}`
  const [from, to] = direction === 'in' ? [peer, 'Tollgate'] : ['Tollgate', peer]
  return { at: isoTime(at), from, to, label: textOf(shortName(text)), raw: textOf(maskSecrets(text)) }
}

/** Why these people may not call this number; undefined = they may. */
async function whyForbidden(
  { config }: ApiContext,
  { role }: Identity,
  destination: string,
): Promise<string | undefined> {
  if (role !== 'support' || destination === '') return undefined
  const { testNumbers } = (await config.getSystem()).config
  if (testNumbers.some((number) => bareNumber(number) === bareNumber(destination))) return undefined
  const which = testNumbers.length === 0 ? 'none is set' : testNumbers.join(', ')
  return `Support people may call the test numbers of the system only (${which}), or send OPTIONS without a number`
}

function idOf(started: TestCallStart, path: string): string {
  if ('id' in started) return started.id
  const { refused, detail } = started
  throw new Fault(refused, detail, { errors: refused === 'invalid' ? [{ path, message: detail }] : [] })
}

export function addTestCallRoutes(app: ApiApp, context: ApiContext): void {
  const { edge, audit } = context
  const url = `${basePath}/test-calls`
  app.post(url, { schema: { body: testCallInput, response: { 201: testCallStarted } } }, async (request, reply) => {
    const { destination, cli, method, target } = request.body
    const { actor, reason = null } = writeOptionsOf(request)
    const forbidden = request.identity === null ? '' : await whyForbidden(context, request.identity, destination)
    if (forbidden !== undefined) throw new Fault('forbidden', forbidden)
    const endpointId = await endpointIdOf(context, request.body.endpointId)
    const order = { endpointId, target: target ?? null, destination, cli, method, actor: actor.name }
    const id = idOf(await edge.ask('startTestCall', order), target === undefined ? 'endpointId' : 'target')
    const after = { id, method, destination, cli }
    await audit.add({ actor, action: 'test', kind: 'endpoint', name: endpointId, reason, before: null, after })
    return reply.code(201).send({ id })
  })
  app.get(url, { schema: { querystring: listQuery, response: { 200: pageOf(testCallRow) } } }, async (request) =>
    mapPage(pageInMemory(await edge.ask('testCalls', null), listQueryOf(request.query), testCallListing), rowOf),
  )
  app.get(`${url}/:id`, { schema: { params: idParameter, response: { 200: testCallView } } }, async (request) => {
    const { id } = request.params
    const test = await edge.ask('testCall', { id })
    if (test === null)
      throw new Fault('not_found', `No test call "${id}": only the last ones are kept, until a restart`)
    const { messages, ...state } = test
    return { ...rowOf(state), callId: state.callId, ladder: messages.map((message) => messageOf(message)) }
  })
}
