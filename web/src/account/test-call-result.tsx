// What came of a test call: green or red in words, the times, and the messages as a ladder.
import type { ReactNode } from 'react'
import type { TestCallItem } from '../../../src/contract/api-test-calls.ts'
import { GreenIcon, RedIcon } from '../kit/icons.tsx'
import { Ladder } from '../kit/ladder.tsx'
import { rowsOfMessages } from '../kit/ladder-rows.ts'

const millis = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} ms`)

export function TestCallResult({ call }: { call: TestCallItem }): ReactNode {
  const { result, durations } = call
  return (
    <section aria-label="Result of the test call" className="test-result">
      <p role="status" className="test-verdict" data-result={result ?? 'running'}>
        {result === 'green' ? <GreenIcon /> : result === 'red' ? <RedIcon /> : null}
        <strong>{result === 'green' ? 'Green' : result === 'red' ? 'Red' : 'Running'}:</strong> {call.text}
      </p>
      <dl className="test-times">
        <Time name="To" value={call.target ?? 'no address'} />
        <Time name="First reply" value={millis(durations.firstReplyMs)} />
        {call.method === 'OPTIONS' ? null : (
          <>
            <Time name="Ringing" value={millis(durations.ringingMs)} />
            <Time name="Answer" value={millis(durations.answerMs)} />
          </>
        )}
      </dl>
      {call.ladder.length === 0 ? null : <Ladder label="Messages" {...rowsOfMessages(call.ladder)} />}
    </section>
  )
}

function Time({ name, value }: { name: string; value: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
