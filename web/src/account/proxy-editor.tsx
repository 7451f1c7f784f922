// Outbound proxies of an entry: address and weight of each.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { NumberField, TextField } from '../kit/form-field.tsx'
import { formatShare } from '../kit/format.ts'
import type { PlacedError } from './form-model.ts'
import { errorAt } from './form-model.ts'
import { RowTools } from './row-tools.tsx'
import './rows.css'

interface Proxy {
  readonly uri: string
  readonly weight: number
}

interface ProxyProps {
  readonly proxies: readonly Proxy[]
  readonly onChange: (proxies: readonly Proxy[]) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
}

export function ProxyEditor({ proxies, onChange, errors, disabled }: ProxyProps): ReactNode {
  const sum = proxies.reduce((total, one) => total + one.weight, 0)
  return (
    <div className="rows-editor" role="group" aria-label="Outbound proxy">
      <p className="rows-title">
        Outbound proxy{' '}
        <span className="faint">
          Calls go there first; the carrier sees its address in Via. Several are balanced by weight.
        </span>
      </p>
      <ul className="rows-list">
        {proxies.map((proxy, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <li className="rows-row" key={at}>
            <span className="rows-number faint">{at + 1}</span>
            <TextField
              label="Proxy"
              mono
              placeholder="sip:198.51.100.7:5060"
              value={proxy.uri}
              disabled={disabled}
              error={errorAt(errors, `outboundProxy[${at}].uri`)}
              onChange={(uri) => onChange(proxies.with(at, { ...proxy, uri }))}
            />
            <NumberField
              label={`Weight${sum > 0 ? ` (${formatShare(proxy.weight / sum)})` : ''}`}
              value={proxy.weight}
              disabled={disabled}
              error={errorAt(errors, `outboundProxy[${at}].weight`)}
              onChange={(weight) => onChange(proxies.with(at, { ...proxy, weight: weight ?? 1 }))}
            />
            <RowTools word="proxy" rows={proxies} at={at} onChange={onChange} disabled={disabled} />
          </li>
        ))}
      </ul>
      <div className="rows-add">
        <Button
          variant="default"
          size="xs"
          disabled={disabled}
          onClick={() => onChange([...proxies, { uri: '', weight: 1 }])}
        >
          Add outbound proxy
        </Button>
      </div>
    </div>
  )
}
