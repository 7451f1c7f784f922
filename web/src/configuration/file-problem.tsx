// Why a file is refused: every error with the place in the file.
import type { ReactNode } from 'react'
import type { ApplyAnswer } from '../../../src/contract/api-config.ts'
import { plural } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import type { Answer, Problem } from '../kit/problem.ts'

interface ProblemProps {
  readonly answer: Answer<ApplyAnswer> | undefined
  readonly problem: Problem | undefined
}

const errorsMax = 100

export function FileProblem({ answer, problem }: ProblemProps): ReactNode {
  const shown = answer?.kind === 'problem' ? answer.problem : problem
  if (shown === undefined || shown.errors.length === 0) return <ProblemNotice problem={shown} />
  const rest = shown.errors.length - errorsMax
  return (
    <Notice>
      <p>{plural(shown.errors.length, 'error')}; nothing was changed.</p>
      <ul className="file-errors">
        {shown.errors.slice(0, errorsMax).map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            {path === '' ? null : <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
      {rest > 0 ? <p>And {plural(rest, 'further error')}.</p> : null}
    </Notice>
  )
}
