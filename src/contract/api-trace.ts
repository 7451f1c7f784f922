// HTTP API: the trace of one call.
import { z } from 'zod'
import { instant } from './api-common.ts'
import { transportName } from './parts.ts'

export const traceView = z
  .object({
    /** The call's id; the Call-ID for a request that never became a call. */
    id: z.string(),
    /** Caller, Tollgate, then the gateways in the order in which they were tried. */
    participants: z.array(
      z.object({
        kind: z.enum(['caller', 'tollgate', 'gateway']),
        name: z.string(),
        account: z.string(),
        addresses: z.array(z.string()),
      }),
    ),
    messages: z.array(
      z.object({
        at: instant,
        /** Since the first message. */
        offsetMs: z.number(),
        direction: z.enum(['in', 'out']),
        transport: transportName,
        /** Positions in `participants`. */
        from: z.int(),
        to: z.int(),
        /** `192.0.2.10:5060`. */
        source: z.string(),
        destination: z.string(),
        callId: z.string(),
        /** Method, or status and method. */
        name: z.string(),
        /** The start line. */
        summary: z.string(),
        /** The whole message; secrets are asterisks. */
        text: z.string(),
      }),
    ),
  })
  .meta({ id: 'Trace' })

export type TraceItem = z.output<typeof traceView>
