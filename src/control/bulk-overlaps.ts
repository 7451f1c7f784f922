// With whom the addresses of pasted entries collide: the same address, a range around it or inside it.
import { parseCidr } from '../contract/address.ts'
import type { BulkOverlap } from '../contract/api-bulk.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import { findRelated } from '../directory/cidr-relations.ts'
import type { Directory, DirectoryEndpoint } from '../directory/directory.ts'
import { listAt } from '../directory/number-lists.ts'

const overlapsPerRowMax = 20
/** Ranges that are looked at for one address: an entry may list the whole Internet. */
const relatedMax = 200

type Sides = Pick<EndpointConfig, 'direction'> & { readonly accountId: string }

const sends = ({ direction }: Sides): boolean => direction !== 'receives'
const receives = ({ direction }: Sides): boolean => direction !== 'sends'

/** Of one account only the same side counts: its gateways usually lie in the range from which it sends. */
const collides = (mine: Sides, other: Sides, sameRange: boolean): boolean =>
  mine.accountId !== other.accountId ||
  (sends(mine) && sends(other)) ||
  (sameRange && receives(mine) && receives(other))

function overlapOf(
  directory: Directory,
  other: DirectoryEndpoint,
  range: string,
  lines: ReadonlyMap<string, number>,
): BulkOverlap {
  const account = directory.accounts[other.accountIndex]
  const line = lines.get(other.id) ?? null
  return {
    accountKind: account?.kind ?? 'carrier',
    account: account?.name ?? other.accountId,
    endpoint: other.name,
    endpointId: line === null ? other.id : null,
    line,
    address: range,
  }
}

/** @param lines the entries that are pasted, by id, with their line: `directory` holds them already. */
export function overlapsOf(
  directory: Directory,
  id: string,
  mine: Sides & Pick<EndpointConfig, 'addresses'>,
  lines: ReadonlyMap<string, number>,
): BulkOverlap[] {
  const overlaps: BulkOverlap[] = []
  const seen = new Set([id])
  for (const text of mine.addresses) {
    const cidr = parseCidr(text)
    if (cidr === undefined) continue
    for (const { range, value } of findRelated(directory.sources.trie, cidr, relatedMax))
      for (const index of listAt(directory.sources.lists, value)) {
        const other = directory.endpoints[index]
        if (other === undefined || seen.has(other.id) || !collides(mine, other, range === text)) continue
        if (overlaps.length === overlapsPerRowMax) return overlaps
        seen.add(other.id)
        overlaps.push(overlapOf(directory, other, range, lines))
      }
  }
  return overlaps
}
