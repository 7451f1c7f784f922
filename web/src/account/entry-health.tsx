// The health of an entry that receives calls: each of its targets as it is now, and how their lights have changed.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { GatewayItem } from '../../../src/contract/api-live.ts'
import { ProbeButton } from '../gateways/probe-button.tsx'
import { formatCount, formatInstant } from '../kit/format.ts'
import { LastProbe, Lasting, Share, StatusLight } from '../kit/light.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { useList } from '../kit/use-list.ts'
import { useSave } from '../kit/use-save.ts'
import { useGatewaysById } from './live-use.ts'

interface HealthProps {
  readonly endpointId: string
  /** May not set failures back. */
  readonly readOnly: boolean
}

interface Change {
  readonly target: string
  readonly at: string
  readonly status: 'green' | 'red'
  readonly reason: string
}

export function EntryHealth({ endpointId, readOnly }: HealthProps): ReactNode {
  const targets = useGatewaysById().get(endpointId) ?? []
  const [first] = targets
  return (
    <div className="entry-health">
      {first === undefined ? (
        <p className="faint">It has no target: only single addresses and host names are called.</p>
      ) : (
        <>
          <ul className="entry-targets">
            {targets.map((target) => (
              <Target key={target.target} target={target} />
            ))}
          </ul>
          <Failures endpointId={endpointId} targets={targets} readOnly={readOnly} />
          <p className="rows-add">
            Ask all of them with OPTIONS now: <ProbeButton gateway={first} />
          </p>
        </>
      )}
      <History endpointId={endpointId} />
    </div>
  )
}

function Target({ target }: { target: GatewayItem }): ReactNode {
  return (
    <li className="entry-target">
      <span>
        <StatusLight status={target.status} />{' '}
        <span className="faint">
          <Lasting since={target.since} />
        </span>
      </span>
      <span>
        <code>{target.target}</code>
        <span className="entry-reason">{target.reason}</span>
      </span>
      <span>
        <LastProbe probe={target.lastProbe} />
      </span>
      <Share share={target.share} />
    </li>
  )
}

interface FailuresProps extends HealthProps {
  readonly targets: readonly GatewayItem[]
}

function Failures({ endpointId, targets, readOnly }: FailuresProps): ReactNode {
  const save = useSave()
  const count = Math.max(...targets.map((one) => one.consecutiveFailures))
  return (
    <p className="rows-add">
      Consecutive failures: {formatCount(count)}
      <Button
        size="compact-xs"
        variant="default"
        disabled={readOnly || count === 0}
        loading={save.busy}
        onClick={() => void save.run({ method: 'POST', path: `/gateways/${endpointId}/reset-failures` })}
      >
        Reset
      </Button>
      <ProblemNotice problem={save.problem} />
    </p>
  )
}

const pollMs = 5_000

function History({ endpointId }: { endpointId: string }): ReactNode {
  const list = useList<Change>(`/gateways/${endpointId}/history`, {}, { pollMs, pageItems: 20 })
  if (list.rows.length === 0) return <p className="faint">Its lights have not changed since the start.</p>
  return (
    <table className="plain-table">
      <caption className="only-heard">How its lights have changed</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Target</th>
          <th scope="col">Became</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {list.rows.map((change) => (
          <tr key={`${change.target} ${change.at}`}>
            <td>{formatInstant(change.at)}</td>
            <td>
              <code>{change.target}</code>
            </td>
            <td>
              <StatusLight status={change.status} />
            </td>
            <td>{change.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
