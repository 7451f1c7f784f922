// The board as the event stream brings it: first whole, then what changed. Pure.
import type { BoardChange, BoardWhole } from '../../../src/contract/api-live.ts'
import { gatewayKey } from './gateway.ts'

/** undefined when the change does not follow on what is here: then the whole is needed again. */
export function mergeBoard(board: BoardWhole | undefined, change: BoardChange): BoardWhole | undefined {
  if (board?.revision !== change.since) return undefined
  const changed = new Map(change.changed.map((gateway) => [gatewayKey(gateway), gateway]))
  const removed = new Set(change.removed.map((gateway) => gatewayKey(gateway)))
  const kept = board.gateways.flatMap((gateway) => {
    const key = gatewayKey(gateway)
    if (removed.has(key)) return []
    const fresh = changed.get(key)
    changed.delete(key)
    return [fresh ?? gateway]
  })
  return { revision: change.revision, gateways: [...kept, ...changed.values()] }
}
