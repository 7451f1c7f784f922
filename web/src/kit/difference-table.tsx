// Before and after, field by field. What was created or removed has one column of values only.
import type { ReactNode } from 'react'
import type { Difference } from './difference.ts'
import './difference-table.css'
import { valueText } from './format.ts'

const Value = ({ value, kind }: { value: unknown; kind: 'before' | 'after' }): ReactNode => (
  <td data-kind={kind}>{value === undefined ? <span className="faint">not set</span> : valueText(value)}</td>
)

interface TableProps {
  readonly label: string
  readonly rows: readonly Difference[]
}

export function DifferenceTable({ label, rows }: TableProps): ReactNode {
  if (rows.length === 0) return <p className="faint">No field differs.</p>
  const hasBefore = rows.some(({ before }) => before !== undefined)
  const hasAfter = rows.some(({ after }) => after !== undefined)
  return (
    <table className="plain-table difference">
      <caption className="only-heard">{label}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          {hasBefore ? <th scope="col">Before</th> : null}
          {hasAfter ? <th scope="col">{hasBefore ? 'After' : 'Value'}</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{field === '' ? 'value' : field}</th>
            {hasBefore ? <Value value={before} kind="before" /> : null}
            {hasAfter ? <Value value={after} kind="after" /> : null}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
