// How a call ended: a word with a mark, and the status that the caller got.
import type { ReactNode } from 'react'
import type { RecordRow } from './record-row.ts'
import { outcomeWord } from './record-row.ts'
import './calls.css'

export function OutcomeWord({ record }: { record: RecordRow }): ReactNode {
  const { outcome, status, reasonPhrase, releaseReason } = record
  return (
    <>
      <span className="outcome" data-outcome={outcome}>
        {outcomeWord(record)}
      </span>
      <span className="second-line">{outcome === 'answered' ? releaseReason : `${status} ${reasonPhrase}`}</span>
    </>
  )
}
