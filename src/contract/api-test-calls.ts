// HTTP API: test calls (OPTIONS or INVITE of our own to one gateway), and rewrites tried with the server's engine.
import { z } from 'zod'
import { inputError, instant } from './api-common.ts'
import { rewrite } from './parts.ts'

const number = z
  .string()
  .trim()
  .max(128, 'at most 128 characters')
  .regex(/^[^\p{Cc}]*$/u, 'no control characters')

/** `INVITE` calls a number and hangs up at answer; `OPTIONS` asks as a health probe does and calls nobody. */
const method = z.enum(['INVITE', 'OPTIONS'])

export const testCallInput = z
  .strictObject({
    /** Id of an entry that receives calls; its name, where only one has it. */
    endpointId: z.string().min(1).max(200),
    /** As a caller dials it; the gateway's rewrites are applied. Optional for OPTIONS. */
    destination: number.default(''),
    cli: number.default(''),
    method: method.default('INVITE'),
    /** One address of the gateway, as the board shows it (`udp:192.0.2.10:5060`); absent = drawn as for a call. */
    target: z.string().max(300).optional(),
  })
  .superRefine((input, context) => {
    if (input.method === 'INVITE' && input.destination === '')
      context.addIssue({ code: 'custom', path: ['destination'], message: 'a test INVITE needs a number' })
  })
  .meta({
    examples: [{ endpointId: 'e1', destination: '441782000000', cli: '441782111111', method: 'INVITE' }],
  })

export const testCallStarted = z
  .object({ id: z.string() })
  .meta({ id: 'TestCallStarted', examples: [{ id: '7f3a0d9c41b2e650' }] })

/** One message of the ladder. */
const testCallMessage = z.object({
  at: instant,
  /** `Tollgate`, or the other end: `udp:192.0.2.10:5060`. */
  from: z.string(),
  to: z.string(),
  /** Method, or status and method: `INVITE`, `180 INVITE`. */
  label: z.string(),
  /** The whole message; secrets are asterisks. */
  raw: z.string(),
})

/** In milliseconds since the first message was sent; null = it did not happen. */
const testCallDurations = z.object({
  firstReplyMs: z.number().nullable(),
  ringingMs: z.number().nullable(),
  answerMs: z.number().nullable(),
  totalMs: z.number().nullable(),
})

const testCallFields = {
  id: z.string(),
  method,
  /** `ended`: the result is final and nothing more is sent or awaited. */
  state: z.enum(['running', 'ended']),
  /** Known as soon as it is decided, which may be before the end. */
  result: z.enum(['green', 'red']).nullable(),
  /** Why it is green or red, or what is happening now. */
  text: z.string(),
  /** Last SIP status of the gateway; null = none came. */
  status: z.int().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  endpointId: z.string(),
  gateway: z.string(),
  account: z.string(),
  /** `udp:192.0.2.10:5060`; null = the gateway has no address. */
  target: z.string().nullable(),
  destination: z.string(),
  cli: z.string(),
  /** Who started it. */
  actor: z.string(),
  durations: testCallDurations,
}

/** A row of the list. */
export const testCallRow = z.object(testCallFields).meta({ id: 'TestCallRow' })

const example = {
  id: '7f3a0d9c41b2e650',
  method: 'INVITE',
  state: 'ended',
  result: 'green',
  text: 'answered after 1840 ms, then hung up',
  status: 200,
  startedAt: '2026-01-31T12:00:00.000Z',
  endedAt: '2026-01-31T12:00:01.860Z',
  endpointId: 'e1',
  gateway: 'acme-1',
  account: 'Acme',
  target: 'udp:192.0.2.10:5060',
  destination: '441782000000',
  cli: '441782111111',
  actor: 'anna',
  durations: { firstReplyMs: 12, ringingMs: 240, answerMs: 1_840, totalMs: 1_860 },
  callId: 'h2k4c8w1n5t7p3',
  ladder: [
    {
      at: '2026-01-31T12:00:00.000Z',
      from: 'Tollgate',
      to: 'udp:192.0.2.10:5060',
      label: 'INVITE',
      raw: 'INVITE sip:441782000000@192.0.2.10 SIP/2.0\r\n',
    },
  ],
}

export const testCallView = z
  .object({
    ...testCallFields,
    /** SIP Call-ID toward the gateway; null = nothing was sent. The id is the call record's and the trace's (INVITE). */
    callId: z.string().nullable(),
    /** What was sent and received so far. */
    ladder: z.array(testCallMessage),
  })
  .meta({ id: 'TestCall', examples: [example] })

/** Rewrite rows as on an endpoint or SIP user, and the values to try them on. */
export const rewriteTrial = z
  .strictObject({
    rewrites: z
      .array(
        rewrite.extend({
          // Said beside the rule by the answer, while somebody still types it.
          pattern: z.string().max(256, 'at most 256 characters'),
        }),
      )
      .max(100),
    destination: number.default(''),
    cli: number.default(''),
  })
  .meta({
    examples: [
      { rewrites: [{ parameter: 'destination', pattern: '^0', replacement: '44' }], destination: '01782', cli: '' },
    ],
  })

const numbers = z.object({ destination: z.string(), cli: z.string() })

export const rewriteTrialAnswer = z
  .object({
    before: numbers,
    after: numbers,
    /** One for each rule, in order; each works on the result of the one before. */
    steps: z.array(
      z.object({
        /** Position in `rewrites`. */
        rule: z.int(),
        parameter: z.enum(['destination', 'cli']),
        matched: z.boolean(),
        before: z.string(),
        after: z.string(),
      }),
    ),
    /** Rules that cannot be saved as they stand; they are skipped above. */
    errors: z.array(inputError),
  })
  .meta({
    id: 'RewriteTrialAnswer',
    examples: [
      {
        before: { destination: '01782', cli: '' },
        after: { destination: '441782', cli: '' },
        steps: [{ rule: 0, parameter: 'destination', matched: true, before: '01782', after: '441782' }],
        errors: [],
      },
    ],
  })

export type TestCallRequest = z.input<typeof testCallInput>
export type TestCallItem = z.output<typeof testCallView>
export type TestCallListItem = z.output<typeof testCallRow>

export type RewriteTrialResult = z.output<typeof rewriteTrialAnswer>
