// A contestant and the load generator, both just started, at places of their own; both are ended whatever happens.
import { withContestant } from './contestants.ts'
import type { Contestant, ContestantName, Setup } from './contestants.ts'
import { placesOf } from './places.ts'
import { Traffic } from './traffic.ts'

export interface Bed extends Contestant {
  readonly net: string
  readonly traffic: Traffic
}

export interface BedOptions extends Partial<Omit<Setup, 'places'>> {
  readonly net: string
  /** Sockets of callers, each with an address of its own. */
  readonly callers?: number
  readonly sdpBytes?: number
  /** See GeneratorSpec. */
  readonly pauseMs?: number
}

export function withBed<T>(name: ContestantName, options: BedOptions, work: (bed: Bed) => Promise<T>): Promise<T> {
  const { net, callers, sdpBytes, pauseMs, ...setup } = options
  const places = placesOf(net, callers)
  return withContestant(name, { sources: ['127.0.0.0/8'], ...setup, places }, async (contestant) => {
    const { edge, gateways } = places
    const spec = { callers: places.callers, gateways, edge, sdpBytes: sdpBytes ?? 0, pauseMs: pauseMs ?? 0 }
    const traffic = await Traffic.open(spec)
    try {
      return await work({ ...contestant, net, traffic })
    } finally {
      await traffic.close()
    }
  })
}
