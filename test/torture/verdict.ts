// Judges what a server did with one message of the table. Silence is a verdict only where the control OPTIONS after it
// was answered.
import type { Expectation, TortureRow } from './table.ts'

export interface Observation {
  /** Status of every answer to the message that was seen, in order, provisional ones too. */
  readonly statuses: readonly number[]
  /** Messages of the row (by Call-ID) that got a final answer. */
  readonly answeredMessages: number
  readonly controlAnswered: boolean
  /** Stream only: the server closed the connection. */
  readonly closed: boolean
}

/** undefined = as expected; else what is wrong. */
export type Verdict = string | undefined

const isFinal = (status: number): boolean => status >= 200

/** Each of these means that the message was taken, in one way or another. */
const taken: ReadonlySet<Expectation> = new Set(['not400', 'forward', 'repair', 'strip', 'accept', '2543-fallback'])

const fits = (expectation: Expectation, status: number): boolean =>
  expectation === 'any-final' || (taken.has(expectation) ? status !== 400 : status === Number(expectation))

function judgeAnswers(row: TortureRow, observed: Observation): Verdict {
  const finals = observed.statuses.filter(isFinal)
  if (row.udp.includes('none'))
    return observed.statuses.length === 0 ? undefined : `answered ${observed.statuses.join(' ')} instead of nothing`
  if (finals.length === 0) return row.silenceAllowed ? undefined : `no final answer instead of ${row.udp.join(' or ')}`
  const wrong = finals.find((status) => !row.udp.some((expectation) => fits(expectation, status)))
  return wrong === undefined ? undefined : `${wrong} instead of ${row.udp.join(' or ')}`
}

export function judgeUdp(row: TortureRow, observed: Observation): Verdict {
  return observed.controlAnswered ? judgeAnswers(row, observed) : 'the control OPTIONS was not answered'
}

/** What is fine over UDP is fine on a stream; what the framing must do comes on top. */
export function judgeStream(row: TortureRow, observed: Observation): Verdict {
  if (!observed.controlAnswered) return 'the control OPTIONS was not answered'
  const answered = observed.statuses.join(' ')
  switch (row.stream) {
    case 'waits':
      if (observed.closed) return 'the connection was closed at once'
      return answered === '' ? undefined : `answered ${answered} before the message was whole`
    case 'closes':
      if (!observed.closed) return 'the connection stayed open after framing was lost'
      return observed.statuses.every((status) => status >= 400) ? undefined : `answered ${answered}`
    case 'two':
      return observed.answeredMessages === 2
        ? undefined
        : `${observed.answeredMessages} of 2 messages got a final answer`
    case 'one':
      break
  }
  if (observed.closed && row.fault === undefined) return 'the connection was closed'
  return judgeAnswers(row, observed)
}

/** From an address that nobody knows: refused or dropped, whatever it is. */
export function judgeStranger(observed: Observation): Verdict {
  if (!observed.controlAnswered) return 'the control OPTIONS was not answered'
  const wrong = observed.statuses.find((status) => status < 400)
  return wrong === undefined ? undefined : `a stranger got ${wrong}`
}
