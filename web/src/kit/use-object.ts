// One object of the API with its entity tag.
import { useQuery } from '@tanstack/react-query'
import { callApi } from './api-client.ts'
import type { Problem } from './problem.ts'
import { ProblemError, problemOf } from './problem.ts'

export interface ObjectState<Value> {
  /** undefined until the first answer. */
  readonly value: Value | undefined
  readonly etag: string | undefined
  readonly problem: Problem | undefined
  readonly loading: boolean
  readonly reload: () => void
}

interface ObjectOptions {
  /** Asks again so often, while the page is visible. */
  readonly pollMs?: number
  /** Asks again so often until it is there. */
  readonly untilFoundMs?: number
  readonly enabled?: boolean
}

export function useObject<Value>(path: string, options: ObjectOptions = {}): ObjectState<Value> {
  const { pollMs = false, untilFoundMs = false, enabled = true } = options
  const query = useQuery({
    queryKey: ['object', path],
    enabled,
    queryFn: async () => {
      const answer = await callApi<Value>('GET', path)
      if (answer.kind === 'problem') throw new ProblemError(answer.problem)
      return { value: answer.value, etag: answer.etag }
    },
    refetchInterval: (current) => (current.state.data === undefined && untilFoundMs !== false ? untilFoundMs : pollMs),
  })
  return {
    value: query.data?.value,
    etag: query.data?.etag,
    problem: problemOf(query.error),
    loading: query.isPending && enabled,
    reload: () => void query.refetch(),
  }
}
