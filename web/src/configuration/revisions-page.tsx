// The configuration through time: every revision, what it changed, and the way back.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { RevisionItem } from '../../../src/contract/api-config.ts'
import type { StatusItem } from '../../../src/contract/api-live.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant, plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useObject } from '../kit/use-object.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'
import { FileTabs } from './file-tabs.tsx'
import { RevisionDialog } from './revision-dialog.tsx'
import { RollBackDialog } from './roll-back-dialog.tsx'

const pollMs = 5_000

interface Actions {
  readonly open: (revision: RevisionItem) => void
  readonly rollBack: (revision: RevisionItem) => void
  readonly present: number | undefined
  readonly denied: string | undefined
}

const columnsWith = ({ open, rollBack, present, denied }: Actions): readonly DataColumn<RevisionItem>[] => [
  {
    id: 'revision',
    title: 'Revision',
    width: '9rem',
    cell: (row) => (
      <>
        <button type="button" className="link-button" onClick={() => open(row)}>
          Revision {row.revision}
        </button>
        {row.revision === present ? <span className="second-line">in force</span> : null}
      </>
    ),
  },
  { id: 'at', title: 'When', width: '12.5rem', cell: ({ at }) => <time dateTime={at}>{formatInstant(at)}</time> },
  { id: 'actor', title: 'Who', width: '11rem', cell: ({ actor }) => actor },
  { id: 'what', title: 'What', cell: ({ summary }) => summary },
  {
    id: 'actions',
    title: '',
    width: '10rem',
    cell: (row) =>
      row.revision === present ? null : (
        <span className="row-actions">
          <Button
            size="compact-sm"
            variant="default"
            disabled={denied !== undefined}
            title={denied}
            aria-label={`Roll back to revision ${row.revision}`}
            onClick={() => rollBack(row)}
          >
            Roll back
          </Button>
        </span>
      ),
  },
]

export function RevisionsPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [opened, setOpened] = useState<RevisionItem>()
  const [wanted, setWanted] = useState<RevisionItem>()
  const { search = '' } = view
  const list = useList<RevisionItem>('/config/revisions', { search }, { pollMs })
  const status = useObject<StatusItem>('/status', { pollMs })
  const present = status.value?.revision
  const denied = whyNot(me, 'POST /config/rollback')
  const columns = useMemo(
    () => columnsWith({ open: setOpened, rollBack: setWanted, present, denied }),
    [present, denied],
  )
  return (
    <Page
      title="Configuration"
      lead="Every change makes a revision. Rolling back makes a new one that restores an earlier state; running calls go on."
    >
      <FileTabs chosen="revisions" />
      <div className="page-tools">
        <SearchBox label="Search revisions" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'revision')}</p>}
      </div>
      <DataTable
        label="Revisions"
        columns={columns}
        rows={list.rows}
        rowId={(row) => String(row.revision)}
        total={list.total}
        onOpen={setOpened}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <Empty title="No revisions yet" action={<Link to="/carriers">To the carriers</Link>}>
              The first one is made when something is configured.
            </Empty>
          ) : (
            <Empty title="No revision fits">No revision has this in its summary.</Empty>
          )
        }
      />
      {opened === undefined ? null : <RevisionDialog revision={opened} onClose={() => setOpened(undefined)} />}
      {wanted === undefined ? null : <RollBackDialog revision={wanted.revision} onClose={() => setWanted(undefined)} />}
    </Page>
  )
}
