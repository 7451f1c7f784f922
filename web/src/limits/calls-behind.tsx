// The live calls that stand behind a number of channels, each with the way to it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { CallItem, LimitItem } from '../../../src/contract/api-live.ts'
import { Dialog } from '../kit/dialog.tsx'
import { plural } from '../kit/format.ts'
import { Lasting } from '../kit/light.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { useList } from '../kit/use-list.ts'
import { limitName } from './limit-words.ts'

const pollMs = 3_000
/** The API names so many at most. */
const callsMax = 1_000

const callHref = (id: string): string => `/calls?search=${encodeURIComponent(id)}`

export function CallsBehind({ limit, onClose }: { limit: LimitItem; onClose: () => void }): ReactNode {
  const limits = useList<LimitItem>('/limits', { id: limit.id, scope: limit.scope, kind: 'channels' }, { pollMs })
  const calls = useList<CallItem>('/calls', {}, { pollMs, pageItems: callsMax })
  const known = new Map(calls.rows.map((call) => [call.id, call]))
  const present = limits.rows[0] ?? limit
  const hidden = present.used - present.calls.length
  return (
    <Dialog
      wide
      title={`Calls of ${limitName(limit)}`}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      }
    >
      <ProblemNotice problem={limits.problem ?? calls.problem} />
      {present.calls.length === 0 ? <p>These calls have ended.</p> : <CallRows ids={present.calls} known={known} />}
      {hidden > 0 ? <p className="faint">And {plural(hidden, 'further call')}.</p> : null}
    </Dialog>
  )
}

function CallRows({ ids, known }: { ids: readonly string[]; known: ReadonlyMap<string, CallItem> }): ReactNode {
  return (
    <table className="plain-table">
      <caption className="only-heard">Live calls</caption>
      <thead>
        <tr>
          <th scope="col">Call</th>
          <th scope="col">From and to</th>
        </tr>
      </thead>
      <tbody>
        {ids.map((id) => (
          <CallRow key={id} id={id} call={known.get(id)} />
        ))}
      </tbody>
    </table>
  )
}

function CallRow({ id, call }: { id: string; call: CallItem | undefined }): ReactNode {
  if (call === undefined)
    return (
      <tr>
        <td>
          <Link to={callHref(id)}>{id}</Link>
        </td>
        <td className="faint">just begun, or over</td>
      </tr>
    )
  return (
    <tr>
      <td>
        <Link to={callHref(id)}>{call.destination === '' ? call.dialled : call.destination}</Link>
        <span className="second-line">
          {call.state} <Lasting since={call.answeredAt ?? call.startedAt} />
        </span>
      </td>
      <td>
        {call.callerAccount} {call.cli === '' ? null : <span className="faint">{call.cli}</span>}
        <span className="second-line">{call.gateway === null ? 'no gateway yet' : `to ${call.gateway}`}</span>
      </td>
    </tr>
  )
}
