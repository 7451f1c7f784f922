// What one line of the board needs: the gateway, its limits, and whether the reader may probe it.
import { useMemo } from 'react'
import type { Gateway, GatewayLimits } from './gateway.ts'
import { gatewayKey } from './gateway.ts'

export interface BoardRow {
  readonly key: string
  readonly gateway: Gateway
  readonly limits: GatewayLimits
  readonly mayProbe: boolean
}

const unlimited: GatewayLimits = {}

export function useBoardRows(
  gateways: readonly Gateway[],
  limits: ReadonlyMap<string, GatewayLimits>,
  mayProbe: boolean,
): readonly BoardRow[] {
  return useMemo(
    () =>
      gateways.map((gateway) => ({
        key: gatewayKey(gateway),
        gateway,
        limits: limits.get(gateway.endpointId) ?? unlimited,
        mayProbe,
      })),
    [gateways, limits, mayProbe],
  )
}
