// All carriers, or all customers: what they do now, and the same change for several of them.
import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { DataTable } from '../kit/data-table.tsx'
import { SelectField } from '../kit/form-field.tsx'
import { plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { can, whyNot } from '../session.ts'
import { accountColumns } from './account-columns.tsx'
import type { AccountKind, AccountRow } from './account-row.ts'
import { pathOf, wordsOf } from './account-row.ts'
import { BulkEdit } from './bulk-edit.tsx'
import { NewAccount } from './new-account.tsx'

const pollMs = 5_000

const statusOptions = [
  { value: '', label: 'Any status' },
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Inactive' },
  { value: 'pending', label: 'Pending' },
] as const

export function AccountsPage({ kind, me }: { kind: AccountKind; me: Me }): ReactNode {
  const words = wordsOf(kind)
  const [view, change] = useView()
  const [creating, setCreating] = useState(false)
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set())
  const navigate = useNavigate()
  const { search = '', status = '', sort = 'name' } = view
  const list = useList<AccountRow>(pathOf(kind), { search, status, sort }, { pollMs })
  const columns = useMemo(() => accountColumns(kind), [kind])
  const filtered = search !== '' || status !== ''
  const showAll = (): void => change({ search: '', status: '' })
  const denied = whyNot(me, `POST ${pathOf(kind)}`)
  const newButton = (
    <Button disabled={denied !== undefined} title={denied} onClick={() => setCreating(true)}>
      New {kind}
    </Button>
  )
  return (
    <Page title={words.title} lead={words.lead} actions={newButton}>
      <div className="page-tools">
        <SearchBox label={`Search ${words.many}`} value={search} onChange={(text) => change({ search: text })} />
        <SelectField
          label="Status"
          value={status}
          options={statusOptions}
          onChange={(value) => change({ status: value })}
        />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, kind)}</p>}
      </div>
      {selection.size === 0 ? null : (
        <BulkEdit kind={kind} selection={selection} onDone={() => setSelection(new Set())} />
      )}
      <DataTable
        label={words.title}
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next === 'name' ? '' : next })}
        {...(can(me, `PATCH ${pathOf(kind)}`) ? { selection, onSelect: setSelection } : {})}
        onOpen={(row) => void navigate({ to: `${pathOf(kind)}/${row.id}/main` })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        tone={(row) => (row.suspension === null || row.suspension === undefined ? undefined : 'red')}
        empty={<NoAccounts kind={kind} filtered={filtered} onShowAll={showAll} action={newButton} />}
      />
      {kind === 'customer' && !filtered && list.total !== undefined && list.total > 0 ? (
        <p className="faint">
          Calls of customers find their carrier by the <Link to="/routes">routes</Link>.
        </p>
      ) : null}
      {creating ? <NewAccount kind={kind} onClose={() => setCreating(false)} /> : null}
    </Page>
  )
}

interface NoneProps {
  readonly kind: AccountKind
  readonly filtered: boolean
  readonly onShowAll: () => void
  readonly action: ReactNode
}

function NoAccounts({ kind, filtered, onShowAll, action }: NoneProps): ReactNode {
  const words = wordsOf(kind)
  if (!filtered)
    return (
      <Empty title={`No ${words.many} yet`} action={action}>
        {words.empty}
      </Empty>
    )
  return (
    <Empty
      title={`No ${kind} fits`}
      action={
        <Button variant="default" onClick={onShowAll}>
          Show all
        </Button>
      }
    >
      Nothing has this name, note or status.
    </Empty>
  )
}
