// HTTP API: what happens now (gateways, calls, limits, simulation) and what happened (call records).
import { z } from 'zod'
import { instant } from './api-common.ts'
import { addressText, parseAddress } from './address.ts'
import { portNumber, transportName } from './parts.ts'

const light = z.enum(['green', 'red'])

/** One gateway target. `share` is the fraction (0-1) of its carrier's calls that it gets as first choice now. */
export const gatewayRow = z
  .object({
    endpointId: z.string(),
    name: z.string(),
    carrier: z.string(),
    /** `udp:192.0.2.10:5060`. */
    target: z.string(),
    share: z.number(),
    status: light,
    reason: z.string(),
    since: instant,
    lastProbe: z.object({ at: instant, result: z.string() }).nullable(),
    channels: z.int(),
    callsPerSecond: z.number(),
    /** What its entry may carry at most, shared by all its addresses; 0 = unlimited. */
    channelsMax: z.int(),
    callsPerSecondMax: z.int(),
    /** Calls in a row that failed there; from 50 on it gets few calls (backoff). */
    consecutiveFailures: z.int(),
  })
  .meta({
    id: 'Gateway',
    examples: [
      {
        endpointId: 'e1',
        name: 'acme-1',
        carrier: 'Acme',
        target: 'udp:192.0.2.10:5060',
        share: 0.9090909090909091,
        status: 'green',
        reason: 'OPTIONS answered with 200',
        since: '2026-01-31T12:00:00.000Z',
        lastProbe: { at: '2026-01-31T12:00:30.000Z', result: '200 in 12 ms' },
        channels: 12,
        callsPerSecond: 3,
        channelsMax: 30,
        callsPerSecondMax: 10,
        consecutiveFailures: 0,
      },
    ],
  })

export const healthChange = z
  .object({ target: z.string(), at: instant, status: light, reason: z.string() })
  .meta({ id: 'HealthChange' })

export const probeAnswer = z.object({ started: z.boolean() })

/** Would a call from this packet be served, by whom, and why. Nothing is sent, nothing is consumed. */
export const simulateInput = z
  .strictObject({
    sourceIp: z.string().transform((text, context) => {
      const address = parseAddress(text.trim())
      if (address !== undefined) return addressText(address)
      context.addIssue({ code: 'custom', message: `"${text}" is no IPv4 or IPv6 address` })
      return z.NEVER
    }),
    sourcePort: portNumber.default(5_060),
    transport: transportName.default('udp'),
    destination: z.string().max(128),
    cli: z.string().max(128).default(''),
    /** SIP user that would answer the challenge. */
    username: z.string().min(1).max(64).optional(),
    /** Name that the TLS certificate of the caller would prove. */
    certificateName: z.string().min(1).max(253).toLowerCase().optional(),
  })
  .meta({ examples: [{ sourceIp: '198.51.100.20', destination: '441782000000', cli: '441782111111' }] })

const explanationStep = z.object({ step: z.string(), text: z.string() })

const candidate = z.object({
  account: z.string(),
  gateway: z.string(),
  target: z.string(),
  priority: z.int(),
  share: z.number(),
  /** Why it gets no call; absent = available. */
  excluded: z.string().optional(),
})

export const simulateAnswer = z
  .object({
    verdict: z.enum(['route', 'refuse']),
    /** SIP status of the refusal; 200 for a call that is routed. */
    code: z.int(),
    reason: z.string(),
    steps: z.array(explanationStep),
    candidates: z.array(candidate),
  })
  .meta({
    id: 'Simulation',
    examples: [
      {
        verdict: 'refuse',
        code: 403,
        reason: 'IP Not Authorised',
        steps: [{ step: 'identify', text: '198.51.100.99 is in no range of any enabled endpoint that sends' }],
        candidates: [],
      },
    ],
  })

export const callView = z
  .object({
    id: z.string(),
    state: z.string(),
    startedAt: instant,
    answeredAt: instant.nullable(),
    callerAccount: z.string(),
    callerEndpoint: z.string().nullable(),
    callerSipUser: z.string().nullable(),
    gateway: z.string().nullable(),
    dialled: z.string(),
    destination: z.string(),
    cli: z.string(),
    source: z.string(),
    /** Everything else that is known of the call. */
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Call' })

export const limitView = z
  .object({
    scope: z.enum(['system', 'account', 'endpoint', 'sipUser', 'route']),
    id: z.string(),
    name: z.string(),
    /** Of an account; null for everything else. */
    accountKind: z.enum(['carrier', 'customer']).nullable(),
    kind: z.enum(['channels', 'callsPerSecond']),
    /** 0 = unlimited. */
    limit: z.int(),
    used: z.number(),
    /** Ids of the calls behind a number of channels; at most 100. */
    calls: z.array(z.string()),
  })
  .meta({ id: 'Limit' })

const attemptView = z.object({
  endpointId: z.string(),
  accountId: z.string(),
  gateway: z.string(),
  account: z.string(),
  target: z.string(),
  callId: z.string(),
  /** The number as it was sent there. */
  destination: z.string(),
  startedAt: instant,
  firstReplyAt: instant.nullable(),
  ringingAt: instant.nullable(),
  endedAt: instant,
  status: z.int().nullable(),
  reason: z.string(),
})

/** One call with a row for each attempt. Durations in milliseconds. */
export const callRecordView = z
  .object({
    id: z.string(),
    startedAt: instant,
    firstReplyAt: instant.nullable(),
    ringingAt: instant.nullable(),
    answeredAt: instant.nullable(),
    endedAt: instant,
    setupMs: z.number().nullable(),
    ringMs: z.number().nullable(),
    talkMs: z.number(),
    sourceAddress: z.string(),
    sourcePort: z.int(),
    sourceTransport: z.string(),
    callerAccountId: z.string().nullable(),
    callerAccount: z.string().nullable(),
    callerEndpointId: z.string().nullable(),
    callerEndpoint: z.string().nullable(),
    callerSipUserId: z.string().nullable(),
    callerSipUser: z.string().nullable(),
    callerCallId: z.string(),
    routePrefix: z.string().nullable(),
    dialled: z.string(),
    destination: z.string(),
    cli: z.string(),
    outcome: z.enum(['answered', 'failed', 'cancelled', 'refused']),
    status: z.int(),
    reasonPhrase: z.string(),
    releaseReason: z.string(),
    releasedBy: z.enum(['caller', 'gateway', 'edge']),
    detail: z.string(),
    directoryRevision: z.int(),
    /** What the call cost, in decimal text; null = not answered, or nobody had a price for it. */
    cost: z.string().nullable(),
    costCurrency: z.string().nullable(),
    /** Of the rate line that gave the price. */
    ratePrefix: z.string().nullable(),
    attempts: z.array(attemptView),
    explanation: z.array(explanationStep),
  })
  .meta({ id: 'CallRecord' })

/** A source that was refused before a call existed, counted. */
export const rejectionView = z
  .object({
    address: z.string(),
    /** Stable, and a label of metrics. */
    reason: z.string(),
    /** What it means and what to do about it. */
    text: z.string(),
    count: z.int(),
    lastAt: instant,
    /** Of the last request: its first line, its Call-ID (its messages: `/traces/CALLID`), how it was decided. */
    sample: z.string(),
    callId: z.string().nullable(),
    explanation: z.array(explanationStep),
    /** The same request for `POST /simulate`: what would happen now; null = it was not looked at. */
    simulate: z
      .object({
        sourceIp: z.string(),
        sourcePort: z.int(),
        transport: transportName,
        destination: z.string(),
        cli: z.string(),
        certificateName: z.string().optional(),
      })
      .nullable(),
  })
  .meta({
    id: 'Rejection',
    examples: [
      {
        address: '198.51.100.99',
        reason: 'source_unknown',
        text: 'No enabled entry that sends, of an active account, lists this address.',
        count: 12,
        lastAt: '2026-01-31T12:00:00.000Z',
        sample: 'INVITE sip:441782000000@192.0.2.1',
        callId: '1-2345@198.51.100.99',
        explanation: [{ step: 'identify', text: '198.51.100.99 is in no range of any enabled endpoint that sends' }],
        simulate: {
          sourceIp: '198.51.100.99',
          sourcePort: 5_060,
          transport: 'udp',
          destination: '441782000000',
          cli: '441782111111',
        },
      },
    ],
  })

/** A registration; `out`: ours at a carrier, `in`: the device of a SIP user here. */
export const registrationView = z
  .object({
    direction: z.enum(['in', 'out']),
    /** Of the endpoint, or of the SIP user. */
    endpointId: z.string(),
    name: z.string(),
    account: z.string(),
    registrar: z.string(),
    contact: z.string(),
    state: z.enum(['registering', 'registered', 'failing', 'refused', 'ending', 'ended']),
    reason: z.string(),
    since: instant,
    expiresAt: instant.nullable(),
    nextAt: instant.nullable(),
  })
  .meta({ id: 'Registration' })

/** Data of the SSE event `gateways`: the whole board, once for each stream. */
const boardWhole = z.object({ revision: z.int(), gateways: z.array(gatewayRow) })

/** Data of `gatewaysChanged`: what leads from the state `since` to the state `revision`. */
const boardChange = z.object({
  since: z.int(),
  revision: z.int(),
  changed: z.array(gatewayRow),
  removed: z.array(z.object({ endpointId: z.string(), target: z.string() })),
})

/** Data of the SSE event `health`: one target changed its colour or its reason. */
const healthEvent = z
  .object({
    endpointId: z.string(),
    name: z.string(),
    carrier: z.string(),
    target: z.string(),
    status: light,
    reason: z.string(),
    since: instant,
  })
  .meta({ id: 'HealthEvent' })

/** What does not keep calls from being carried, but needs somebody: a full disk. */
const troubles = z.array(z.string()).meta({ description: 'What needs somebody although calls go on, like a full disk' })

export const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()), troubles })
export const statusView = z
  .object({
    version: z.string(),
    revision: z.int(),
    ready: z.boolean(),
    reasons: z.array(z.string()),
    troubles,
    listeners: z.array(z.string()),
  })
  .meta({ id: 'Status' })

export type GatewayItem = z.output<typeof gatewayRow>
export type BoardWhole = z.output<typeof boardWhole>
export type BoardChange = z.output<typeof boardChange>
export type HealthEvent = z.output<typeof healthEvent>
export type SimulateRequest = z.input<typeof simulateInput>
export type SimulateResult = z.output<typeof simulateAnswer>
export type CallItem = z.output<typeof callView>
export type RegistrationItem = z.output<typeof registrationView>
export type LimitItem = z.output<typeof limitView>
export type CallRecordItem = z.output<typeof callRecordView>
export type StatusItem = z.output<typeof statusView>
export type RejectionItem = z.output<typeof rejectionView>
