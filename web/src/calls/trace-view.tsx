// The SIP messages of one call as a ladder, with downloads, and the way to compare them with another call.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { TraceItem } from '../../../src/contract/api-trace.ts'
import { Download } from '../kit/download.tsx'
import { TextField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Ladder } from '../kit/ladder.tsx'
import { rowsOfTrace } from '../kit/ladder-rows.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { useObject } from '../kit/use-object.ts'
import './calls.css'

export const tracePath = (id: string): string => `/traces/${encodeURIComponent(id)}`

export function TraceLinks({ id }: { id: string }): ReactNode {
  return (
    <span className="trace-links">
      <Download path={`${tracePath(id)}.txt`}>Ladder as text</Download>
      <Download path={`${tracePath(id)}.pcap`}>Packets (pcap)</Download>
    </span>
  )
}

const liveMs = 2_000

interface TraceProps {
  readonly id: string
  /** The call still runs: messages are added as they come. */
  readonly live: boolean
  readonly onCompare: (other: string) => void
}

export function TraceView({ id, live, onCompare }: TraceProps): ReactNode {
  const trace = useObject<TraceItem>(tracePath(id), live ? { pollMs: liveMs } : {})
  const rows = useMemo(() => (trace.value === undefined ? undefined : rowsOfTrace(trace.value)), [trace.value])
  return (
    <section className="panel" aria-labelledby="trace-title">
      <div className="trace-head">
        <h2 id="trace-title">Messages{rows === undefined ? '' : ` (${plural(rows.messages.length, 'message')})`}</h2>
        {rows === undefined ? null : <TraceLinks id={id} />}
      </div>
      {trace.problem?.status === 404 ? (
        <Notice tone="blue">{trace.problem.detail}</Notice>
      ) : (
        <ProblemNotice problem={trace.problem} />
      )}
      {rows === undefined ? null : <Ladder label="SIP ladder" parties={rows.parties} messages={rows.messages} />}
      {rows === undefined ? null : <CompareForm onCompare={onCompare} />}
    </section>
  )
}

function CompareForm({ onCompare }: { onCompare: (other: string) => void }): ReactNode {
  const [other, setOther] = useState('')
  return (
    <form
      className="page-tools"
      onSubmit={(event) => {
        event.preventDefault()
        if (other.trim() !== '') onCompare(other.trim())
      }}
    >
      <TextField
        label="Compare with another call"
        placeholder="its call id, or any Call-ID"
        mono
        value={other}
        onChange={setOther}
      />
      <Button type="submit" variant="default" disabled={other.trim() === ''}>
        Compare
      </Button>
    </form>
  )
}
