// Code consistency 200 vs 404: numbers that a carrier says do not exist and that are answered all the same, there or
// elsewhere, within the same time. Pure.
import type { Answered, NotFound } from '../store/report-rows.ts'
import type { TimeSpan } from '../store/statistics-rows.ts'
import type { CodeConsistency } from './account-services.ts'

const examplesMax = 20

export interface NumberHistory {
  /** What the carrier answered with 404. */
  readonly notFound: readonly NotFound[]
  /** Answers to these numbers by whomever. */
  readonly answered: readonly Answered[]
  /** False = there was more than is looked at. */
  readonly complete: boolean
}

const within = ({ from, to }: TimeSpan, at: number): boolean => at >= from && at < to

export function consistencyOf(history: NumberHistory, accountId: string, span: TimeSpan): CodeConsistency {
  const missed = Map.groupBy(
    history.notFound.filter(({ at }) => within(span, at)),
    ({ destination }) => destination,
  )
  const answered = Map.groupBy(
    history.answered.filter(({ at }) => within(span, at)),
    ({ destination }) => destination,
  )
  const numbers = [...missed].map(([destination, times]) => {
    const answers = answered.get(destination) ?? []
    const elsewhere = answers.some((one) => one.accountId !== accountId)
    const here = answers.some((one) => one.accountId === accountId)
    const answeredBy = [...new Set(answers.map(({ account }) => account))].toSorted()
    return { destination, notFound: times.length, answeredBy, elsewhere, here }
  })
  const examples = numbers
    .filter(({ elsewhere, here }) => elsewhere || here)
    .toSorted((left, right) => right.notFound - left.notFound)
    .slice(0, examplesMax)
    .map(({ destination, notFound, answeredBy }) => ({ destination, notFound, answeredBy }))
  return {
    notFound: numbers.length,
    notFoundElsewhereAnswered: numbers.filter(({ elsewhere }) => elsewhere).length,
    notFoundHereAnswered: numbers.filter(({ here }) => here).length,
    examples,
    complete: history.complete,
  }
}
