// One alert: what was measured, how it ended, and every message that it caused.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AlertDeliveryItem, AlertItem } from '../../../src/contract/api-alerts.ts'
import { kindWords } from '../account/alert-words.ts'
import { Dialog } from '../kit/dialog.tsx'
import { formatInstant, formatStamp } from '../kit/format.ts'
import { Facts } from '../kit/page.tsx'
import { StateWord } from '../kit/state-word.tsx'

const events = { raised: 'raised', recovered: 'over', test: 'test' } as const

export function AlertDialog({ alert, onClose }: { alert: AlertItem; onClose: () => void }): ReactNode {
  const { kind, name, subject, value, threshold, openedAt, closedAt, deliveries } = alert
  const { label, unit = '' } = kindWords[kind]
  return (
    <Dialog
      wide
      title={`${alert.account}: ${name}`}
      onClose={onClose}
      actions={
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      }
    >
      <p>{alert.text}</p>
      <Facts
        items={[
          ['Watches', subject === null ? label : `${label}: ${subject}`],
          ['Raised', formatStamp(Date.parse(openedAt))],
          ['Over', closedAt === null ? 'not yet' : formatStamp(Date.parse(closedAt))],
          ...(value === null ? [] : [['Measured', `${value} ${unit}`.trim()] as const]),
          ...(threshold === null || unit === '' ? [] : [['Threshold', `${threshold} ${unit}`] as const]),
        ]}
      />
      {deliveries.length === 0 ? (
        <p className="faint">Nobody was told: the rule has no e-mail address and no webhook.</p>
      ) : (
        <Deliveries deliveries={deliveries} />
      )}
    </Dialog>
  )
}

function Deliveries({ deliveries }: { deliveries: readonly AlertDeliveryItem[] }): ReactNode {
  return (
    <table className="plain-table">
      <caption className="only-heard">Who was told</caption>
      <thead>
        <tr>
          <th scope="col">Told</th>
          <th scope="col">Of</th>
          <th scope="col">When</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((one) => (
          <tr key={`${one.to} ${one.event}`}>
            <th scope="row">{one.to}</th>
            <td>{events[one.event]}</td>
            <td>{formatInstant(one.at)}</td>
            <td>
              <StateWord tone={one.ok ? 'good' : 'bad'}>{one.ok ? 'told' : 'failed'}</StateWord>{' '}
              <span className="faint">{one.detail}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
