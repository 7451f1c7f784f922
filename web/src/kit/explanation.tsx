// Why a call went where it went: the steps of the decision, in their order. A live call and a simulation say the same.
import type { ReactNode } from 'react'
import './explanation.css'

interface Step {
  readonly step: string
  readonly text: string
}

export function Explanation({ steps }: { steps: readonly Step[] }): ReactNode {
  if (steps.length === 0) return <p className="faint">Nothing is known of the decision.</p>
  const keyed = steps.map((step, at) => ({
    ...step,
    key: `${at} ${step.step}`,
    repeated: steps[at - 1]?.step === step.step,
  }))
  return (
    <ol className="explanation">
      {keyed.map(({ key, step, text, repeated }) => (
        <li key={key}>
          <span className="explanation-step">{repeated ? <span className="only-heard">{step}</span> : step}</span>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  )
}
