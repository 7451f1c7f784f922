// The board of gateways as event streams have it: a numbered state that is never modified, and what lies between two of
// them. Rows that did not change are the same objects in both, so that ten thousand of them are compared in a moment.
import type { BoardChange, BoardWhole, GatewayItem, HealthEvent } from '../contract/api-live.ts'
import type { GatewayBoardRow } from '../control/gateway-board.ts'
import { viewOfGateway } from './gateways.ts'

interface Entry {
  readonly row: GatewayBoardRow
  readonly item: GatewayItem
}

export interface Board {
  /** Grows with every difference; means nothing in another process. */
  readonly revision: number
  readonly entries: ReadonlyMap<string, Entry>
}

export const noBoard: Board = { revision: 0, entries: new Map() }

const keyOf = (row: Pick<GatewayItem, 'endpointId' | 'target'>): string => `${row.endpointId}/${row.target}`

const sameProbe = (left: GatewayBoardRow['lastProbe'], right: GatewayBoardRow['lastProbe']): boolean =>
  left?.at === right?.at && left?.result === right?.result

function isSame(left: GatewayBoardRow, right: GatewayBoardRow): boolean {
  const fields = Object.keys(right) as (keyof GatewayBoardRow)[]
  return (
    fields.every((field) => field === 'lastProbe' || left[field] === right[field]) &&
    sameProbe(left.lastProbe, right.lastProbe)
  )
}

/** `before` itself when nothing is different. */
export function nextBoard(before: Board, rows: readonly GatewayBoardRow[]): Board {
  const entries = new Map<string, Entry>()
  let isChanged = before === noBoard || rows.length !== before.entries.size
  for (const row of rows) {
    const key = keyOf(row)
    const known = before.entries.get(key)
    const kept = known !== undefined && isSame(known.row, row)
    if (!kept) isChanged = true
    entries.set(key, kept ? known : { row, item: viewOfGateway(row) })
  }
  return isChanged ? { revision: before.revision + 1, entries } : before
}

export const wholeOf = ({ revision, entries }: Board): BoardWhole => ({
  revision,
  gateways: [...entries.values()].map(({ item }) => item),
})

export function changeBetween(before: Board, after: Board): BoardChange {
  const changed = [...after.entries].filter(([key, entry]) => before.entries.get(key) !== entry)
  const removed = [...before.entries].filter(([key]) => !after.entries.has(key))
  return {
    since: before.revision,
    revision: after.revision,
    changed: changed.map(([, { item }]) => item),
    removed: removed.map(([, { item }]) => ({ endpointId: item.endpointId, target: item.target })),
  }
}

/** Targets whose colour or reason is not what it was; one that is new has no change. */
export function healthBetween(before: Board, { changed }: BoardChange): HealthEvent[] {
  return changed.flatMap((item) => {
    const was = before.entries.get(keyOf(item))?.item
    if (was === undefined || (was.status === item.status && was.reason === item.reason)) return []
    const { endpointId, name, carrier, target, status, reason, since } = item
    return [{ endpointId, name, carrier, target, status, reason, since }]
  })
}
