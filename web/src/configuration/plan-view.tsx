// A plan: what a change of the configuration does (or did), object by object, each with its fields.
import type { ReactNode } from 'react'
import type { PlanItem } from '../../../src/contract/api-config.ts'
import type { Difference } from '../kit/difference.ts'
import { differencesOf } from '../kit/difference.ts'
import { DifferenceTable } from '../kit/difference-table.tsx'
import { plural } from '../kit/format.ts'
import { Notice } from '../kit/notice.tsx'
import './configuration.css'

/** So many are drawn; who has more reads the exported file. */
const linesMax = 200
/** Up to so many show their fields at once. */
const openMax = 8

const actions = { create: 'Create', update: 'Change', delete: 'Remove' } as const
const marks = { create: '+', update: '~', delete: '−' } as const
const kinds: Readonly<Record<PlanItem['kind'], string>> = {
  system: 'system settings',
  carrier: 'carrier',
  customer: 'customer',
  endpoint: 'IP authentication',
  sipUser: 'SIP user',
  route: 'route',
  block: 'block',
}

/** A plan says null where a field was not set. */
const rowsOf = ({ changes }: PlanItem): Difference[] =>
  changes.flatMap(({ field, before, after }) =>
    differencesOf(before === null ? null : { [field]: before }, after === null ? null : { [field]: after }),
  )

const titleOf = ({ action, kind, name }: PlanItem): string =>
  `${actions[action]} ${kinds[kind]}${kind === 'system' || name === '' ? '' : ` ${name}`}`

const countsOf = (plan: readonly PlanItem[]): string =>
  (['create', 'update', 'delete'] as const)
    .map((action) => [plan.filter((line) => line.action === action).length, actions[action]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${word.toLowerCase()} ${plural(count, 'object')}`)
    .join(', ')

interface PlanProps {
  readonly plan: readonly PlanItem[]
  /** Said when the plan is empty. */
  readonly nothing: string
}

export function PlanView({ plan, nothing }: PlanProps): ReactNode {
  if (plan.length === 0) return <Notice tone="blue">{nothing}</Notice>
  const rest = plan.length - linesMax
  return (
    <div className="plan">
      <p className="plan-counts">{countsOf(plan)}</p>
      <ul>
        {plan.slice(0, linesMax).map((line) => (
          <li key={`${line.action} ${line.kind} ${line.name}`} data-action={line.action}>
            <PlanRow line={line} open={plan.length <= openMax} />
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="faint">And {plural(rest, 'further object')}.</p> : null}
    </div>
  )
}

function PlanRow({ line, open }: { line: PlanItem; open: boolean }): ReactNode {
  const rows = rowsOf(line)
  const title = (
    <>
      <span className="plan-mark" aria-hidden="true">
        {marks[line.action]}
      </span>
      {titleOf(line)}
    </>
  )
  if (rows.length === 0) return <p className="plan-title">{title}</p>
  return (
    <details open={open}>
      <summary className="plan-title">{title}</summary>
      <DifferenceTable label={titleOf(line)} rows={rows} />
    </details>
  )
}
