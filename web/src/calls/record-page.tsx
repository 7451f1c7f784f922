// One call: what became of it, why, each attempt, and its messages. A call that still runs has only its messages.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Explanation } from '../kit/explanation.tsx'
import { formatInstant, formatMaybe, formatTalk } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Facts, Page } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { useView } from '../kit/use-view.ts'
import { Attempts } from './attempts.tsx'
import './calls.css'
import { CompareTraces } from './compare-traces.tsx'
import type { RecordRow } from './record-row.ts'
import { callerText, lastGateway, outcomeText } from './record-row.ts'
import { TraceView } from './trace-view.tsx'

/** A call that still runs has no record yet: it appears here when the call ends, and its messages as they come. */
const untilFoundMs = 2_000

export function RecordPage({ id }: { id: string }): ReactNode {
  const [view, change] = useView()
  const record = useObject<RecordRow>(`/call-records/${encodeURIComponent(id)}`, { untilFoundMs })
  const { with: other = '' } = view
  const title = record.value === undefined ? 'Call' : `Call to ${record.value.destination || 'no number'}`
  return (
    <Page title={title} above={<Link to="/records">Call records</Link>}>
      {record.problem?.status === 404 ? (
        <Notice tone="blue">
          There is no record of this call: it may still be running, or be older than records are kept. What was traced
          of it stands below.
        </Notice>
      ) : (
        <ProblemNotice problem={record.problem} />
      )}
      {record.value === undefined ? null : <Summary record={record.value} />}
      {other === '' ? (
        <TraceView id={id} live={record.value === undefined} onCompare={(wanted) => change({ with: wanted })} />
      ) : (
        <CompareTraces id={id} other={other} onEnd={() => change({ with: '' })} />
      )}
    </Page>
  )
}

const costText = ({ cost, costCurrency }: RecordRow): string =>
  cost === null || cost === undefined ? 'no rate' : `${cost} ${costCurrency ?? ''}`

const factsOf = (record: RecordRow): readonly (readonly [string, ReactNode])[] => [
  ['Caller', record.callerAccount ?? 'unknown'],
  ['Known by', callerText(record)],
  ['Source', `${record.sourceTransport} ${record.sourceAddress}:${record.sourcePort}`],
  ['CLI', record.cli],
  ['Dialled', record.dialled],
  ['Destination', record.destination],
  ['Route', record.routePrefix === null ? 'none' : record.routePrefix === '' ? 'any number' : record.routePrefix],
  ['Gateway', lastGateway(record)?.gateway ?? 'none'],
  ['Started', formatInstant(record.startedAt)],
  ['Until it rang', formatMaybe(record.setupMs, 'ms')],
  ['Rang for', formatMaybe(record.ringMs, 'ms')],
  ['Talk', record.answeredAt === null ? 'not answered' : formatTalk(record.talkMs)],
  ['Ended', formatInstant(record.endedAt)],
  ['Ended by', `${record.releasedBy} (${record.releaseReason})`],
  ['Cost', costText(record)],
  ['Configuration', `revision ${record.directoryRevision}`],
  ['Call id', <code key="id">{record.id}</code>],
  ['Call-ID of the caller', <code key="callId">{record.callerCallId}</code>],
]

function Summary({ record }: { record: RecordRow }): ReactNode {
  const good = record.outcome === 'answered' || record.outcome === 'cancelled'
  const { detail } = record
  return (
    <>
      <div className="verdict" data-verdict={good ? 'route' : 'refuse'}>
        <strong>{outcomeText(record)}</strong>
        {detail === '' ? null : <span>{detail}</span>}
      </div>
      <div className="two" data-uneven="true">
        <div className="form">
          <section className="panel" id="why">
            <h2>{good ? 'How it was decided' : 'Why?'}</h2>
            <Explanation steps={record.explanation} />
          </section>
          <section className="panel">
            <h2>Attempts</h2>
            <Attempts attempts={record.attempts} />
          </section>
        </div>
        <section className="panel">
          <h2>The call</h2>
          <Facts items={factsOf(record)} />
        </section>
      </div>
    </>
  )
}
