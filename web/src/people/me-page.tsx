// One's own account: password, open sessions, and the way out of all of them.
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Me, SessionItem } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import type { DataColumn } from '../kit/data-table.tsx'
import { DataTable } from '../kit/data-table.tsx'
import { errorsAt, SecretField } from '../kit/form-field.tsx'
import { formatInstant } from '../kit/format.ts'
import { Age } from '../kit/light.tsx'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { refreshSession } from '../session.ts'
import { passwordHelp } from './new-user.tsx'
import './people.css'
import { roleHelp, roleWords } from './roles.ts'

const pollMs = 5_000

const columns: readonly DataColumn<SessionItem>[] = [
  {
    id: 'address',
    title: 'From',
    cell: ({ address, current }) => (
      <>
        {address}
        {current ? <span className="second-line">this browser</span> : null}
      </>
    ),
  },
  { id: 'createdAt', title: 'Logged in', width: '12.5rem', cell: ({ createdAt }) => formatInstant(createdAt) },
  { id: 'seenAt', title: 'Last seen', width: '10rem', cell: ({ seenAt }) => <Age at={seenAt} /> },
]

export function MePage({ me }: { me: Me }): ReactNode {
  const sessions = useList<SessionItem>('/me/sessions', {}, { pollMs })
  const [leaving, setLeaving] = useState<'elsewhere' | 'everywhere'>()
  return (
    <Page title="Your account" lead={`${me.name}, ${roleWords[me.role].toLowerCase()}. ${roleHelp[me.role]}`}>
      <PasswordForm />
      <section className="panel">
        <h2>Where you are logged in</h2>
        <DataTable
          label="Your sessions"
          columns={columns}
          rows={sessions.rows}
          rowId={(row) => row.id}
          total={sessions.total}
          loading={sessions.loading}
          problem={sessions.problem}
          onMore={sessions.more}
          empty={<Empty title="No sessions">You use an API key.</Empty>}
        />
        <div className="form-actions">
          <Button variant="default" disabled={sessions.rows.length < 2} onClick={() => setLeaving('elsewhere')}>
            Log out everywhere else
          </Button>
          <Button variant="default" onClick={() => setLeaving('everywhere')}>
            Log out everywhere
          </Button>
        </div>
      </section>
      {leaving === undefined ? null : <LeaveDialog where={leaving} onClose={() => setLeaving(undefined)} />}
    </Page>
  )
}

function LeaveDialog({ where, onClose }: { where: 'elsewhere' | 'everywhere'; onClose: () => void }): ReactNode {
  const client = useQueryClient()
  const save = useSave()
  const leave = async (): Promise<void> => {
    const path = where === 'elsewhere' ? '/me/sessions?keepThis=true' : '/me/sessions'
    const answer = await save.run({ method: 'DELETE', path, reason: '' })
    if (answer?.kind !== 'value') return
    onClose()
    await refreshSession(client)
  }
  const title = where === 'elsewhere' ? 'Log out everywhere else' : 'Log out everywhere'
  return (
    <ConfirmDialog
      title={`${title}?`}
      action={title}
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void leave()}
      onClose={onClose}
    >
      {where === 'elsewhere'
        ? 'Only this browser stays logged in.'
        : 'This browser is logged out, too. API keys go on working.'}
    </ConfirmDialog>
  )
}

function PasswordForm(): ReactNode {
  const save = useSave()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [done, setDone] = useState(false)
  const submit = async (): Promise<void> => {
    setDone(false)
    const body = { current, password }
    const answer = await save.run({ method: 'POST', path: '/me/password', body, reason: '' })
    if (answer?.kind !== 'value') return
    setCurrent('')
    setPassword('')
    setDone(true)
  }
  return (
    <form
      className="panel"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <h2>Change your password</h2>
      <div className="form password-form">
        <SecretField
          label="Present password"
          value={current}
          onChange={setCurrent}
          error={errorsAt(save.problem, 'current')}
        />
        <SecretField
          label="New password"
          generate
          value={password}
          onChange={setPassword}
          help={`${passwordHelp}. All other sessions end.`}
          error={errorsAt(save.problem, 'password')}
        />
        {done ? <Notice tone="green">Your password was changed.</Notice> : null}
        <ProblemNotice problem={save.problem} except={['current', 'password']} />
        <div className="form-actions">
          <Button type="submit" loading={save.busy} disabled={current === '' || password === ''}>
            Change password
          </Button>
        </div>
      </div>
    </form>
  )
}
