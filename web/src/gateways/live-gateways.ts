// The gateways, live: rows from `GET /gateways`, then from the event stream; limits from `GET /limits`.
import { createContext, useContext, useEffect, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { LimitItem } from '../../../src/contract/api-live.ts'
import { apiBase, callApi, listAll } from '../kit/api-client.ts'
import type { Gateway, GatewayLimits } from './gateway.ts'
import { describeChanges, limitsByEndpoint } from './gateway.ts'
import type { LiveState } from './live-stream.ts'
import { openLiveStream } from './live-stream.ts'
import type { Problem } from '../kit/problem.ts'
import { refreshSession } from '../session.ts'

const gatewaysKey = ['gateways']
const limitsRefreshMs = 5_000

export interface LiveGateways {
  /** undefined until the first answer. */
  readonly gateways: readonly Gateway[] | undefined
  readonly problem: Problem | undefined
  readonly state: LiveState
  /** When the last rows arrived, in milliseconds since 1970. */
  readonly receivedAt: number
  /** What has just changed its colour, in words. */
  readonly changes: readonly string[]
}

const nothingYet: LiveGateways = {
  gateways: undefined,
  problem: undefined,
  state: 'connecting',
  receivedAt: 0,
  changes: [],
}

/** Filled by the shell, which keeps the one stream open on every page. */
export const LiveContext = createContext(nothingYet)

/** All gateways as they are now, and whether the page is live. */
export const useLive = (): LiveGateways => useContext(LiveContext)

/** Opens the stream; for the shell only. */
export function useLiveGateways(): LiveGateways {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const query = useQuery({ queryKey: gatewaysKey, queryFn: () => callApi<Gateway[]>('GET', '/gateways') })

  const wasLost = useRef(false)

  useEffect(() => {
    const stream = openLiveStream({
      event: 'gateways',
      open: () => new EventSource(`${apiBase}/events`),
      after: (ms, action) => {
        const timer = window.setTimeout(action, ms)
        return () => window.clearTimeout(timer)
      },
      onData: (value) => client.setQueryData(gatewaysKey, { kind: 'value', value }),
      onState: (next) => {
        setState(next)
        // The server is back: what was read before may be old, and what failed can be had now.
        if (wasLost.current && next === 'live') void client.invalidateQueries()
        wasLost.current = next === 'lost' || (wasLost.current && next !== 'live')
        // A refused stream looks like a lost one; only asking tells whether the session has ended.
        if (next === 'lost') void refreshSession(client)
      },
    })
    const retry = (): void => stream.retryNow()
    window.addEventListener('online', retry)
    return () => {
      window.removeEventListener('online', retry)
      stream.close()
    }
  }, [client])

  const answer = query.data
  const gateways = answer?.kind === 'value' ? answer.value : undefined
  return {
    gateways,
    problem: answer?.kind === 'problem' ? answer.problem : undefined,
    state,
    receivedAt: query.dataUpdatedAt,
    changes: useChanges(gateways),
  }
}

function useChanges(gateways: readonly Gateway[] | undefined): readonly string[] {
  const before = useRef<readonly Gateway[]>([])
  const [changes, setChanges] = useState<readonly string[]>([])
  useEffect(() => {
    if (gateways === undefined) return
    const found = describeChanges(before.current, gateways)
    before.current = gateways
    if (found.length > 0) setChanges(found)
  }, [gateways])
  return changes
}

const noLimits: ReadonlyMap<string, GatewayLimits> = new Map()

export function useGatewayLimits(): ReadonlyMap<string, GatewayLimits> {
  const query = useQuery({
    queryKey: ['limits'],
    queryFn: async () => {
      const items = await listAll<LimitItem>('/limits?scope=endpoint')
      return items === undefined ? noLimits : limitsByEndpoint(items)
    },
    refetchInterval: limitsRefreshMs,
  })
  return query.data ?? noLimits
}
