// What a test call says about its gateway, in words: green when the far end was reached, else red with the reason.
import type { AttemptRecord, CallRecord } from '../call/record.ts'
import { stepsOf } from '../policy/explanation.ts'

export interface TestVerdict {
  readonly result: 'green' | 'red'
  readonly text: string
}

const green = (text: string): TestVerdict => ({ result: 'green', text })
const red = (text: string): TestVerdict => ({ result: 'red', text })

/** The number was reached and is engaged. */
const busy = new Set([486, 600])
/** How a phone that rang says that nobody takes the call. */
const rangOut = new Set([480, 487, 603])

/** What a refusal usually means, for people who do not know SIP by heart. */
const meanings: Readonly<Record<number, string>> = {
  400: 'the gateway cannot read what it got',
  401: 'the gateway asks for a username and password',
  403: 'the gateway does not accept calls from our address or with this CLI',
  404: 'the gateway does not know this number',
  407: 'the gateway asks for a username and password',
  408: 'the gateway waited too long for its own next hop',
  410: 'this number exists no longer',
  415: 'the gateway takes none of the media types',
  420: 'the gateway asks for an extension that is not offered',
  480: 'the number is not available now',
  482: 'the call came back to where it was',
  483: 'the call went round in circles',
  484: 'the number is not complete for this gateway',
  488: 'the gateway takes none of the codecs offered',
  500: 'the gateway has a fault of its own',
  502: 'the gateway cannot use what its own next hop says',
  503: 'the gateway takes no calls now: overloaded, or no free line',
  504: 'the gateway does not reach its own next hop',
  603: 'the call was declined',
}

const meaningOf = (status: number): string =>
  meanings[status] ?? (status >= 600 ? 'nobody takes this call anywhere' : 'the gateway refuses the call')

/** Milliseconds from the first INVITE to `at`. */
const sinceStart = ({ attempts }: CallRecord, at: number | null): number | null =>
  at === null ? null : at - (attempts[0]?.startedAt ?? at)

function verdictOnFailure(last: AttemptRecord): TestVerdict {
  const { status, ringingAt, reason } = last
  if (status === null)
    return ringingAt !== null && reason.startsWith('not answered') ? green(`it rang, and was ${reason}`) : red(reason)
  if (busy.has(status)) return green(`${reason}: the number was reached and is busy`)
  if (ringingAt !== null && rangOut.has(status)) return green(`it rang, then ${reason}: nobody took the call`)
  // Why a challenge was not answered is said already.
  return red(reason.includes(': ') ? reason : `${reason}: ${meaningOf(status)}`)
}

/** @param ranOut it was ended because its time was over. */
export function verdictOnCall(record: CallRecord, ranOut: boolean): TestVerdict {
  const last = record.attempts.at(-1)
  if (last === undefined) {
    const why = stepsOf(record.explanation).findLast(({ step }) => step !== 'reply')
    return red(`nothing was sent: ${why?.text ?? record.detail}`)
  }
  if (record.answeredAt !== null) {
    const afterMs = sinceStart(record, record.answeredAt)
    return green(`answered after ${afterMs} ms, then hung up`)
  }
  if (record.releaseReason === 'operator' || record.releaseReason === 'drained') return red(record.detail)
  if (!ranOut) return verdictOnFailure(last)
  const longest = record.endedAt - record.startedAt
  if (last.ringingAt !== null) return green(`it rang, and was not answered within ${longest} ms: cancelled`)
  return red(`neither ringing nor an answer within ${longest} ms`)
}
