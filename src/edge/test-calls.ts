// Test calls: begins them, watches them, keeps the last ones. Red, switched-off and full gateways can be asked for; what
// came of it is said in words.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'
import type { Metrics } from '../base/metrics.ts'
import { randomToken } from '../base/random.ts'
import type { TimerOwner } from '../base/timers.ts'
import type { Call } from '../call/call.ts'
import type { CallContext } from '../call/context.ts'
import { OwnCall } from '../call/own-call.ts'
import type { CallRecord } from '../call/record.ts'
import type { Directory, DirectoryAccount, DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { drawOrder } from '../policy/draw.ts'
import { Explanation } from '../policy/explanation.ts'
import { targetText } from '../policy/rank.ts'
import { applyRewrites } from '../policy/rewrite.ts'
import { suspensionText } from '../policy/suspensions.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { TestCallOrder, TestCallStart, TestCallState } from './seam.ts'
import { TestCall } from './test-call.ts'
import type { TestRun, TestTimes } from './test-call.ts'
import { TestOptions } from './test-options.ts'
import { verdictOnCall } from './test-verdict.ts'
import type { TestVerdict } from './test-verdict.ts'
import type { Tracing } from './tracing.ts'

export interface TestCallParts {
  readonly context: CallContext
  readonly listeners: readonly ListenerInfo[]
  readonly tracing: Pick<Tracing, 'messagesOf'>
  readonly metrics: Metrics
  readonly draining: () => boolean
}

/** How often the messages of running tests are taken over, before newer ones overwrite them in the ring. */
const watchEveryMs = 200

interface Running {
  readonly test: TestCall
  readonly run: () => TestRun
}

const refused = (code: Extract<TestCallStart, { refused: unknown }>['refused'], detail: string): TestCallStart => ({
  refused: code,
  detail,
})

/** Separators mean nothing to telephone networks: `1-1-2` is 112. */
const digitsOf = (number: string): string => number.replaceAll(/[^0-9*#]/g, '')

/** Before or after the gateway's rewrites; a test must never ring there. */
function isEmergency(directory: Directory, endpoint: DirectoryEndpoint, destination: string): boolean {
  const sent = applyRewrites(endpoint.rewrites, 'destination', destination)
  const dialled = new Set([digitsOf(destination), digitsOf(sent)])
  return directory.system.emergencyNumbers.some((number) => dialled.has(digitsOf(number)))
}

const timesOf = ({
  attempts,
  answeredAt,
}: Pick<CallRecord, 'answeredAt'> & { attempts: readonly AttemptTimes[] }): TestTimes | null => {
  const [first] = attempts
  const last = attempts.at(-1)
  if (first === undefined || last === undefined) return null
  const { firstReplyAt, ringingAt } = last
  return { startedAt: first.startedAt, firstReplyAt, ringingAt, answeredAt }
}

type AttemptTimes = Pick<TestTimes, 'startedAt' | 'firstReplyAt' | 'ringingAt'>

const nowText = (call: Call): string => {
  const { currentAttempt } = call
  if (currentAttempt === undefined) return 'starting'
  if (currentAttempt.state === 'calling') return 'waiting for a first reply'
  return currentAttempt.state === 'proceeding' ? 'the gateway is trying' : 'it rings'
}

export class TestCalls implements TimerOwner {
  readonly #parts: TestCallParts
  /** The oldest first. */
  readonly #kept = new Map<string, TestCall>()
  readonly #running = new Map<string, Running>()
  #watching = false

  constructor(parts: TestCallParts) {
    this.#parts = parts
  }

  start(order: TestCallOrder): TestCallStart {
    const { context } = this.#parts
    const directory = context.directory()
    const endpoint = directory.endpoints.find((one) => one.id === order.endpointId)
    const account = directory.accounts[endpoint?.accountIndex ?? -1]
    if (endpoint === undefined || account === undefined) return refused('not_found', `no gateway "${order.endpointId}"`)
    if (this.#parts.draining()) return refused('draining', 'Tollgate is shutting down')
    if (this.#running.size >= bound('testCallsRunningMax'))
      return refused('too_many_requests', `${this.#running.size} test calls are running; wait until one has ended`)
    if (isEmergency(directory, endpoint, order.destination))
      return refused('forbidden', `${order.destination} is, or becomes, an emergency number: tests never call it`)
    const gateway = this.#targetOf(endpoint, order.target)
    if (gateway === undefined && (order.target !== null || endpoint.unresolved.length === 0))
      return refused('invalid', whyNoTarget(endpoint, order.target))
    return { id: this.#open({ order, endpoint, account, gateway }) }
  }

  #targetOf(endpoint: DirectoryEndpoint, wanted: string | null): GatewayTarget | undefined {
    const { contacts, random } = this.#parts.context
    const targets = endpoint.sipUser === undefined ? endpoint.targets : contacts.targetsOf(endpoint)
    return wanted === null ? drawOrder(targets, random, 1)[0] : targets.find((one) => targetText(one) === wanted)
  }

  #open(asked: Asked): string {
    const { clock, random } = this.#parts.context
    const { order, endpoint, account, gateway } = asked
    const id = randomToken(random, 16)
    const target = gateway === undefined ? null : targetText(gateway)
    const test = new TestCall(id, order, { name: endpoint.name, account: account.name, target }, clock.wallMs())
    this.#keep(test)
    if (gateway === undefined) {
      const names = endpoint.unresolved.map(({ name, reason }) => `${name}: ${reason}`)
      this.#decide(test, { result: 'red', text: `nothing was sent: ${names.join('; ')}` })
      test.update({ callIds: [], times: null, status: null, text: '', over: true }, [], clock.wallMs())
      return id
    }
    const run = order.method === 'INVITE' ? this.#invite(test, asked, gateway) : this.#options(test, asked, gateway)
    this.#running.set(id, { test, run })
    this.#look()
    return id
  }

  #keep(test: TestCall): void {
    this.#kept.set(test.id, test)
    for (const [id, { running }] of this.#kept) {
      if (this.#kept.size <= bound('testCallsKeptMax')) return
      if (!running) this.#kept.delete(id)
    }
  }

  #invite(test: TestCall, { order, endpoint, account }: Asked, gateway: GatewayTarget): () => TestRun {
    const { context, listeners } = this.#parts
    let record: CallRecord | undefined
    const listener = context.transport.findListener(gateway.protocol, gateway.address, gateway.listener) ?? listeners[0]
    assert(listener !== undefined, 'there is a listener')
    const { call } = new OwnCall(context, listener, {
      id: test.id,
      gateway,
      destination: order.destination,
      cli: order.cli,
      longestMs: bound('testCallMs'),
      explanation: explain(order, { endpoint, account, gateway }, context),
      onRecord: (made, ranOut) => {
        record = made
        this.#decide(test, verdictOnCall(made, ranOut))
      },
    })
    return () => ({
      callIds: (record ?? call).attempts.map((one) => ('leg' in one ? one.leg.callId : one.callId)),
      times: timesOf(record ?? call),
      status: (record ?? call).attempts.at(-1)?.status ?? null,
      text: nowText(call),
      over: context.calls.find(test.id) === undefined,
    })
  }

  #options(test: TestCall, { order, endpoint }: Asked, gateway: GatewayTarget): () => TestRun {
    const { destination } = order
    const onVerdict = (verdict: TestVerdict): void => this.#decide(test, verdict)
    const options = new TestOptions(this.#parts.context, { endpoint, gateway, destination, onVerdict })
    return () => options.run
  }

  #decide(test: TestCall, verdict: TestVerdict): void {
    const { metrics, context } = this.#parts
    test.decide(verdict, context.clock.wallMs())
    metrics.add(metrics.series('testCalls', test.state.method, verdict.result))
  }

  /** Takes over what happened since the last look. */
  #look(): void {
    const { context, tracing } = this.#parts
    const { clock, timers } = context
    for (const [id, { test, run }] of this.#running) {
      const now = run()
      test.update(now, tracing.messagesOf(now.callIds), clock.wallMs())
      if (!now.over) continue
      this.#running.delete(id)
      if (test.result === undefined) this.#decide(test, { result: 'red', text: 'a fault of Tollgate ended it' })
    }
    if (this.#running.size === 0 || this.#watching) return
    this.#watching = true
    timers.start(clock.nowMs(), watchEveryMs, this, 0)
  }

  onTimer(): void {
    this.#watching = false
    this.#look()
  }

  list(): TestCallState[] {
    this.#look()
    return [...this.#kept.values()].map((test) => test.state).toReversed()
  }

  find(id: string): (TestCallState & { messages: TestCall['messages'] }) | undefined {
    this.#look()
    const test = this.#kept.get(id)
    return test === undefined ? undefined : { ...test.state, messages: test.messages }
  }
}

interface Asked {
  readonly order: TestCallOrder
  readonly endpoint: DirectoryEndpoint
  readonly account: DirectoryAccount
  /** undefined = DNS gives no address. */
  readonly gateway: GatewayTarget | undefined
}

function whyNoTarget(endpoint: DirectoryEndpoint, wanted: string | null): string {
  if (wanted !== null) return `${endpoint.name} has no target ${wanted}`
  return endpoint.sipUser === undefined ? `${endpoint.name} receives no calls` : `${endpoint.name} is not registered`
}

/** What a call would have been kept away by, and a test is not. */
function explain(
  order: TestCallOrder,
  { endpoint, account, gateway }: { endpoint: DirectoryEndpoint; account: DirectoryAccount; gateway: GatewayTarget },
  { health, suspensions }: Pick<CallContext, 'health' | 'suspensions'>,
): Explanation {
  const explanation = new Explanation()
  explanation.add('identify', `a test call that ${order.actor} asked for`)
  const red = health.find(gateway.key)
  const suspension = suspensions.findAny(account.id)
  const reasons = [
    ...(endpoint.state === 'on' ? [] : [`its state is ${endpoint.state}`]),
    ...(account.status === 'active' ? [] : [`its account is ${account.status}`]),
    ...(suspension === undefined ? [] : [`its account is ${suspensionText(suspension)}`]),
    ...(red?.status === 'red' ? [`red: ${red.reason}`] : []),
  ]
  const who = `${endpoint.name} ${targetText(gateway)} of ${account.kind} ${account.name}`
  explanation.add(
    'rank',
    reasons.length === 0 ? `${who}: can take calls` : `${who}: ${reasons.join(', ')}; a test goes there all the same`,
  )
  return explanation
}
