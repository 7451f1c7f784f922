// How a call ended: a word with a mark, the status that the caller got, and why it was refused.
import type { ReactNode } from 'react'
import type { RecordRow } from './record-row.ts'
import { outcomeWord } from './record-row.ts'
import './calls.css'

export function OutcomeWord({ record }: { record: RecordRow }): ReactNode {
  const { outcome, status, reasonPhrase, releaseReason, detail } = record
  return (
    <>
      <span className="outcome" data-outcome={outcome}>
        {outcomeWord(record)}
      </span>
      <span className="second-line">{outcome === 'answered' ? releaseReason : `${status} ${reasonPhrase}`}</span>
      {outcome === 'refused' && detail !== '' ? <span className="second-line">{detail}</span> : null}
    </>
  )
}
