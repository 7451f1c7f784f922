// How long something still lasts: the time that a block, a key or a registration has left.
import type { ReactNode } from 'react'
import { formatDuration, formatStamp } from './format.ts'
import { useTicking } from './ticking.ts'

const never = <span className="faint">never</span>

const untilText = (leftMs: number): string => {
  if (leftMs <= 0) return 'over'
  const text = formatDuration(leftMs)
  return text === 'just now' ? 'now' : `in ${text}`
}

function Left({ at: when }: { at: string }): ReactNode {
  const at = Date.parse(when)
  const text = useTicking(() => untilText(at - Date.now()))
  return (
    <time dateTime={when} title={formatStamp(at)}>
      {text}
    </time>
  )
}

/** `in 3 min`, `over`; `never` where there is no end. */
export const Until = ({ at, none = never }: { at: string | null; none?: ReactNode }): ReactNode =>
  at === null ? none : <Left at={at} />
