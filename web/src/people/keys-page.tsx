// API keys: for programs and the command line. Each is shown once, when it is made.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { ApiKeyItem, CreatedApiKey } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant, plural } from '../kit/format.ts'
import { Age } from '../kit/light.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { Until } from '../kit/until.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { useView } from '../kit/use-view.ts'
import { NewKey } from './new-key.tsx'
import { PeopleTabs } from './people-tabs.tsx'
import { roleWords } from './roles.ts'
import { ShownKey } from './shown-key.tsx'

const pollMs = 5_000

const columnsWith = (revoke: (key: ApiKeyItem) => void): readonly DataColumn<ApiKeyItem>[] => [
  {
    id: 'name',
    title: 'Name',
    sort: 'name',
    cell: ({ name, prefix }) => (
      <>
        {name}
        <code className="second-line">{prefix}…</code>
      </>
    ),
  },
  { id: 'role', title: 'May do as', sort: 'role', width: '9rem', cell: ({ role }) => roleWords[role] },
  {
    id: 'createdAt',
    title: 'Created',
    sort: 'createdAt',
    width: '12.5rem',
    cell: ({ createdAt }) => formatInstant(createdAt),
  },
  {
    id: 'lastUsedAt',
    title: 'Last used',
    sort: 'lastUsedAt',
    width: '9rem',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? <span className="faint">never</span> : <Age at={lastUsedAt} />),
  },
  {
    id: 'expiresAt',
    title: 'Expires',
    sort: 'expiresAt',
    width: '9rem',
    cell: ({ expiresAt }) => <Until at={expiresAt} />,
  },
  {
    id: 'actions',
    title: '',
    width: '7rem',
    cell: (key) => (
      <span className="row-actions">
        <Button size="compact-sm" variant="default" aria-label={`Revoke ${key.name}`} onClick={() => revoke(key)}>
          Revoke
        </Button>
      </span>
    ),
  },
]

export function KeysPage(): ReactNode {
  const [view, change] = useView()
  const [creating, setCreating] = useState(false)
  const [created, setCreated] = useState<CreatedApiKey>()
  const [revoked, setRevoked] = useState<ApiKeyItem>()
  const [columns] = useState(() => columnsWith(setRevoked))
  const { search = '', sort = 'name' } = view
  const list = useList<ApiKeyItem>('/api-keys', { search, sort }, { pollMs })
  const newButton = <Button onClick={() => setCreating(true)}>New API key</Button>
  return (
    <Page title="People" lead="Programs and the command line log in with API keys." actions={newButton}>
      <PeopleTabs chosen="keys" />
      <div className="page-tools">
        <SearchBox label="Search API keys" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'API key')}</p>}
      </div>
      <DataTable
        label="API keys"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <Empty title="No API keys yet" action={newButton}>
              The tollgate command and other programs need one: they send it with every request.
            </Empty>
          ) : (
            <Empty title="No API key fits">None has this name or role.</Empty>
          )
        }
      />
      {creating ? (
        <NewKey
          onClose={() => setCreating(false)}
          onCreated={(key) => {
            setCreating(false)
            setCreated(key)
          }}
        />
      ) : null}
      {created === undefined ? null : <ShownKey apiKey={created} onClose={() => setCreated(undefined)} />}
      {revoked === undefined ? null : <RevokeKey apiKey={revoked} onClose={() => setRevoked(undefined)} />}
    </Page>
  )
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKeyItem; onClose: () => void }): ReactNode {
  const save = useSave()
  const revoke = async (): Promise<void> => {
    const answer = await save.run({ method: 'DELETE', path: `/api-keys/${apiKey.id}` })
    if (answer?.kind === 'value') onClose()
  }
  return (
    <ConfirmDialog
      title={`Revoke the API key ${apiKey.name}?`}
      action="Revoke key"
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      Programs that use it are refused at once. It cannot be brought back.
    </ConfirmDialog>
  )
}
