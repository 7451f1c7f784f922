// The board of all gateways: counts, filter, table or cards, and what to do when there is none yet.
import { useMediaQuery } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useEffect, useMemo } from 'react'
import type { Me } from '../../src/contract/api-people.ts'
import { BoardTools } from './board-tools.tsx'
import type { BoardView, Gateway } from './gateway.ts'
import { countGateways, viewGateways } from './gateway.ts'
import { useBoardView } from './board-view.ts'
import { EmptyBoard } from './empty-board.tsx'
import { GatewayCards } from './gateway-cards.tsx'
import { GatewayTable } from './gateway-table.tsx'
import { useBoardRows } from './gateway-row.ts'
import './gateways-page.css'
import { WarningIcon } from './icons.tsx'
import type { LiveGateways } from './live-gateways.ts'
import { useGatewayLimits, useLiveGateways } from './live-gateways.ts'
import { describeProblem } from './problem.ts'
import { formatStamp } from './format.ts'
import { TopBar } from './top-bar.tsx'

const usualView: Partial<BoardView> = { text: '', status: 'all' }

export function GatewaysPage({ me }: { me: Me }): ReactNode {
  const live = useLiveGateways()
  const gateways = live.gateways ?? []
  const counts = countGateways(gateways)
  useEffect(() => {
    document.title = `${counts.red > 0 ? `${counts.red} red · ` : ''}Gateways · Tollgate`
  }, [counts.red])
  return (
    <>
      <a className="skip-link" href="#board">
        Skip to the gateways
      </a>
      <TopBar me={me} state={live.state} />
      <LostBanner live={live} />
      <main id="board" className="board" tabIndex={-1} data-stale={live.state === 'lost'}>
        {live.gateways === undefined ? (
          <Waiting live={live} />
        ) : gateways.length === 0 ? (
          <EmptyBoard me={me} />
        ) : (
          <Board gateways={gateways} mayProbe={me.role !== 'support'} />
        )}
      </main>
      <p role="status" className="only-heard">
        {live.changes.join('. ')}
      </p>
    </>
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

function LostBanner({ live }: { live: LiveGateways }): ReactNode {
  return (
    <div role="alert">
      {live.state === 'lost' ? (
        <p className="notice lost-banner" data-tone="amber">
          <WarningIcon />
          <span>
            <strong>Connection lost, retrying.</strong>
            {live.gateways === undefined ? '' : ` This is how it was at ${formatStamp(live.receivedAt)}.`}
          </span>
        </p>
      ) : null}
    </div>
  )
}

function Board({ gateways, mayProbe }: { gateways: readonly Gateway[]; mayProbe: boolean }): ReactNode {
  const [view, change] = useBoardView()
  const limits = useGatewayLimits()
  const wide = useMediaQuery('(min-width: 60em)', undefined, { getInitialValueInEffect: false })
  const shown = useMemo(() => viewGateways(gateways, view), [gateways, view])
  const rows = useBoardRows(shown, limits, mayProbe)
  return (
    <>
      <BoardTools counts={countGateways(gateways)} view={view} change={change} />
      {shown.length === 0 ? (
        <p className="board-nothing">
          No gateway fits this filter.{' '}
          <button type="button" className="link-button" onClick={() => change(usualView)}>
            Show all {gateways.length}
          </button>
        </p>
      ) : wide ? (
        <GatewayTable rows={rows} view={view} change={change} />
      ) : (
        <GatewayCards rows={rows} />
      )}
    </>
  )
}
