// How often each final status came, as bars and numbers.
import type { ReactNode } from 'react'
import type { CodesAnswer } from '../../../src/contract/api-stats.ts'
import { formatCount, formatShare } from '../kit/format.ts'
import { Share } from '../kit/light.tsx'

const words: Readonly<Record<number, string>> = {
  200: 'answered',
  403: 'forbidden',
  404: 'not found',
  408: 'no reply in time',
  480: 'not available',
  484: 'number incomplete',
  486: 'busy',
  487: 'cancelled',
  488: 'no codec in common',
  500: 'server error',
  502: 'bad gateway',
  503: 'no room, or out of service',
  504: 'gateway too slow',
  603: 'declined',
}

export function CodesTable({ codes }: { codes: CodesAnswer }): ReactNode {
  const all = codes.items.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return null
  return (
    <section className="panel">
      <h2>Final replies</h2>
      <table className="plain-table codes">
        <caption className="only-heard">Final replies by code</caption>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Meaning</th>
            <th scope="col" data-numeric="true">
              Times
            </th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {codes.items.map(({ status, count }) => (
            <tr key={status ?? 0}>
              <th scope="row">{status ?? 'none'}</th>
              <td>{status === null ? 'no final reply' : (words[status] ?? '')}</td>
              <td data-numeric="true">{formatCount(count)}</td>
              <td title={formatShare(count / all)}>
                <Share share={count / all} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
