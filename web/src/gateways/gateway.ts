// A gateway as the board shows it, and what the board does with many: filter, sort, count, tell what changed. Pure.
import type { GatewayItem } from '../../../src/contract/api-live.ts'

/** One target of an entry that receives calls. */
export type Gateway = GatewayItem

export type StatusFilter = 'all' | 'green' | 'red'
export type SortKey = 'status' | 'name' | 'carrier' | 'share' | 'channels' | 'callsPerSecond'

export interface BoardView {
  readonly text: string
  readonly status: StatusFilter
  readonly sort: SortKey
  readonly descending: boolean
}

/** An endpoint with several addresses has one row for each. */
export const gatewayKey = (gateway: Pick<Gateway, 'endpointId' | 'target'>): string =>
  `${gateway.endpointId} ${gateway.target}`

export interface Counts {
  readonly all: number
  readonly green: number
  readonly red: number
  readonly channels: number
  readonly callsPerSecond: number
}

export function countGateways(gateways: readonly Gateway[]): Counts {
  const green = gateways.filter((one) => one.status === 'green').length
  return {
    all: gateways.length,
    green,
    red: gateways.length - green,
    channels: gateways.reduce((sum, one) => sum + one.channels, 0),
    callsPerSecond: gateways.reduce((sum, one) => sum + one.callsPerSecond, 0),
  }
}

/** Every word must occur somewhere in name, carrier, target, reason, status or last probe; capitals do not matter. */
export function matchesText(gateway: Gateway, text: string): boolean {
  if (text.trim() === '') return true
  const { name, carrier, target, reason, status, lastProbe } = gateway
  const hay = [name, carrier, target, reason, status, lastProbe?.result ?? ''].join('\n').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word))
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const byName = (a: Gateway, b: Gateway): number =>
  collator.compare(a.carrier, b.carrier) || collator.compare(a.name, b.name) || collator.compare(a.target, b.target)

const comparisons: Readonly<Record<SortKey, (a: Gateway, b: Gateway) => number>> = {
  // Trouble first, the newest on top: what changed last is what one wants to see.
  status: (a, b) =>
    (a.status === b.status ? 0 : a.status === 'red' ? -1 : 1) ||
    (a.status === 'red' ? Date.parse(b.since) - Date.parse(a.since) : 0),
  name: (a, b) => collator.compare(a.name, b.name),
  carrier: byName,
  share: (a, b) => a.share - b.share,
  channels: (a, b) => a.channels - b.channels,
  callsPerSecond: (a, b) => a.callsPerSecond - b.callsPerSecond,
}

export function viewGateways(gateways: readonly Gateway[], view: BoardView): Gateway[] {
  const compare = comparisons[view.sort]
  const sign = view.descending ? -1 : 1
  return gateways
    .filter((one) => (view.status === 'all' || one.status === view.status) && matchesText(one, view.text))
    .toSorted((a, b) => sign * compare(a, b) || byName(a, b))
}

/** One sentence per gateway that has changed its colour; for people who hear the page. */
export function describeChanges(before: readonly Gateway[], after: readonly Gateway[]): string[] {
  const old = new Map(before.map((one) => [gatewayKey(one), one.status]))
  return after
    .filter((one) => {
      const status = old.get(gatewayKey(one))
      return status !== undefined && status !== one.status
    })
    .map((one) => `${one.name} is now ${one.status}: ${one.reason}`)
}
