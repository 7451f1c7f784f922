// The gateways that a simulated call could take, their shares, and why some get nothing.
import type { ReactNode } from 'react'
import type { SimulateResult } from '../../../src/contract/api-live.ts'
import { formatShare } from '../kit/format.ts'

export function Candidates({ candidates }: { candidates: SimulateResult['candidates'] }): ReactNode {
  if (candidates.length === 0) return <p className="faint">The decision did not come to gateways.</p>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
    <div className="scroll-frame" tabIndex={0} role="region" aria-label="Gateways">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">Carrier</th>
            <th scope="col">Gateway</th>
            <th scope="col">Target</th>
            <th scope="col" data-numeric="true">
              Priority
            </th>
            <th scope="col" data-numeric="true">
              Share
            </th>
            <th scope="col">Gets calls</th>
          </tr>
        </thead>
        <tbody>
          {candidates.map(({ account, gateway, target, priority, share, excluded }) => (
            <tr key={`${account} ${gateway} ${target}`}>
              <td>{account}</td>
              <th scope="row">{gateway}</th>
              <td>
                <code>{target}</code>
              </td>
              <td data-numeric="true">{priority}</td>
              <td data-numeric="true">{formatShare(share)}</td>
              <td>{excluded === undefined ? 'yes' : `no: ${excluded}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
