// Places of a caller and a gateway, and a peer process that offers calls and counts them as the gateway sees them.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CapacityOrder, CapacityReport } from '../peers/capacity-peer.ts'

const deadlineMs = 60_000

export async function offer(peer: ChildProcess, order: CapacityOrder): Promise<CapacityReport> {
  const answer = once(peer, 'message', { signal: AbortSignal.timeout(deadlineMs) })
  peer.send(order)
  const [report] = (await answer) as [CapacityReport]
  return report
}

export const capacityPlaces = (net: string) => ({
  edge: { address: `${net}.1`, port: 5060 },
  caller: { address: `${net}.2`, port: 5070 },
  gateway: { address: `${net}.11`, port: 5080 },
})

export const openCapacityPeer = (): ChildProcess => fork(new URL('../peers/capacity-peer.ts', import.meta.url))
