// One list of the API, page by page: `rows` grows when `more` is called. With `pollMs` it follows the server while the
// page is visible. A server that is away keeps the rows on screen; the problem says so.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Page } from '../../../src/contract/api-common.ts'
import { callApi, pathWith } from './api-client.ts'
import type { Problem } from './problem.ts'
import { ProblemError, problemOf } from './problem.ts'

export type ListParams = Readonly<Record<string, string | number | boolean | undefined>>

interface ListOptions {
  /** Asks again so often, while the page is visible. */
  readonly pollMs?: number
  /** false: nothing is asked. */
  readonly enabled?: boolean
  /** Rows of one page; 100 unless said otherwise. */
  readonly pageItems?: number
}

export interface ListState<Item> {
  readonly rows: readonly Item[]
  /** How many there are in all; undefined until the first answer. */
  readonly total: number | undefined
  /** Nothing has come yet. */
  readonly loading: boolean
  readonly problem: Problem | undefined
  readonly hasMore: boolean
  readonly more: () => void
  readonly reload: () => void
}

/** Whoever looks at more pages than this reads, and does not watch: following would ask for all of them again. */
const followedPagesMax = 3

export function useList<Item>(path: string, params: ListParams = {}, options: ListOptions = {}): ListState<Item> {
  const { pollMs, enabled = true, pageItems = 100 } = options
  const query = useInfiniteQuery({
    queryKey: ['list', path, params, pageItems],
    enabled,
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam }) => {
      const address = pathWith(path, { ...params, limit: pageItems, cursor: pageParam })
      const answer = await callApi<Page<Item>>('GET', address)
      if (answer.kind === 'problem') throw new ProblemError(answer.problem)
      return answer.value
    },
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    refetchInterval: (current) =>
      pollMs !== undefined && (current.state.data?.pages.length ?? 0) <= followedPagesMax ? pollMs : false,
  })
  const pages = query.data?.pages
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])
  return {
    rows,
    total: pages?.at(-1)?.total,
    loading: query.isPending && enabled,
    problem: problemOf(query.error),
    hasMore: query.hasNextPage,
    more: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage()
    },
    reload: () => void query.refetch(),
  }
}
