// Gateways as alerts see them: what the signalling thread says of targets, and names that DNS gives no address for.
import type { Directory } from '../directory/directory.ts'
import type { WatchedTarget } from '../edge/seam.ts'
import type { Configuration } from './configuration.ts'

/** A target with the account and the words for it. */
export interface WatchedGateway extends WatchedTarget {
  readonly accountId: string
  /** `acme-1 udp:192.0.2.10:5060`. */
  readonly label: string
}

const notAsked = 'DNS: not asked yet'

/** Names without an address, of one directory. */
export class UnresolvedNames {
  #directory: Directory | undefined
  #targets: readonly WatchedTarget[] = []

  /** Walks the directory only when it is another one. */
  of(directory: Directory): readonly WatchedTarget[] {
    if (directory === this.#directory) return this.#targets
    this.#directory = directory
    this.#targets = directory.endpoints.flatMap(({ id: endpointId, unresolved, state }) =>
      unresolved.map(({ key: targetKey, reason }): WatchedTarget => {
        const unknown = reason === notAsked ? 'unknown' : 'failing'
        return { targetKey, endpointId, reason, state: state === 'on' ? unknown : 'off' }
      }),
    )
    return this.#targets
  }
}

/** Targets whose endpoint is no longer configured are left out. */
export function gatewaysOf(configuration: Configuration, targets: readonly WatchedTarget[]): WatchedGateway[] {
  return targets.flatMap((target) => {
    const endpoint = configuration.endpoints.get(target.endpointId)
    if (endpoint === undefined) return []
    const place = target.targetKey.slice(target.endpointId.length + 1)
    return [{ ...target, accountId: endpoint.accountId, label: `${endpoint.config.name} ${place}` }]
  })
}

/** What became of a target that had an alert. */
export function recoveryOf(target: WatchedGateway | undefined, subjectKey: string): string | undefined {
  if (target === undefined) return subjectKey.includes('/dns:') ? 'is found in DNS again' : 'is no longer there'
  if (target.state === 'green') return `is green again: ${target.reason}`
  return target.state === 'off' ? `is no longer watched: ${target.reason}` : undefined
}
