// What came of a test call: green or red in words, the times, and the messages as a ladder.
import type { ReactNode } from 'react'
import type { TestCallItem } from '../../../src/contract/api-test-calls.ts'
import { GreenIcon, RedIcon } from '../kit/icons.tsx'

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
      <TestLadder call={call} />
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

const ours = 'Tollgate'

function TestLadder({ call }: { call: TestCallItem }): ReactNode {
  const start = Date.parse(call.startedAt)
  return (
    <div className="test-ladder">
      <div className="test-ladder-ends" aria-hidden="true">
        <span>{ours}</span>
        <span>{call.gateway}</span>
      </div>
      <ol aria-label="Messages">
        {call.ladder.map((message, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- the ladder only grows at its end
          <li key={at}>
            <details>
              <summary data-way={message.from === ours ? 'out' : 'in'}>
                <span className="test-ladder-time">+{Date.parse(message.at) - start} ms</span>
                <span className="test-ladder-arrow">
                  <span className="only-heard">{message.from === ours ? 'sent: ' : 'received: '}</span>
                  <span className="test-ladder-label">{message.label}</span>
                </span>
              </summary>
              <pre>{message.raw}</pre>
            </details>
          </li>
        ))}
      </ol>
    </div>
  )
}
