// The board of all gateways: counts, filter, table, and what to do when there is none yet.
import type { ReactNode } from 'react'
import { useEffect, useMemo } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { BoardTools } from './board-tools.tsx'
import type { BoardView, Gateway } from './gateway.ts'
import { countGateways, gatewayKey, viewGateways } from './gateway.ts'
import { parseBoardSort, useBoardView } from './board-view.ts'
import { EmptyBoard } from './empty-board.tsx'
import { gatewayColumns } from './gateway-columns.tsx'
import './gateways-page.css'
import { DataTable } from '../kit/data-table.tsx'
import { WarningIcon } from '../kit/icons.tsx'
import type { LiveGateways } from './live-gateways.ts'
import { useLive } from './live-gateways.ts'
import { describeProblem } from '../kit/problem.ts'
import { can } from '../session.ts'

const usualView: Partial<BoardView> = { text: '', status: 'all' }

export function GatewaysPage({ me }: { me: Me }): ReactNode {
  const live = useLive()
  const gateways = live.gateways ?? []
  const counts = countGateways(gateways)
  useEffect(() => {
    document.title = `${counts.red > 0 ? `${counts.red} red · ` : ''}Gateways · Tollgate`
  }, [counts.red])
  return (
    <div className="board" data-stale={live.state === 'lost'}>
      {live.gateways === undefined ? (
        <Waiting live={live} />
      ) : gateways.length === 0 ? (
        <EmptyBoard me={me} />
      ) : (
        <Board gateways={gateways} mayProbe={can(me, 'POST /gateways/:id/probe')} />
      )}
      <p role="status" className="only-heard">
        {live.changes.join('. ')}
      </p>
    </div>
  )
}

function Waiting({ live }: { live: LiveGateways }): ReactNode {
  if (live.problem === undefined) return <p className="board-waiting">Loading the gateways …</p>
  return (
    <p className="notice" role="alert">
      <WarningIcon />
      <span>{describeProblem(live.problem)}</span>
    </p>
  )
}

function Board({ gateways, mayProbe }: { gateways: readonly Gateway[]; mayProbe: boolean }): ReactNode {
  const [view, change] = useBoardView()
  const shown = useMemo(() => viewGateways(gateways, view), [gateways, view])
  const columns = useMemo(() => gatewayColumns(mayProbe), [mayProbe])
  return (
    <>
      <BoardTools counts={countGateways(gateways)} view={view} change={change} />
      <DataTable
        label="Gateways"
        columns={columns}
        rows={shown}
        rowId={gatewayKey}
        total={shown.length}
        sort={`${view.descending ? '-' : ''}${view.sort}`}
        onSort={(sort) => change(parseBoardSort(sort))}
        tone={(gateway) => (gateway.status === 'red' ? 'red' : undefined)}
        empty={
          <p className="board-nothing">
            No gateway fits this filter.{' '}
            <button type="button" className="link-button" onClick={() => change(usualView)}>
              Show all {gateways.length}
            </button>
          </p>
        }
      />
    </>
  )
}
