// Two calls side by side: their ladders, and the chosen message of each with the lines that the other does not have.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { TraceItem } from '../../../src/contract/api-trace.ts'
import { Ladder } from '../kit/ladder.tsx'
import type { LadderMessage, LadderRows } from '../kit/ladder-rows.ts'
import { rowsOfTrace } from '../kit/ladder-rows.ts'
import { ProblemNotice } from '../kit/notice.tsx'
import { RawMessage } from '../kit/raw-message.tsx'
import { useObject } from '../kit/use-object.ts'
import './calls.css'
import { recordPath } from './record-row.ts'
import { tracePath, TraceLinks } from './trace-view.tsx'

interface SideState {
  readonly id: string
  readonly rows: LadderRows | undefined
  readonly problem: ReturnType<typeof useObject>['problem']
}

function useSide(id: string): SideState {
  const { value, problem } = useObject<TraceItem>(tracePath(id))
  const rows = useMemo(() => (value === undefined ? undefined : rowsOfTrace(value)), [value])
  return { id, rows, problem }
}

interface CompareProps {
  readonly id: string
  readonly other: string
  readonly onEnd: () => void
}

export function CompareTraces({ id, other, onEnd }: CompareProps): ReactNode {
  const left = useSide(id)
  const right = useSide(other)
  const [leftAt, setLeftAt] = useState(0)
  const [rightAt, setRightAt] = useState(0)
  const leftMessage = left.rows?.messages[leftAt]
  const rightMessage = right.rows?.messages[rightAt]
  return (
    <section className="panel" aria-labelledby="compare-title">
      <div className="trace-head">
        <h2 id="compare-title">Two calls side by side</h2>
        <Button variant="default" size="xs" onClick={onEnd}>
          End the comparison
        </Button>
      </div>
      <p className="faint">Choose a message on each side. Lines that the other message does not have are marked.</p>
      <div className="two">
        <Side name="This call" side={left} at={leftAt} onChoose={setLeftAt} other={rightMessage} />
        <Side name="The other call" side={right} at={rightAt} onChoose={setRightAt} other={leftMessage} />
      </div>
    </section>
  )
}

interface SideProps {
  readonly name: string
  readonly side: SideState
  readonly at: number
  readonly onChoose: (at: number) => void
  readonly other: LadderMessage | undefined
}

function Side({ name, side, at, onChoose, other }: SideProps): ReactNode {
  const { id, rows, problem } = side
  const message = rows?.messages[at]
  return (
    <div className="form">
      <div className="trace-head">
        <h3>
          {name} <Link to={recordPath(id)}>{id}</Link>
        </h3>
        <TraceLinks id={id} />
      </div>
      <ProblemNotice problem={problem} />
      {rows === undefined ? null : (
        <Ladder label={name} parties={rows.parties} messages={rows.messages} chosen={at} onChoose={onChoose} />
      )}
      {message === undefined ? null : <RawMessage message={message} other={other} />}
    </div>
  )
}
