// Call records -> statistics: what each record adds to whom. Definitions in docs/glossary.md: for the caller's side a call
// counts once, for a gateway and its account each attempt does; both at the moment at which the call began.
import { isTestRecord } from '../call/own-caller.ts'
import type { AttemptRecord, CallRecord } from '../call/record.ts'
import { noFigures } from '../store/statistics-rows.ts'
import type { Figures, Happening, Subject } from '../store/statistics-rows.ts'
import type { RatedRecord } from '../store/record-rows.ts'

type Ending = 'answered' | 'cancelled' | 'failed'

/** An attempt that had failed before the caller gave up has failed; only the one under way is cancelled. */
export function endingOf(record: CallRecord, attempt: AttemptRecord): Ending {
  if (attempt !== record.attempts.at(-1)) return 'failed'
  if (record.outcome === 'answered') return 'answered'
  const stopped = attempt.reason === 'cancelled' || attempt.reason === record.detail
  return record.outcome === 'cancelled' && stopped ? 'cancelled' : 'failed'
}

/** Post dial delay: from the INVITE to the first 18x, or to the answer if nothing rang. */
function setupMsOf(attempt: AttemptRecord, answeredAt: number | null): number | null {
  const sign = attempt.ringingAt ?? answeredAt
  return sign === null ? null : Math.max(0, sign - attempt.startedAt)
}

interface One {
  readonly ending: Ending
  readonly talkMs: number
  readonly setupMs: number | null
  readonly status: number | null
  readonly cost: number
}

function figuresOf({ ending, talkMs, setupMs, status, cost }: One): Figures {
  return {
    ...noFigures(),
    attempts: 1,
    [ending]: 1,
    talkMs: Math.round(talkMs),
    setupMs: Math.round(setupMs ?? 0),
    setups: setupMs === null ? 0 : 1,
    cost,
    codes: new Map([[status ?? 0, 1]]),
  }
}

function ofAttempt({ record, charge }: RatedRecord, attempt: AttemptRecord): Happening[] {
  const ending = endingOf(record, attempt)
  const answered = ending === 'answered'
  const figures = figuresOf({
    ending,
    talkMs: answered ? record.talkMs : 0,
    setupMs: setupMsOf(attempt, answered ? record.answeredAt : null),
    status: attempt.status,
    cost: answered && charge !== undefined ? Number(charge.cost) : 0,
  })
  const subjects: Subject[] = [
    { kind: 'gateway', id: attempt.endpointId },
    { kind: 'toAccount', id: attempt.accountId },
  ]
  return subjects.map((subject) => ({ subject, at: record.startedAt, figures }))
}

function ofCall(record: CallRecord): Happening[] {
  const { outcome, talkMs, setupMs, status, startedAt: at } = record
  const { callerAccountId, callerEndpointId, callerSipUserId } = record
  const ending = outcome === 'answered' || outcome === 'cancelled' ? outcome : 'failed'
  const figures = figuresOf({ ending, talkMs, setupMs, status, cost: 0 })
  const subjects: Subject[] = [{ kind: 'system', id: '' }]
  if (callerAccountId !== null) subjects.push({ kind: 'fromAccount', id: callerAccountId })
  if (callerEndpointId !== null) subjects.push({ kind: 'sender', id: callerEndpointId })
  if (callerSipUserId !== null) subjects.push({ kind: 'sipUser', id: callerSipUserId })
  return subjects.map((subject) => ({ subject, at, figures }))
}

/** A test says nothing of anybody's calls, and must not raise an alert; what the carrier takes for it is paid all the same. */
const costOnly = ({ figures, ...rest }: Happening): Happening => ({
  ...rest,
  figures: { ...noFigures(), cost: figures.cost },
})

const ofRecord = (one: RatedRecord): Happening[] => {
  const attempts = one.record.attempts.flatMap((attempt) => ofAttempt(one, attempt))
  if (!isTestRecord(one.record)) return [...ofCall(one.record), ...attempts]
  return attempts.filter(({ figures }) => figures.cost > 0).map(costOnly)
}

/** What these records add to the statistics. */
export const happeningsOf = (records: readonly RatedRecord[]): Happening[] => records.flatMap(ofRecord)
