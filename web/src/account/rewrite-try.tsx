// Tries the rows on a number, with the server's own engine: what each row makes of it.
import type { ReactNode } from 'react'
import { useEffect, useState } from 'react'
import type { RewriteTrialResult } from '../../../src/contract/api-test-calls.ts'
import type { Rewrite } from '../../../src/contract/parts.ts'
import { callApi } from '../kit/api-client.ts'
import { TextField } from '../kit/form-field.tsx'
import type { Problem } from '../kit/problem.ts'
import { describeProblem } from '../kit/problem.ts'

interface Numbers {
  readonly destination: string
  readonly cli: string
}

const pauseMs = 250

export function RewriteTry({ rewrites }: { rewrites: readonly Rewrite[] }): ReactNode {
  const [numbers, setNumbers] = useState<Numbers>({ destination: '', cli: '' })
  const [result, setResult] = useState<RewriteTrialResult>()
  const [problem, setProblem] = useState<Problem>()
  const usesCli = rewrites.some((one) => one.parameter === 'cli')
  const wanted = rewrites.length > 0 && (numbers.destination !== '' || numbers.cli !== '')
  useEffect(() => {
    if (!wanted) return undefined
    let current = true
    const ask = async (): Promise<void> => {
      const answer = await callApi<RewriteTrialResult>('POST', '/rewrites/try', { rewrites, ...numbers })
      if (!current) return
      setResult(answer.kind === 'value' ? answer.value : undefined)
      setProblem(answer.kind === 'problem' ? answer.problem : undefined)
    }
    const timer = window.setTimeout(() => {
      void ask()
    }, pauseMs)
    return () => {
      current = false
      window.clearTimeout(timer)
    }
  }, [rewrites, numbers, wanted])
  return (
    <section className="try-box" aria-label="Try the rows">
      <div className="try-inputs">
        <TextField
          label="Try a destination number"
          mono
          placeholder="01782000000"
          value={numbers.destination}
          onChange={(destination) => setNumbers({ ...numbers, destination })}
        />
        {usesCli ? (
          <TextField
            label="Try a CLI"
            mono
            placeholder="01782111111"
            value={numbers.cli}
            onChange={(cli) => setNumbers({ ...numbers, cli })}
          />
        ) : null}
      </div>
      <div aria-live="polite">{wanted ? <TryResult result={result} problem={problem} /> : null}</div>
    </section>
  )
}

interface ResultProps {
  readonly result: RewriteTrialResult | undefined
  readonly problem: Problem | undefined
}

function TryResult({ result, problem }: ResultProps): ReactNode {
  if (problem !== undefined) return <p className="faint">{describeProblem(problem)}</p>
  if (result === undefined) return <p className="faint">…</p>
  if (result.errors.length > 0)
    return <p className="faint">{result.errors.map((one) => `${one.path}: ${one.message}`).join('. ')}</p>
  const { before, after } = result
  return (
    <div className="try-steps">
      <p>
        Destination <code>{before.destination}</code> becomes <span className="try-result">{after.destination}</span>
        {before.cli === '' ? null : (
          <>
            , CLI <code>{before.cli}</code> becomes <span className="try-result">{after.cli}</span>
          </>
        )}
      </p>
      <ol className="try-steps faint">
        {result.steps.map((step) => (
          <li key={step.rule}>
            Row {step.rule + 1} ({step.parameter === 'cli' ? 'CLI' : 'destination'}):{' '}
            {step.matched ? (
              <>
                <code>{step.before}</code> → <code>{step.after}</code>
              </>
            ) : (
              'does not match'
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}
