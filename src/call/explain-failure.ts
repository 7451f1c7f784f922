// Why a call went on, or ended, after an attempt failed: two steps of its explanation, in words.
import type { AttemptOutcome, NextStep } from '../policy/failover.ts'
import { targetText } from '../policy/rank.ts'
import type { ReplyRule } from '../contract/parts.ts'
import type { Attempt } from './attempt.ts'

const nextWords: Readonly<Record<NextStep, string>> = {
  gateway: 'the next gateway of this carrier may be tried, then the next carrier',
  carrier: 'the next carrier may be tried',
  none: 'nothing further is tried',
}

const ruleWords = ({ code, action, newCode }: ReplyRule): string =>
  `reply rule for ${code}: ${action}${newCode === undefined ? '' : ` by ${newCode}`}`

export function explainFailure(
  attempt: Attempt,
  outcome: AttemptOutcome,
  rule: ReplyRule | undefined,
  next: NextStep,
): void {
  const { call, endpoint, gateway, reason, progressPassed } = attempt
  const { explanation } = call
  explanation.add('attempt', `${endpoint.name} ${targetText(gateway)}: ${reason}`)
  const heard = progressPassed ? ', after the caller heard ringing' : ''
  const why = rule === undefined ? `${outcome.row}${heard}` : ruleWords(rule)
  explanation.add('reply', `${why}: ${nextWords[next]}`)
}
