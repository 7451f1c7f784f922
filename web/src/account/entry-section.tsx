// IP Authentication: the entries of the account with their lights, and everything one does with them.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMemo, useState } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import { DataTable } from '../kit/data-table.tsx'
import { formatCount } from '../kit/format.ts'
import { Empty } from '../kit/page.tsx'
import { SearchBox } from '../kit/search-box.tsx'
import { useList } from '../kit/use-list.ts'
import { useView } from '../kit/use-view.ts'
import { whyNot } from '../session.ts'
import type { AccountTabProps } from './account-page.tsx'
import { authRowOf } from './auth-rows.ts'
import { BulkEntry } from './bulk-entry.tsx'
import { entryColumns } from './entry-columns.tsx'
import { EntryEditor } from './entry-editor.tsx'
import type { Draft } from './form-model.ts'
import { textOf } from './form-model.ts'
import { useGatewaysById, useUsed } from './live-use.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import { TestCall } from './test-call.tsx'

/** What stands in front of the list. */
export type Opened =
  | { readonly kind: 'edit'; readonly endpoint: EndpointItem | undefined; readonly initial?: Draft }
  | { readonly kind: 'bulk' }
  | { readonly kind: 'test'; readonly endpoint: EndpointItem }
  | { readonly kind: 'remove'; readonly endpoint: EndpointItem }
  | undefined

/** A list longer than this shows its beginning until one asks for more, so that the SIP users stay in reach. */
const shortRows = 20

export function EntrySection(props: AccountTabProps): ReactNode {
  const { kind, account, path, me } = props
  const [view, change] = useView()
  const { search = '', sort = 'name' } = view
  const [opened, setOpened] = useState<Opened>()
  const [all, setAll] = useState(false)
  const list = useList<EndpointItem>(`${path}/endpoints`, { search, sort })
  const gateways = useGatewaysById()
  const used = useUsed('endpoint')
  const rows = useMemo(
    () => list.rows.slice(0, all ? undefined : shortRows).map((endpoint) => authRowOf(endpoint, gateways, used)),
    [list.rows, gateways, used, all],
  )
  const denied = whyNot(me, `POST /${kind}s/:id/endpoints`)
  const columns = useMemo(
    () =>
      entryColumns({
        onEdit: (endpoint) => setOpened({ kind: 'edit', endpoint }),
        onTest: (endpoint) => setOpened({ kind: 'test', endpoint }),
      }),
    [],
  )
  const usual = kind === 'carrier' ? 'receives' : 'sends'
  const create = (): void => setOpened({ kind: 'edit', endpoint: undefined, initial: { direction: usual } })
  const buttons = (
    <>
      <Button variant="default" disabled={denied !== undefined} title={denied} onClick={create}>
        New entry
      </Button>
      <Button disabled={denied !== undefined} title={denied} onClick={() => setOpened({ kind: 'bulk' })}>
        Paste addresses
      </Button>
    </>
  )
  const hidden = (list.total ?? 0) - rows.length
  return (
    <section className="auth-part" aria-labelledby="ip-authentication">
      <div className="auth-head">
        <h2 id="ip-authentication">
          IP Authentication{list.total === undefined ? '' : <span className="faint"> {formatCount(list.total)}</span>}
        </h2>
        {(list.total ?? 0) > 5 || search !== '' ? (
          <SearchBox label="Search entries" value={search} onChange={(text) => change({ search: text })} />
        ) : null}
        <div className="auth-buttons">{list.total === 0 && search === '' ? null : buttons}</div>
      </div>
      <DataTable
        label="IP Authentication"
        columns={columns}
        rows={rows}
        rowId={(row) => row.endpoint.id}
        total={list.total}
        sort={sort}
        onSort={(next) => change({ sort: next === 'name' ? '' : next })}
        onOpen={(row) => setOpened({ kind: 'edit', endpoint: row.endpoint })}
        loading={list.loading}
        problem={list.problem}
        {...(all ? { onMore: list.more } : {})}
        tone={(row) => (row.light?.status === 'red' ? 'red' : undefined)}
        empty={<NoEntries kind={kind} search={search} buttons={buttons} onShowAll={() => change({ search: '' })} />}
      />
      {!all && hidden > 0 ? (
        <Button variant="default" onClick={() => setAll(true)}>
          Show all {formatCount(list.total ?? 0)} entries
        </Button>
      ) : null}
      <OpenedWindow {...props} opened={opened} setOpened={setOpened} accountName={account.name} />
    </section>
  )
}

interface OpenedProps extends Pick<AccountTabProps, 'kind' | 'path' | 'me'> {
  readonly opened: Opened
  readonly setOpened: (opened: Opened) => void
  readonly accountName: string
}

/** The window that is open, if any; the list of all entries uses it, too. */
export function OpenedWindow({ opened, setOpened, accountName, kind, path, me }: OpenedProps): ReactNode {
  const onClose = (): void => setOpened(undefined)
  if (opened === undefined) return null
  if (opened.kind === 'bulk')
    return <BulkEntry kind={kind} accountName={accountName} accountPath={path} onClose={onClose} />
  if (opened.kind === 'test') return <TestCall endpoint={opened.endpoint} onClose={onClose} />
  if (opened.kind === 'remove')
    return (
      <RemoveDialog
        title={`Remove ${opened.endpoint.name}?`}
        path={`/endpoints/${opened.endpoint.id}`}
        etag={opened.endpoint.etag}
        onClose={onClose}
      >
        Its addresses are no longer admitted and it gets no new calls. Running calls go on.
      </RemoveDialog>
    )
  return (
    <EntryEditor
      key={opened.endpoint?.id ?? `new ${textOf(opened.initial?.['name'])}`}
      accountPath={path}
      accountName={accountName}
      stored={opened.endpoint}
      {...(opened.initial === undefined ? {} : { initial: opened.initial })}
      readOnly={whyNot(me, 'PATCH /endpoints/:id') !== undefined}
      onClose={onClose}
      onDuplicate={(initial) => setOpened({ kind: 'edit', endpoint: undefined, initial })}
      onRemove={(endpoint) => setOpened({ kind: 'remove', endpoint })}
    />
  )
}

interface NoEntriesProps {
  readonly kind: 'carrier' | 'customer'
  readonly search: string
  readonly buttons: ReactNode
  readonly onShowAll: () => void
}

function NoEntries({ kind, search, buttons, onShowAll }: NoEntriesProps): ReactNode {
  if (search !== '')
    return (
      <Empty
        title="No entry fits"
        action={
          <Button variant="default" onClick={onShowAll}>
            Show all
          </Button>
        }
      >
        Nothing has this name, address or note.
      </Empty>
    )
  return (
    <Empty title="No addresses yet" action={buttons}>
      {kind === 'carrier'
        ? 'Say which gateways of this carrier get calls, and which of its addresses may send calls to us. Paste one or many.'
        : 'Say from which addresses this customer sends its calls, or give it a SIP user below.'}
    </Empty>
  )
}
