// The trace of a call as JSON, as a ladder in text, as a pcap file. The ending tells which; a Call-ID that has such an
// ending itself is found first.
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { traceView, type TraceItem } from '../contract/api-trace.ts'
import { addressOf, arrange } from '../trace/arrange.ts'
import type { Arrow } from '../trace/arrange.ts'
import { renderLadder, shortName, summaryOf, textOf } from '../trace/ladder.ts'
import { renderPcap } from '../trace/pcap.ts'
import type { Trace } from '../trace/trace.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { isoTime } from './lists.ts'
import { basePath } from './operations.ts'

const traceParameter = z.object({ id: z.string().min(1).max(300) })
const pcapType = 'application/vnd.tcpdump.pcap'

function messageView({ message, from, to }: Arrow, firstMs: number): TraceItem['messages'][number] {
  const { local, remote, direction } = message
  const [source, destination] = direction === 'in' ? [remote, local] : [local, remote]
  return {
    at: isoTime(message.at),
    offsetMs: Math.round((message.monotonicMs - firstMs) * 1_000) / 1_000,
    direction,
    transport: message.protocol,
    from,
    to,
    source: addressOf(source),
    destination: addressOf(destination),
    callId: textOf(message.callId),
    name: textOf(shortName(message.text)),
    summary: textOf(summaryOf(message.text)),
    text: textOf(message.text),
  }
}

function viewOf(trace: Trace): TraceItem {
  const { participants, arrows } = arrange(trace)
  const firstMs = arrows[0]?.message.monotonicMs ?? 0
  return {
    id: textOf(trace.id),
    participants: participants.map((one) => ({ ...one, addresses: [...one.addresses] })),
    messages: arrows.map((arrow) => messageView(arrow, firstMs)),
  }
}

const gone = (id: string): Fault =>
  new Fault(
    'not_found',
    `No trace of "${id}": it was never seen, or it is no longer there. Only failed calls are stored; of all others the last ones are in memory, until newer ones take their place or Tollgate is started anew`,
  )

/** The trace and the ending that is not part of its id. */
async function find({ traces, edge }: ApiContext, id: string): Promise<{ trace: Trace; ending: string }> {
  const look = (key: string): Promise<Trace | undefined> => traces.find(key, (one) => edge.ask('trace', { key: one }))
  const whole = await look(id)
  if (whole !== undefined) return { trace: whole, ending: '' }
  const [, key, ending] = /^(.+)(\.txt|\.pcap)$/s.exec(id) ?? []
  const trace = key === undefined ? undefined : await look(key)
  if (trace === undefined) throw gone(key ?? id)
  return { trace, ending: ending ?? '' }
}

export function addTraceRoutes(app: ApiApp, context: ApiContext): void {
  const content = {
    'application/json': { schema: traceView },
    'text/plain': { schema: z.string() },
    [pcapType]: { schema: z.custom<Buffer>().meta({ type: 'string', format: 'binary' }) },
  }
  app.get(
    `${basePath}/traces/:id`,
    {
      schema: { params: traceParameter, response: { 200: { description: 'JSON; .txt text; .pcap packets', content } } },
    },
    async (request, reply) => {
      const { trace, ending } = await find(context, request.params.id)
      if (ending === '.txt') return reply.type('text/plain; charset=utf-8').send(renderLadder(trace))
      if (ending === '.pcap')
        return reply
          .type(pcapType)
          .header('content-disposition', 'attachment; filename="trace.pcap"')
          .send(renderPcap(trace))
      return reply.send(viewOf(trace))
    },
  )
}
