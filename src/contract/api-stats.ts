// HTTP API: statistics, summaries and reports. Times in UTC. Ratios are null where nothing was counted.
import { z } from 'zod'
import { instant, instantQuery } from './api-common.ts'

const metricNames = [
  'attempts',
  'answered',
  'failed',
  'cancelled',
  'talkSeconds',
  'asr',
  'acdSeconds',
  'pddMs',
  'channelsPeak',
  'callsPerSecondPeak',
  'breaches',
] as const
const metricName = z.enum(metricNames)

/**
 * Of whom: `gateway` = what was sent to it, `caller` = what it sent. Default: carriers and gateways as gateway, customers
 * as caller; without account, gateway, endpoint and SIP user the calls of the whole system.
 */
const side = z.enum(['gateway', 'caller'])

const scope = {
  /** Names or ids. */
  account: z.string().max(200).optional(),
  gateway: z.string().max(200).optional(),
  /** An entry as the one that sends: the calls that came from it. */
  endpoint: z.string().max(200).optional(),
  /** The calls that a SIP user sent. */
  sipUser: z.string().max(200).optional(),
  side: side.optional(),
  from: instantQuery.optional(),
  to: instantQuery.optional(),
}

export const statsQuery = z.strictObject({
  ...scope,
  /** Names with commas between them; default all. */
  metric: z
    .string()
    .max(500)
    .default(metricNames.join(','))
    .transform((text, context) => {
      const names = z
        .array(metricName)
        .min(1)
        .safeParse(text.split(',').map((name) => name.trim()))
      if (names.success) return names.data
      context.addIssue({ code: 'custom', message: `names out of ${metricNames.join(', ')}, with commas between them` })
      return z.NEVER
    }),
  /** Minutes are kept for 48 hours, hours for 400 days. Default: minutes up to 6 hours, else hours. */
  step: z.enum(['minute', 'hour']).optional(),
})

export const codesQuery = z.strictObject(scope)

const values = z.array(z.number().nullable())

/** One point for each step of [from, to), in the order of `metrics`; `totals` over all of it, in the same order. */
export const statsAnswer = z
  .object({
    step: z.enum(['minute', 'hour']),
    from: instant,
    to: instant,
    side,
    metrics: z.array(metricName),
    points: z.array(z.object({ at: instant, values })),
    totals: values,
  })
  .meta({
    id: 'Stats',
    examples: [
      {
        step: 'minute',
        from: '2026-01-31T12:00:00.000Z',
        to: '2026-01-31T12:02:00.000Z',
        side: 'gateway',
        metrics: ['attempts', 'asr'],
        points: [
          { at: '2026-01-31T12:00:00.000Z', values: [4, 0.75] },
          { at: '2026-01-31T12:01:00.000Z', values: [0, null] },
        ],
        totals: [4, 0.75],
      },
    ],
  })

/** Final statuses; `status` null = no final reply came. Most frequent first. */
export const codesAnswer = z
  .object({
    from: instant,
    to: instant,
    side,
    items: z.array(z.object({ status: z.int().nullable(), count: z.int() })),
  })
  .meta({
    id: 'StatsCodes',
    examples: [
      {
        from: '2026-01-31T12:00:00.000Z',
        to: '2026-01-31T13:00:00.000Z',
        side: 'gateway',
        items: [
          { status: 200, count: 31 },
          { status: null, count: 2 },
        ],
      },
    ],
  })

/** One number that this carrier does not know, and that was answered all the same. */
const inconsistentNumber = z.object({
  destination: z.string(),
  notFound: z.int(),
  /** Who answered it. */
  answeredBy: z.array(z.string()),
})

const codeConsistency = z.object({
  /** Numbers that this carrier answered with 404. */
  notFound: z.int(),
  /** Of those: answered by another carrier, answered by this one. */
  notFoundElsewhereAnswered: z.int(),
  notFoundHereAnswered: z.int(),
  /** At most 20. */
  examples: z.array(inconsistentNumber),
  /** False = there were more attempts than are looked at; the newest were. */
  complete: z.boolean(),
})

const summaryWindow = z.object({
  name: z.enum(['24h', 'day', 'week', 'month']),
  from: instant,
  to: instant,
  attempts: z.int(),
  answered: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  asr: z.number().nullable(),
  acdSeconds: z.number().nullable(),
  pddMs: z.number().nullable(),
  talkSeconds: z.number(),
  /** What calls to the account cost in this time. */
  cost: z.string(),
  codes: codeConsistency.nullable(),
})

/** The last 24 hours, and today, this week (from Monday) and this month, in UTC. `codes` only on the gateway side. */
export const accountSummary = z.object({ currency: z.string(), side, windows: z.array(summaryWindow) }).meta({
  id: 'AccountSummary',
  examples: [
    {
      currency: 'EUR',
      side: 'gateway',
      windows: [
        {
          name: '24h',
          from: '2026-01-30T12:01:00.000Z',
          to: '2026-01-31T12:00:30.000Z',
          attempts: 40,
          answered: 30,
          failed: 8,
          cancelled: 2,
          asr: 0.75,
          acdSeconds: 181.5,
          pddMs: 1_240,
          talkSeconds: 5_445,
          cost: '1.116225',
          codes: {
            notFound: 3,
            notFoundElsewhereAnswered: 1,
            notFoundHereAnswered: 0,
            examples: [{ destination: '441782000000', notFound: 2, answeredBy: ['Beta'] }],
            complete: true,
          },
        },
      ],
    },
  ],
})

export const reportQuery = z.strictObject({ from: instantQuery.optional(), to: instantQuery.optional() })

const failoverExample = z.object({
  callId: z.string(),
  at: instant,
  destination: z.string(),
  answeredBy: z.string(),
})

const failoverRow = z.object({
  gatewayId: z.string(),
  gateway: z.string(),
  reason: z.string(),
  count: z.int(),
  lastAt: instant,
  /** At most 5, newest first. `callId` is the id of the call record. */
  examples: z.array(failoverExample),
})

/** Signs that a gateway answers calls that nobody took. Shares are fractions (0-1); `others` = all other gateways. */
const falseAnswerHint = z.object({
  gatewayId: z.string(),
  gateway: z.string(),
  kind: z.enum(['shortCalls', 'answeredAtOnce', 'neverRang']),
  answered: z.int(),
  count: z.int(),
  share: z.number(),
  othersShare: z.number().nullable(),
  text: z.string(),
  examples: z.array(z.string()),
})

export const failoverReport = z
  .object({
    from: instant,
    to: instant,
    /** Calls that failed here, and those of them that were answered elsewhere. */
    failed: z.int(),
    answeredElsewhere: z.int(),
    rows: z.array(failoverRow),
    hints: z.array(falseAnswerHint),
    complete: z.boolean(),
  })
  .meta({
    id: 'FailoverReport',
    examples: [
      {
        from: '2026-01-30T12:00:00.000Z',
        to: '2026-01-31T12:00:00.000Z',
        failed: 8,
        answeredElsewhere: 5,
        rows: [
          {
            gatewayId: 'e1',
            gateway: 'acme-1',
            reason: '503 from the gateway',
            count: 5,
            lastAt: '2026-01-31T11:40:00.000Z',
            examples: [
              {
                callId: 'c1',
                at: '2026-01-31T11:40:00.000Z',
                destination: '441782000000',
                answeredBy: 'Beta/beta-1',
              },
            ],
          },
        ],
        hints: [
          {
            gatewayId: 'e1',
            gateway: 'acme-1',
            kind: 'shortCalls',
            answered: 30,
            count: 12,
            share: 0.4,
            othersShare: 0.03,
            text: '12 of 30 answered calls that lasted at most 3 s',
            examples: ['c2', 'c3'],
          },
        ],
        complete: true,
      },
    ],
  })

/** What lists of accounts show: the last hour, and now. */
export const accountFigures = z
  .object({
    balance: z.string(),
    channels: z.int(),
    callsPerSecond: z.number(),
    asr: z.number().nullable(),
    acdSeconds: z.number().nullable(),
    pddMs: z.number().nullable(),
    /** Targets of its gateways by colour. */
    lights: z.object({ green: z.int(), red: z.int() }),
    lastCallAt: instant.nullable(),
  })
  .meta({ id: 'AccountFigures' })

export type MetricName = z.output<typeof metricName>
export type StatsSide = z.output<typeof side>
export type StatsAnswer = z.output<typeof statsAnswer>
export type CodesAnswer = z.output<typeof codesAnswer>
export type AccountSummary = z.output<typeof accountSummary>
export type SummaryWindow = z.output<typeof summaryWindow>
export type FailoverReport = z.output<typeof failoverReport>
export type AccountFigures = z.output<typeof accountFigures>
