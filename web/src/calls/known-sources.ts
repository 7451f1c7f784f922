// Which addresses are offered for a simulation. Pure.
import type { EndpointItem } from '../../../src/contract/api-config.ts'

const offeredMax = 12

interface Source {
  readonly address: string
  readonly entry: string
  readonly account: string
}

/** The first address of each entry that sends; of a range its first, and none for "any". */
export function sourcesOf(entries: readonly EndpointItem[]): readonly Source[] {
  return entries
    .flatMap(({ direction, addresses, name, account }) => {
      const address = addresses.find((one) => !one.endsWith('/0'))?.split('/')[0]
      return direction === 'receives' || address === undefined ? [] : [{ address, entry: name, account }]
    })
    .slice(0, offeredMax)
}
