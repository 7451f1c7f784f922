// What the control thread asks of the signalling thread, and the answers: one function for each question of the seam.
import { printCall } from '../call/print.ts'
import { parseAddress } from '../contract/address.ts'
import { assumeUser } from '../policy/assume-user.ts'
import { Explanation } from '../policy/explanation.ts'
import { identify } from '../policy/identify.ts'
import { refuse } from '../policy/refusals.ts'
import { screen } from '../policy/screen.ts'
import { simulate } from '../policy/simulate.ts'
import type { UnresolvedName } from '../directory/directory.ts'
import type { Refusal, SourceFacts } from '../policy/verdict.ts'
import type { Edge } from './edge.ts'
import { failureSamples, resetFailures } from './failure-report.ts'
import type { EdgeQuestionName, EdgeQuestions, GatewayState, SimulateAnswer, SimulateQuestion } from './seam.ts'

const refusedAnswer = (
  refusal: Refusal,
  explanation: Explanation,
  candidates: SimulateAnswer['candidates'] = [],
): SimulateAnswer => ({
  verdict: 'refuse',
  code: refusal.status,
  reason: refusal.reasonPhrase,
  steps: explanation.steps,
  candidates,
})

/** Blocks that Tollgate made by itself come before everything. */
function screenSource(edge: Edge, facts: SourceFacts, explanation: Explanation): Refusal | undefined {
  const automatic = edge.guard.find(facts.address)
  if (automatic === undefined) return screen(edge.directory, facts, edge.parts.clock.wallMs(), explanation)
  const until = new Date(automatic.until).toISOString()
  const detail = `source ${facts.address} is blocked automatically until ${until}: ${automatic.reason}`
  explanation.add('screen', detail)
  return refuse('source_blocked', { reasonPhrase: 'Forbidden', detail })
}

/** The same functions as for a live call, in the same order; nothing is sent and nothing is taken. */
function answerSimulate(edge: Edge, question: SimulateQuestion): SimulateAnswer {
  const explanation = new Explanation()
  const ip = parseAddress(question.sourceIp)
  if (ip === undefined) throw new Error(`"${question.sourceIp}" is no IP address`)
  const facts: SourceFacts = {
    address: question.sourceIp,
    ip,
    port: question.sourcePort,
    transport: question.transport,
    listener:
      edge.parts.listeners.find((one) => one.protocol === question.transport && one.family === ip.family)?.name ?? '',
    peerNames: question.certificateName === undefined ? undefined : [question.certificateName],
    dialled: question.destination,
    fromUser: question.cli,
    assertedUser: undefined,
  }
  const { directory, context, limits, failures, suspensions } = edge
  const screened = screenSource(edge, facts, explanation)
  if (screened !== undefined) return refusedAnswer(screened, explanation)
  const identified = identify(directory, facts, explanation, suspensions)
  const packet = { facts, suspensions, username: question.username }
  const caller = 'kind' in identified ? assumeUser(directory, packet, identified, explanation) : identified
  if ('kind' in caller) return refusedAnswer(caller, explanation)
  const { health, contacts } = context
  const state = { directory, health, limits, failures, contacts, suspensions, random: edge.parts.random }
  const { verdict, candidates } = simulate(
    state,
    { callId: 'simulation', caller, dialled: question.destination },
    explanation,
  )
  if (verdict !== 'route') return refusedAnswer(verdict, explanation, candidates)
  return { verdict: 'route', code: 200, reason: 'OK', steps: explanation.steps, candidates }
}

/** A name that DNS gives no address for has a row as a target has. */
const nameState = ({ reason, since }: UnresolvedName): ReturnType<Edge['probes']['stateOf']> => ({
  status: 'red',
  reason,
  since,
  lastProbe: null,
  history: [],
})

function gatewayStates(edge: Edge): GatewayState[] {
  return edge.directory.endpoints.flatMap((endpoint) =>
    [
      ...endpoint.targets.map(({ key }) => ({ key, state: edge.probes.stateOf(key) })),
      ...endpoint.unresolved.map((name) => ({ key: name.key, state: nameState(name) })),
    ].map(({ key, state }) => ({
      endpointId: endpoint.id,
      targetKey: key,
      ...state,
      channels: edge.limits.usedChannels('endpoint', endpoint.id),
      callsPerSecond: edge.limits.usedPerSecond('endpoint', endpoint.id),
      failures: edge.failures.count('endpoint', endpoint.id),
      accountFailures: edge.failures.count('account', endpoint.accountId),
    })),
  )
}

type Answers = {
  readonly [Name in EdgeQuestionName]: (edge: Edge, ask: EdgeQuestions[Name]['ask']) => EdgeQuestions[Name]['answer']
}

const answers: Answers = {
  simulate: answerSimulate,
  gateways: gatewayStates,
  accountFailures: (edge) => edge.failures.counts('account'),
  watched: ({ probes, failures, limits }, { targetKeys }) => ({
    targets: probes.watched(new Set(targetKeys)),
    failures: failures.counts('account'),
    use: limits.usesOfAccounts(),
  }),
  resetFailures: (edge, { scope, id }) => {
    resetFailures(edge.directory, edge.failures, scope, id)
    return true
  },
  probe: (edge, { endpointId }) => edge.probes.probeNow(endpointId),
  calls: (edge) =>
    edge.calls
      .values()
      .filter((call) => !call.ended)
      .map((call) => printCall(call, false)),
  call: (edge, { id }) => {
    const call = edge.calls.find(id)
    return call === undefined ? null : printCall(call, true)
  },
  endCall: (edge, { id }) => {
    const call = edge.calls.find(id)
    if (call === undefined || call.ended) return false
    call.release('operator', 'an operator ended the call')
    return true
  },
  limits: (edge, { callsPerScopeMax }) => edge.limits.states(callsPerScopeMax),
  usage: (edge) => edge.limits.takeUse(),
  metrics: (edge) => [
    ...edge.metrics.snapshot(),
    ...(edge.parts.crew?.first === undefined ? onceSamples(edge) : []),
    ...stateSamples(edge),
    ...edge.tracing.samples(),
  ],
  trace: (edge, { key }) => edge.tracing.find(key) ?? null,
  automaticBlocks: (edge) => edge.guard.list(),
  liftBlock: (edge, { address }) => edge.guard.lift(address),
  startTestCall: (edge, order) => edge.testCalls.start(order),
  testCalls: (edge) => edge.testCalls.list(),
  testCall: (edge, { id }) => edge.testCalls.find(id) ?? null,
  rejections: (edge) => edge.rejections.list(),
  registrations: (edge) => [...edge.registrations.list(), ...edge.phones.list()],
  drain: (edge) => {
    edge.drain()
    return { calls: edge.calls.count }
  },
  stop: () => true,
}

/** What is the same for all signalling threads: the first one tells it. */
const onceSamples = (edge: Edge): EdgeQuestions['metrics']['answer'] => [
  ...limitSamples(edge),
  ...gatewaySamples(edge),
  ...failureSamples(edge.directory, edge.failures),
]

/** Limits as gauges, made when somebody asks instead of on each call. */
function limitSamples(edge: Edge): EdgeQuestions['metrics']['answer'] {
  return edge.limits.states(0).flatMap(({ scope, name, kind, limit, used }) => [
    { metric: 'limitUsed' as const, labels: [scope, name, kind], values: [used] },
    { metric: 'limitMax' as const, labels: [scope, name, kind], values: [limit] },
  ])
}

/** What must be zero when nothing runs, so that a leak can be seen. */
function stateSamples(edge: Edge): EdgeQuestions['metrics']['answer'] {
  const { transactions, timers } = edge.leftovers()
  return [
    { metric: 'transactionsActive', labels: [], values: [transactions] },
    { metric: 'callsWaiting', labels: [], values: [edge.context.waiting.count] },
    { metric: 'timersActive', labels: [], values: [timers] },
  ]
}

function gatewaySamples(edge: Edge): EdgeQuestions['metrics']['answer'] {
  const { directory, probes } = edge
  return directory.endpoints.flatMap((endpoint) =>
    [...endpoint.targets, ...endpoint.unresolved].map((place) => ({
      metric: 'gatewayUp' as const,
      labels: [
        directory.accounts[endpoint.accountIndex]?.name ?? '',
        endpoint.name,
        place.key.slice(endpoint.id.length + 1),
      ],
      values: ['reason' in place || probes.find(place.key)?.status === 'red' ? 0 : 1],
    })),
  )
}

/** Answers a question by its name. */
export function answerQuestion(edge: Edge, name: EdgeQuestionName, ask: unknown): unknown {
  const answer = answers[name] as (edge: Edge, ask: unknown) => unknown
  return answer(edge, ask)
}
