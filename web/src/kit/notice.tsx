// A sentence that matters: red for a failure, amber for a warning, blue for a hint, green for something done.
import type { ReactNode } from 'react'
import { GreenIcon, InfoIcon, WarningIcon } from './icons.tsx'
import type { Problem } from './problem.ts'
import { describeProblem } from './problem.ts'

type Tone = 'red' | 'amber' | 'blue' | 'green'

interface NoticeProps {
  readonly tone?: Tone
  readonly children: ReactNode
}

const pictures: Readonly<Record<Tone, () => ReactNode>> = {
  red: WarningIcon,
  amber: WarningIcon,
  blue: InfoIcon,
  green: GreenIcon,
}

export function Notice({ tone = 'red', children }: NoticeProps): ReactNode {
  const Picture = pictures[tone]
  return (
    <div className="notice" data-tone={tone} role={tone === 'red' ? 'alert' : undefined}>
      <Picture />
      <div>{children}</div>
    </div>
  )
}

interface ProblemProps {
  readonly problem: Problem | undefined
  /** Paths of fields that show their errors themselves. */
  readonly except?: readonly string[]
}

const isInside = (path: string, field: string): boolean =>
  path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`)

const none: readonly string[] = []

/** What went wrong; errors that stand at their fields are not said twice. */
export function ProblemNotice({ problem, except = none }: ProblemProps): ReactNode {
  if (problem === undefined) return null
  const rest = problem.errors.filter((one) => !except.some((field) => isInside(one.path, field)))
  if (problem.errors.length > 0 && rest.length === 0)
    return <Notice>Some fields need attention. They say what is wrong with them.</Notice>
  return <Notice>{describeProblem({ ...problem, errors: rest })}</Notice>
}
