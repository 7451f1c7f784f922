// Everybody who may log in: role, sessions, and what an administrator does with them.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { Me, UserItem } from '../../../src/contract/api-people.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatInstant, plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { StateWord } from '../kit/state-word.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { NewUser } from './new-user.tsx'
import { PeopleTabs } from './people-tabs.tsx'
import { roleWords } from './roles.ts'
import { UserEditor } from './user-editor.tsx'

const pollMs = 5_000

const columnsWith = (me: Me, open: (user: UserItem) => void): readonly DataColumn<UserItem>[] => [
  {
    id: 'username',
    title: 'Username',
    sort: 'username',
    cell: (user) => (
      <>
        <button type="button" className="link-button" onClick={() => open(user)}>
          {user.username}
        </button>
        {user.id === me.id ? <span className="second-line">you</span> : null}
      </>
    ),
  },
  { id: 'role', title: 'Role', sort: 'role', width: '10rem', cell: ({ role }) => roleWords[role] },
  {
    id: 'state',
    title: 'State',
    width: '10rem',
    cell: ({ disabled }) =>
      disabled ? <StateWord tone="quiet">May not log in</StateWord> : <StateWord tone="good">May log in</StateWord>,
  },
  {
    id: 'sessions',
    title: 'Sessions',
    numeric: true,
    width: '7rem',
    help: 'Browsers that are logged in',
    cell: ({ sessions }) => sessions,
  },
  {
    id: 'createdAt',
    title: 'Created',
    sort: 'createdAt',
    width: '12.5rem',
    cell: ({ createdAt }) => formatInstant(createdAt),
  },
]

export function UsersPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [creating, setCreating] = useState(false)
  const [opened, setOpened] = useState<UserItem>()
  const { search = '', sort = 'username' } = view
  const list = useList<UserItem>('/users', { search, sort }, { pollMs })
  const columns = useMemo(() => columnsWith(me, setOpened), [me])
  return (
    <Page
      title="People"
      lead={
        <>
          Who may log in, and what they may do. Your own password and sessions stand under{' '}
          <Link to="/me">your account</Link>.
        </>
      }
      actions={<Button onClick={() => setCreating(true)}>New user</Button>}
    >
      <PeopleTabs chosen="users" />
      <div className="page-tools">
        <SearchBox label="Search users" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'user')}</p>}
      </div>
      <DataTable
        label="Users"
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        onOpen={setOpened}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={<Empty title="No user fits">Nobody has this name or role.</Empty>}
      />
      {creating ? <NewUser onClose={() => setCreating(false)} /> : null}
      {opened === undefined ? null : <UserEditor me={me} user={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  )
}
