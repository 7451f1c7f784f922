// Blocked addresses: those that people have blocked, and those that Tollgate has blocked by itself.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { BlockItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { plural } from '../kit/format.ts'
import { Age } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { Until } from '../kit/until.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'
import { BlockForm } from './block-form.tsx'
import { FirewallTabs } from './firewall-tabs.tsx'
import './firewall.css'
import { SimulateLink } from './simulate-link.tsx'

const pollMs = 3_000

const columnsWith = (
  lift: (block: BlockItem) => void,
  denied: string | undefined,
): readonly DataColumn<BlockItem>[] => [
  {
    id: 'address',
    title: 'Address',
    sort: 'address',
    width: '13rem',
    cell: ({ address }) => <code>{address}</code>,
  },
  {
    id: 'automatic',
    title: 'Blocked by',
    width: '9rem',
    cell: ({ automatic }) => (automatic ? 'Tollgate' : 'a person'),
    help: 'Tollgate blocks unknown sources that fail again and again',
  },
  {
    id: 'reason',
    title: 'Reason',
    cell: ({ reason }) => (reason === '' ? <span className="faint">none</span> : reason),
  },
  { id: 'since', title: 'Since', width: '8rem', cell: ({ createdAt }) => <Age at={createdAt} /> },
  { id: 'ends', title: 'Ends', sort: 'expiresAt', width: '8rem', cell: ({ expiresAt }) => <Until at={expiresAt} /> },
  {
    id: 'actions',
    title: '',
    width: '12rem',
    cell: (block) => (
      <span className="row-actions">
        <SimulateLink address={block.address} />
        <Button
          size="compact-sm"
          variant="default"
          disabled={denied !== undefined}
          title={denied}
          aria-label={`Lift the block of ${block.address}`}
          onClick={() => lift(block)}
        >
          Lift
        </Button>
      </span>
    ),
  },
]

export function BlocksPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [adding, setAdding] = useState(false)
  const [lifted, setLifted] = useState<BlockItem>()
  const { search = '', sort = 'address' } = view
  const list = useList<BlockItem>('/blocks', { search, sort }, { pollMs })
  const denied = whyNot(me, 'DELETE /blocks/:id')
  const columns = useMemo(() => columnsWith(setLifted, denied), [denied])
  const addButton = (
    <Button disabled={denied !== undefined} title={denied} onClick={() => setAdding(true)}>
      Block an address
    </Button>
  )
  return (
    <Page
      title="Firewall"
      lead="What comes from a blocked address is not answered. Addresses of carriers and customers are never blocked automatically."
      actions={addButton}
    >
      <FirewallTabs chosen="blocked" />
      <div className="page-tools">
        <SearchBox label="Search blocks" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'block')}</p>}
      </div>
      <DataTable
        label="Blocked addresses"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={<NoBlocks filtered={search !== ''} action={addButton} />}
      />
      {adding ? <BlockForm address="" onClose={() => setAdding(false)} /> : null}
      {lifted === undefined ? null : <LiftDialog block={lifted} onClose={() => setLifted(undefined)} />}
    </Page>
  )
}

function NoBlocks({ filtered, action }: { filtered: boolean; action: ReactNode }): ReactNode {
  if (filtered) return <Empty title="No block fits">Nothing with this address or reason is blocked.</Empty>
  return (
    <Empty title="Nobody is blocked" action={action}>
      Unknown sources that fail again and again appear here by themselves. Who has been refused so far stands under{' '}
      <Link to="/firewall/refused">Refused sources</Link>.
    </Empty>
  )
}

function LiftDialog({ block, onClose }: { block: BlockItem; onClose: () => void }): ReactNode {
  const save = useSave()
  const lift = async (): Promise<void> => {
    const path = `/blocks/${encodeURIComponent(block.id)}`
    const answer = await save.run({ method: 'DELETE', path })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <ConfirmDialog
      title={`Lift the block of ${block.address}?`}
      action="Lift block"
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void lift()}
      onClose={onClose}
    >
      It is answered again at once, like every other unknown source.
      {block.automatic ? ' If it goes on failing, Tollgate blocks it again.' : ''}
    </ConfirmDialog>
  )
}
