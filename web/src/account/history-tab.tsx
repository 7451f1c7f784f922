// History: who changed this account and what belongs to it, with before and after.
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { PlanItem, RevisionItem } from '../../../src/contract/api-config.ts'
import type { AuditItem } from '../../../src/contract/api-people.ts'
import { auditColumns } from '../audit/audit-columns.tsx'
import { AuditEntryDialog } from '../audit/audit-entry-dialog.tsx'
import { actionText } from '../audit/audit-words.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant, valueText } from '../kit/format.ts'
import { Empty } from '../kit/page.tsx'
import { useList } from '../kit/use-list.ts'
import type { AccountTabProps } from './account-page.tsx'

/** Of one revision; the rest stands in the revision itself. */
const linesMax = 20

const revisionColumns: readonly DataColumn<RevisionItem>[] = [
  { id: 'revision', title: 'Revision', numeric: true, width: '5.5rem', cell: ({ revision }) => revision },
  { id: 'at', title: 'When', width: '12.5rem', cell: ({ at }) => <time dateTime={at}>{formatInstant(at)}</time> },
  { id: 'actor', title: 'Who', width: '9rem', cell: ({ actor }) => actor },
  {
    id: 'changes',
    title: 'Changes',
    cell: ({ changes = [], summary }) =>
      changes.length === 0
        ? summary
        : changes.slice(0, linesMax).map((line) => <ChangeLine key={`${line.kind} ${line.name}`} line={line} />),
  },
]

function ChangeLine({ line }: { line: PlanItem }): ReactNode {
  return (
    <div>
      {actionText(line)}
      {line.action === 'update'
        ? line.changes.map(({ field, before, after }) => (
            <span key={field} className="second-line">
              {field}: {valueText(before)} → {valueText(after)}
            </span>
          ))
        : null}
    </div>
  )
}

/** Changes of the account and of what belongs to it, by revision of the configuration. */
function Revisions({ account }: Pick<AccountTabProps, 'account'>): ReactNode {
  const list = useList<RevisionItem>('/config/revisions', { object: account.id })
  return (
    <section className="auth-part" aria-labelledby="revisions-of-account">
      <h2 id="revisions-of-account" className="part-title">
        Revisions
      </h2>
      <DataTable
        label="Revisions"
        columns={revisionColumns}
        rows={list.rows}
        rowId={(row) => String(row.revision)}
        total={list.total}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={<Empty title="No change yet">Every change of this account and its entries appears here.</Empty>}
      />
    </section>
  )
}

export function HistoryTab({ account }: AccountTabProps): ReactNode {
  const [opened, setOpened] = useState<AuditItem>()
  const [columns] = useState(() => auditColumns(setOpened))
  const list = useList<AuditItem>('/audit', { account: account.id })
  return (
    <>
      <Revisions account={account} />
      <section className="auth-part" aria-labelledby="audit-of-account">
        <h2 id="audit-of-account" className="part-title">
          Audit
        </h2>
        <DataTable
          label="Audit"
          columns={columns}
          rows={list.rows}
          rowId={(row) => row.id}
          total={list.total}
          onOpen={setOpened}
          loading={list.loading}
          problem={list.problem}
          onMore={list.more}
          empty={
            <Empty title="No change yet">
              Every change of this account, its entries, SIP users and payments appears here.
            </Empty>
          }
        />
        {opened === undefined ? null : <AuditEntryDialog entry={opened} onClose={() => setOpened(undefined)} />}
      </section>
    </>
  )
}
