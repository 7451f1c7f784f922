// What is in use now, by entry or SIP user, a few seconds old at most.
import { useMemo } from 'react'
import type { LimitItem } from '../../../src/contract/api-live.ts'
import { useLive } from '../gateways/live-gateways.ts'
import { useList } from '../kit/use-list.ts'
import type { GatewaysById, UsedById } from './auth-rows.ts'
import { gatewaysById, usedById } from './auth-rows.ts'

const pollMs = 3_000

/** One page, the busiest first: who is not on it uses nothing. */
export function useUsed(scope: 'endpoint' | 'sipUser' | 'account'): UsedById {
  const { rows } = useList<LimitItem>('/limits', { scope, sort: '-used' }, { pollMs, pageItems: 1_000 })
  return useMemo(() => usedById(rows), [rows])
}

export function useGatewaysById(): GatewaysById {
  const { gateways } = useLive()
  return useMemo(() => gatewaysById(gateways ?? []), [gateways])
}
