// All SIP users, of carriers and customers.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { SipUserItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { useUsed } from '../account/live-use.ts'
import type { Opened, UserRow } from '../account/sip-user-section.tsx'
import { userColumns, UserWindow } from '../account/sip-user-section.tsx'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { plural } from '../kit/format.ts'
import { Empty, Page } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'

const accountColumn: DataColumn<UserRow> = {
  id: 'account',
  title: 'Account',
  sort: 'account',
  cell: ({ user }) => (
    <>
      <Link to={`/${user.accountKind}s/${user.accountId}/auth`}>{user.account}</Link>
      <span className="second-line">{user.accountKind}</span>
    </>
  ),
}

function columnsWith(open: (opened: Opened) => void, denied: string | undefined): readonly DataColumn<UserRow>[] {
  const [name, ...rest] = userColumns({ setOpened: open, denied })
  return [...(name === undefined ? [] : [name]), accountColumn, ...rest]
}

export function SipUsersPage({ me }: { me: Me }): ReactNode {
  const [view, change] = useView()
  const [opened, setOpened] = useState<Opened>()
  const { search = '', sort = 'username' } = view
  const list = useList<SipUserItem>('/sip-users', { search, sort })
  const used = useUsed('sipUser')
  const rows = useMemo(() => list.rows.map((user): UserRow => ({ user, used: used.get(user.id) })), [list.rows, used])
  const [columns] = useState(() => columnsWith(setOpened, whyNot(me, 'POST /sip-users/:id/password')))
  const user = opened?.user
  return (
    <Page
      title="SIP users"
      lead="Names and passwords with which accounts connect to us, from any address or a list of them."
    >
      <div className="page-tools">
        <SearchBox label="Search SIP users" value={search} onChange={(text) => change({ search: text })} />
        {list.total === undefined ? null : <p className="page-count">{plural(list.total, 'SIP user')}</p>}
      </div>
      <DataTable
        label="SIP users"
        columns={columns}
        rows={rows}
        rowId={(row) => row.user.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next })}
        onOpen={(row) => setOpened({ kind: 'edit', user: row.user })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          search === '' ? (
            <NoUsers />
          ) : (
            <Empty title="No SIP user fits">Nothing has this name, account or address.</Empty>
          )
        }
      />
      {user === undefined ? null : (
        <UserWindow
          me={me}
          path={`/${user.accountKind}s/${user.accountId}`}
          accountName={user.account}
          opened={opened}
          setOpened={setOpened}
        />
      )}
    </Page>
  )
}

const NoUsers = (): ReactNode => (
  <Empty
    title="No SIP users yet"
    action={
      <>
        <Link to="/customers">Customers</Link>
        <Link to="/carriers">Carriers</Link>
      </>
    }
  >
    A SIP user belongs to a customer or a carrier: open one and create it on its Auth page.
  </Empty>
)
