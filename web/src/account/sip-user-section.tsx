// SIP User Authentication: who connects to us with a name and password.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { SipUserItem } from '../../../src/contract/api-config.ts'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { formatCount } from '../kit/format.ts'
import { Usage } from '../kit/light.tsx'
import { Empty } from '../kit/page.tsx'
import { useList } from '../kit/use-list.ts'
import { whyNot } from '../session.ts'
import type { AccountTabProps } from './account-page.tsx'
import type { UsedById } from './auth-rows.ts'
import { addressesText } from './auth-rows.ts'
import { useUsed } from './live-use.ts'
import { PasswordDialog } from './password-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { SipUserEditor } from './sip-user-editor.tsx'

export type Opened =
  | { readonly kind: 'edit'; readonly user: SipUserItem | undefined }
  | { readonly kind: 'password'; readonly user: SipUserItem }
  | { readonly kind: 'remove'; readonly user: SipUserItem }
  | undefined

export interface UserRow {
  readonly user: SipUserItem
  readonly used: ReturnType<UsedById['get']>
}

export function SipUserSection({ kind, account, path, me }: AccountTabProps): ReactNode {
  const [opened, setOpened] = useState<Opened>()
  const [sort, setSort] = useState('username')
  const list = useList<SipUserItem>(`${path}/sip-users`, { sort })
  const used = useUsed('sipUser')
  const rows = useMemo(() => list.rows.map((user): UserRow => ({ user, used: used.get(user.id) })), [list.rows, used])
  const denied = whyNot(me, `POST /${kind}s/:id/sip-users`)
  const columns = useMemo(() => userColumns({ setOpened, denied: whyNot(me, 'POST /sip-users/:id/password') }), [me])
  const button = (
    <Button disabled={denied !== undefined} title={denied} onClick={() => setOpened({ kind: 'edit', user: undefined })}>
      New SIP user
    </Button>
  )
  return (
    <section className="auth-part" aria-labelledby="sip-user-authentication">
      <div className="auth-head">
        <h2 id="sip-user-authentication">
          SIP User Authentication
          {list.total === undefined ? '' : <span className="faint"> {formatCount(list.total)}</span>}
        </h2>
        <div className="auth-buttons">{list.total === 0 ? null : button}</div>
      </div>
      <DataTable
        label="SIP User Authentication"
        columns={columns}
        rows={rows}
        rowId={(row) => row.user.id}
        total={list.total}
        sort={sort}
        onSort={setSort}
        onOpen={(row) => setOpened({ kind: 'edit', user: row.user })}
        loading={list.loading}
        problem={list.problem}
        onMore={list.more}
        empty={
          <Empty title="No SIP users" action={button}>
            {kind === 'carrier'
              ? 'A carrier whose addresses change proves itself by a name and password instead. A SIP user only calls in: no call is ever sent to it.'
              : 'Phones and PBXs without a fixed address prove themselves by a name and password. A route may send calls to a registered one.'}
          </Empty>
        }
      />
      <UserWindow opened={opened} setOpened={setOpened} path={path} accountName={account.name} me={me} />
    </section>
  )
}

interface WindowProps extends Pick<AccountTabProps, 'path' | 'me'> {
  readonly opened: Opened | undefined
  readonly setOpened: (opened: Opened | undefined) => void
  readonly accountName: string
}

/** The window that is open, if any; the list of all SIP users uses it, too. */
export function UserWindow({ opened, setOpened, path, accountName, me }: WindowProps): ReactNode {
  const onClose = (): void => setOpened(undefined)
  return (
    <>
      {opened?.kind === 'edit' ? (
        <SipUserEditor
          key={opened.user?.id ?? 'new'}
          accountPath={path}
          accountName={accountName}
          stored={opened.user}
          readOnly={whyNot(me, 'PATCH /sip-users/:id') !== undefined}
          onClose={onClose}
          onRemove={(user) => setOpened({ kind: 'remove', user })}
        />
      ) : null}
      {opened?.kind === 'password' ? <PasswordDialog user={opened.user} onClose={onClose} /> : null}
      {opened?.kind === 'remove' ? (
        <RemoveDialog
          title={`Remove SIP user ${opened.user.username}?`}
          path={`/sip-users/${opened.user.id}`}
          etag={opened.user.etag}
          onClose={onClose}
        >
          Its name and password are no longer accepted. Running calls go on.
        </RemoveDialog>
      ) : null}
    </>
  )
}

const pingWords = { off: 'Disabled', keepalive: 'Enabled', timeout: 'Enabled (timeout)' } as const

interface Actions {
  readonly setOpened: (opened: Opened) => void
  readonly denied: string | undefined
}

const limitOf = (limit: number): number | undefined => (limit === 0 ? undefined : limit)

export const userColumns = ({ setOpened, denied }: Actions): DataColumn<UserRow>[] => [
  {
    id: 'username',
    title: 'Username',
    sort: 'username',
    cell: ({ user }) => (
      <button type="button" className="link-button entry-name" onClick={() => setOpened({ kind: 'edit', user })}>
        {user.username}
      </button>
    ),
  },
  {
    id: 'password',
    title: 'Password',
    cell: ({ user }) =>
      user.hasPassword ? (
        'set'
      ) : (
        <span className="badge" data-tone="amber">
          none: cannot log in
        </span>
      ),
    width: '11rem',
  },
  {
    id: 'allowed',
    title: 'Allowed addresses',
    cell: ({ user }) =>
      user.allowedAddresses.length === 0 ? (
        <span className="faint">any</span>
      ) : (
        <code>{addressesText(user.allowedAddresses)}</code>
      ),
  },
  { id: 'ping', title: 'NAT / SIP ping', cell: ({ user }) => pingWords[user.ping], width: '9rem' },
  {
    id: 'channels',
    title: 'Channels',
    sort: 'channelsMax',
    numeric: true,
    cell: ({ user, used }) => <Usage used={used?.channels ?? 0} limit={limitOf(user.channelsMax)} />,
    width: '6rem',
  },
  {
    id: 'cps',
    title: 'CPS',
    sort: 'callsPerSecondMax',
    numeric: true,
    cell: ({ user, used }) => <Usage used={used?.callsPerSecond ?? 0} limit={limitOf(user.callsPerSecondMax)} />,
    width: '5rem',
  },
  {
    id: 'actions',
    title: 'Actions',
    cell: ({ user }) => (
      <Button
        size="compact-xs"
        variant="default"
        disabled={denied !== undefined}
        title={denied}
        aria-label={`New password for ${user.username}`}
        onClick={() => setOpened({ kind: 'password', user })}
      >
        New password
      </Button>
    ),
    width: '8.5rem',
  },
]
