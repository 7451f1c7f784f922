// The columns of audit entries: of everything on the audit's page, of one account in its history.
import type { AuditItem } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { formatInstant } from '../kit/format.ts'
import { actionText, actorText } from './audit-words.ts'

/** @param open shows one entry whole. */
export const auditColumns = (open: (entry: AuditItem) => void): readonly DataColumn<AuditItem>[] => [
  { id: 'at', title: 'When', width: '12.5rem', cell: ({ at }) => <time dateTime={at}>{formatInstant(at)}</time> },
  {
    id: 'actor',
    title: 'Who',
    width: '13rem',
    cell: (entry) => (
      <>
        {entry.actor}
        <span className="second-line">{actorText(entry)}</span>
      </>
    ),
  },
  {
    id: 'what',
    title: 'What',
    cell: (entry) => (
      <button type="button" className="link-button" onClick={() => open(entry)}>
        {actionText(entry)}
      </button>
    ),
  },
  {
    id: 'reason',
    title: 'Why',
    cell: ({ reason }) => (reason === null || reason === '' ? <span className="faint">no reason given</span> : reason),
  },
]
