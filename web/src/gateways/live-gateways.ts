// The gateways, live: the whole board once from the event stream, then what changes. While there is no stream (too many are
// open, something in between swallows it) the board is asked for now and then.
import { createContext, useContext, useEffect, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { BoardChange, BoardWhole } from '../../../src/contract/api-live.ts'
import { apiBase, callApi } from '../kit/api-client.ts'
import type { Gateway } from './gateway.ts'
import { describeChanges } from './gateway.ts'
import type { LiveState } from './live-stream.ts'
import { openLiveStream } from './live-stream.ts'
import { mergeBoard } from './merge-board.ts'
import type { Problem } from '../kit/problem.ts'
import { refreshSession } from '../session.ts'

const askEveryMs = 5_000

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

interface Received {
  readonly gateways: readonly Gateway[]
  readonly at: number
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
  const [streamed, setStreamed] = useState<Received>()
  const state = useBoardStream(setStreamed)
  const query = useQuery({
    queryKey: ['gateways'],
    queryFn: () => callApi<Gateway[]>('GET', '/gateways'),
    enabled: state === 'lost',
    refetchInterval: askEveryMs,
  })
  const asked: Received | undefined =
    query.data?.kind === 'value' ? { gateways: query.data.value, at: query.dataUpdatedAt } : undefined
  const latest = asked !== undefined && (streamed === undefined || asked.at > streamed.at) ? asked : streamed
  return {
    gateways: latest?.gateways,
    problem: query.data?.kind === 'problem' ? query.data.problem : undefined,
    state,
    receivedAt: latest?.at ?? 0,
    changes: useChanges(latest?.gateways),
  }
}

/** @param receive stable between draws */
function useBoardStream(receive: (received: Received) => void): LiveState {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const wasLost = useRef(false)
  useEffect(() => {
    let board: BoardWhole | undefined
    const stream = openLiveStream({
      events: ['gateways', 'gatewaysChanged'],
      open: () => new EventSource(`${apiBase}/events`),
      after: (ms, action) => {
        const timer = window.setTimeout(action, ms)
        return () => window.clearTimeout(timer)
      },
      onData: (event, data) => {
        board = event === 'gateways' ? (data as BoardWhole) : mergeBoard(board, data as BoardChange)
        if (board !== undefined) receive({ gateways: board.gateways, at: Date.now() })
        return board !== undefined
      },
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
  }, [client, receive])
  return state
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
