// The view of a list (search, filters, sort) in the address, so that it can be saved, sent, and survives a reload.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export type View = Readonly<Record<string, string>>

/** Values that are `''` stand for "not set" and are left out of the address. */
export function useView(): readonly [View, (change: View) => void] {
  const view = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (part: View) => {
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        search: (before: View) =>
          Object.fromEntries(Object.entries({ ...before, ...part }).filter(([, value]) => value !== '')),
      })
    },
    [navigate],
  )
  return [view as View, change]
}
