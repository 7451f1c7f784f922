// Who changed what, when, from where and why; each entry opens with before and after.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useCallback, useState } from 'react'
import type { AuditItem } from '../../../src/contract/api-people.ts'
import { DataTable } from '../kit/data-table.tsx'
import { plural } from '../kit/format.ts'
import { SelectField } from '../kit/form-field.tsx'
import { instantOf, MomentField } from '../kit/moment-field.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { FilterField, SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import type { View } from '../kit/use-view.ts'
import { auditColumns } from './audit-columns.tsx'
import { AuditEntryDialog } from './audit-entry-dialog.tsx'
import './audit.css'
import { kindOptions } from './audit-words.ts'

const pollMs = 5_000

const filterNames = ['search', 'actor', 'kind', 'from', 'to'] as const

export function AuditPage(): ReactNode {
  const [view, change] = useView()
  const [opened, setOpened] = useState<AuditItem>()
  const [columns] = useState(() => auditColumns(setOpened))
  const { search = '', actor = '', kind = '', from = '', to = '' } = view
  const list = useList<AuditItem>(
    '/audit',
    { search, actor, kind, from: instantOf(from), to: instantOf(to) },
    { pollMs },
  )
  const filtered = filterNames.some((name) => (view[name] ?? '') !== '')
  const showAll = (): void => change(Object.fromEntries(filterNames.map((name) => [name, ''])))
  return (
    <Page
      title="Audit"
      lead="Every change, by people, API keys and Tollgate itself. Nothing here can be changed or removed."
    >
      <Filters view={view} change={change} total={list.total} />
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
          filtered ? (
            <Empty
              title="No entry fits"
              action={
                <Button variant="default" onClick={showAll}>
                  Show all
                </Button>
              }
            >
              Nobody has changed this, or not in this time.
            </Empty>
          ) : (
            <Empty title="Nothing has been changed yet">Every change of the configuration appears here.</Empty>
          )
        }
      />
      {opened === undefined ? null : <AuditEntryDialog entry={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  )
}

interface FilterProps {
  readonly view: View
  readonly change: (change: View) => void
  readonly total: number | undefined
}

function Filters({ view, change, total }: FilterProps): ReactNode {
  const { search = '', actor = '', kind = '', from = '', to = '' } = view
  const setSearch = useCallback((text: string) => change({ search: text }), [change])
  const setActor = useCallback((text: string) => change({ actor: text }), [change])
  return (
    <search className="page-tools audit-filters">
      <SearchBox label="Search the audit" value={search} onChange={setSearch} />
      <FilterField label="Who" value={actor} onChange={setActor} />
      <SelectField label="What" value={kind} options={kindOptions} onChange={(value) => change({ kind: value })} />
      <MomentField label="From" value={from} onChange={(value) => change({ from: value })} />
      <MomentField label="To" value={to} onChange={(value) => change({ to: value })} />
      {total === undefined ? null : <p className="page-count">{plural(total, 'entry', 'entries')}</p>}
    </search>
  )
}
