// Addresses from which calls are expected, to choose one for a simulation.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import { useList } from '../kit/use-list.ts'
import { sourcesOf } from './known-sources.ts'

/** So many entries are looked at. */
const lookedAt = 100

export function KnownSources({ onChoose }: { onChoose: (address: string) => void }): ReactNode {
  const list = useList<EndpointItem>('/endpoints', { sort: 'name' }, { pageItems: lookedAt })
  const sources = sourcesOf(list.rows)
  if (sources.length === 0) return null
  return (
    <div className="known-sources" role="group" aria-label="Known sources">
      <span className="faint">Known sources:</span>
      {sources.map(({ address, entry, account }) => (
        <Button
          key={`${account} ${entry}`}
          size="compact-xs"
          variant="default"
          title={`${entry} of ${account}`}
          onClick={() => onChoose(address)}
        >
          {entry} {address}
        </Button>
      ))}
    </div>
  )
}
