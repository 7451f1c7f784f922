// The board on a narrow screen: one card for each gateway, the most important on top.
import type { ReactNode } from 'react'
import { memo } from 'react'
import { LastProbe, Lasting, Share, StatusLight, Usage } from '../kit/light.tsx'
import './gateway-cards.css'
import type { BoardRow } from './gateway-row.ts'
import { ProbeButton } from './probe-button.tsx'

export function GatewayCards({ rows }: { rows: readonly BoardRow[] }): ReactNode {
  return (
    <ul className="gateway-cards" aria-label="Gateways">
      {rows.map((row) => (
        <Card key={row.key} row={row} />
      ))}
    </ul>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const Card = memo(function Card({ row }: { row: BoardRow }): ReactNode {
  const { gateway, limits, mayProbe } = row
  return (
    <li className="gateway-card" data-status={gateway.status}>
      <div className="card-head">
        <h2 className="gateway-name">{gateway.name}</h2>
        <StatusLight status={gateway.status} />
      </div>
      <p className="card-place">
        {gateway.carrier} <code>{gateway.target}</code>
      </p>
      <p className="card-reason">
        {gateway.reason}{' '}
        <span className="faint card-since">
          <Lasting since={gateway.since} />
        </span>
      </p>
      <div className="card-numbers">
        <dl>
          <Fact name="Share">
            <Share share={gateway.share} />
          </Fact>
          <Fact name="Channels">
            <Usage used={gateway.channels} limit={limits.channels} />
          </Fact>
          <Fact name="Calls/s">
            <Usage used={gateway.callsPerSecond} limit={limits.callsPerSecond} />
          </Fact>
        </dl>
        {mayProbe ? <ProbeButton gateway={gateway} /> : null}
      </div>
      <p className="card-probe">
        Last probe: <LastProbe probe={gateway.lastProbe} />
      </p>
    </li>
  )
})
