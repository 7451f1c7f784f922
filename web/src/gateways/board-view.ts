// How the board is filtered and sorted, kept in the address, so that a view can be saved and sent.
import { useCallback, useMemo } from 'react'
import { useView } from '../kit/use-view.ts'
import type { BoardView, SortKey, StatusFilter } from './gateway.ts'

const sortKeys: readonly SortKey[] = ['status', 'name', 'carrier', 'share', 'channels', 'callsPerSecond']
const filters: readonly StatusFilter[] = ['all', 'green', 'red']

/** `name`, `-share`; what is no column sorts by status. */
export function parseBoardSort(sort: string): Pick<BoardView, 'sort' | 'descending'> {
  const key = sort.replace(/^-/, '')
  return { sort: sortKeys.find((one) => one === key) ?? 'status', descending: sort.startsWith('-') }
}

export function parseBoardView(search: string): BoardView {
  const values = new URLSearchParams(search)
  return {
    text: values.get('q') ?? '',
    status: filters.find((one) => one === values.get('status')) ?? 'all',
    ...parseBoardSort(values.get('sort') ?? 'status'),
  }
}

/** '' for the usual view, else with a leading question mark. */
export function serializeBoardView(view: BoardView): string {
  const values = new URLSearchParams()
  if (view.text !== '') values.set('q', view.text)
  if (view.status !== 'all') values.set('status', view.status)
  if (view.sort !== 'status' || view.descending) values.set('sort', `${view.descending ? '-' : ''}${view.sort}`)
  const text = values.toString()
  return text === '' ? '' : `?${text}`
}

/** Kept in the address by the router. */
export function useBoardView(): readonly [BoardView, (change: Partial<BoardView>) => void] {
  const [params, setParams] = useView()
  const view = useMemo(() => parseBoardView(new URLSearchParams(params).toString()), [params])
  const change = useCallback(
    (part: Partial<BoardView>) => {
      const cleared = { q: '', status: '', sort: '' }
      setParams({ ...cleared, ...Object.fromEntries(new URLSearchParams(serializeBoardView({ ...view, ...part }))) })
    },
    [view, setParams],
  )
  return [view, change]
}
