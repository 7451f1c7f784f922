// Statistics from the API, asked for again while the page is visible; a new range keeps the old picture until it is there.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { CodesAnswer, StatsAnswer } from '../../../src/contract/api-stats.ts'
import { callApi, pathWith } from '../kit/api-client.ts'
import type { Answer, Problem } from '../kit/problem.ts'
import type { Scope } from './scope.ts'
import { queryOf, stepOf } from './scope.ts'

const pollMs = 15_000

export interface Statistics {
  readonly stats: StatsAnswer
  readonly codes: CodesAnswer
}

const both = (stats: Answer<StatsAnswer>, codes: Answer<CodesAnswer>): Answer<Statistics> => {
  if (stats.kind === 'problem') return stats
  if (codes.kind === 'problem') return codes
  return { kind: 'value', value: { stats: stats.value, codes: codes.value } }
}

interface State {
  readonly value: Statistics | undefined
  readonly problem: Problem | undefined
  readonly loading: boolean
}

export function useStatistics(scope: Scope): State {
  const chosen = queryOf(scope, 0) !== undefined
  const query = useQuery({
    queryKey: ['statistics', scope],
    enabled: chosen,
    placeholderData: keepPreviousData,
    refetchInterval: pollMs,
    queryFn: async () => {
      const params = queryOf(scope, Date.now()) ?? {}
      return both(
        await callApi<StatsAnswer>('GET', pathWith('/stats', { ...params, step: stepOf(scope) })),
        await callApi<CodesAnswer>('GET', pathWith('/stats/codes', params)),
      )
    },
  })
  const answer = chosen ? query.data : undefined
  return {
    value: answer?.kind === 'value' ? answer.value : undefined,
    problem: answer?.kind === 'problem' ? answer.problem : undefined,
    loading: chosen && query.isPending,
  }
}
