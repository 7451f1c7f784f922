// Sources that were refused before there was a call: how often, why, and what it looked like.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { z } from 'zod'
import type { rejectionView } from '../../../src/contract/api-live.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatCount, plural } from '../kit/format.ts'
import { Age } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'
import { BlockForm } from './block-form.tsx'
import { FirewallTabs } from './firewall-tabs.tsx'
import './firewall.css'
import { refusalWords } from './refusal-words.ts'
import { SimulateLink } from './simulate-link.tsx'

type RejectionItem = z.output<typeof rejectionView>

const pollMs = 3_000

const columnsWith = (
  block: (row: RejectionItem) => void,
  denied: string | undefined,
): readonly DataColumn<RejectionItem>[] => [
  { id: 'address', title: 'Source', sort: 'address', width: '13rem', cell: ({ address }) => <code>{address}</code> },
  { id: 'reason', title: 'Why', sort: 'reason', width: '13rem', cell: ({ reason }) => refusalWords(reason) },
  {
    id: 'count',
    title: 'Packets',
    sort: 'count',
    numeric: true,
    width: '6rem',
    cell: ({ count }) => formatCount(count),
  },
  { id: 'lastAt', title: 'Last', sort: 'lastAt', width: '8rem', cell: ({ lastAt }) => <Age at={lastAt} /> },
  {
    id: 'sample',
    title: 'Newest of them',
    cell: ({ sample }) => <code className="sample">{sample}</code>,
  },
  {
    id: 'actions',
    title: '',
    width: '12rem',
    cell: (row) => (
      <span className="row-actions">
        <SimulateLink address={row.address} />
        <Button
          size="compact-sm"
          variant="default"
          disabled={denied !== undefined}
          title={denied}
          aria-label={`Block ${row.address}`}
          onClick={() => block(row)}
        >
          Block
        </Button>
      </span>
    ),
  },
]

export function RefusedPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [blocked, setBlocked] = useState<RejectionItem>()
  const { search = '', sort = '-lastAt' } = view
  const list = useList<RejectionItem>('/rejections', { search, sort }, { pollMs })
  const denied = whyNot(me, 'POST /blocks')
  const columns = useMemo(() => columnsWith(setBlocked, denied), [denied])
  return (
    <Page title="Firewall" lead="Who knocked and was turned away, counted by source and reason since the last start.">
      <FirewallTabs chosen="refused" />
      <div className="page-tools">
        <SearchBox label="Search sources" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'row')}</p>}
      </div>
      <DataTable
        label="Refused sources"
        columns={columns}
        rows={list.rows}
        rowId={(row) => `${row.address} ${row.reason}`}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <Empty title="Nobody has been refused">
              A carrier whose calls do not arrive shows up here as soon as its first packet is refused: with its real
              address, and why.
            </Empty>
          ) : (
            <Empty title="No source fits">No source with this address or reason was refused.</Empty>
          )
        }
      />
      {blocked === undefined ? null : (
        <BlockForm
          address={blocked.address}
          reason={refusalWords(blocked.reason)}
          onClose={() => setBlocked(undefined)}
        />
      )}
    </Page>
  )
}
