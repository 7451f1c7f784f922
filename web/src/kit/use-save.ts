// One change through the API: busy, what went wrong, and the conflict when somebody else was faster (412). Where the
// system wants a reason for every change, it is asked for here, so that no form can forget it.
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Method } from './api-client.ts'
import { callApi } from './api-client.ts'
import type { Answer, Problem } from './problem.ts'
import { useAskReason } from './reason.tsx'

interface Change {
  readonly method: Exclude<Method, 'GET'>
  readonly path: string
  readonly body?: unknown
  /** The entity tag that the form was filled from; undefined: nothing is compared. */
  readonly etag?: string | undefined
  /** '' for what needs none: a preview, one's own password. */
  readonly reason?: string | undefined
}

export interface SaveState<Value> {
  readonly busy: boolean
  /** The last attempt failed; a conflict stands in `conflict` instead. */
  readonly problem: Problem | undefined
  /** Somebody else has saved in the meantime: `current` and `changes` say what. */
  readonly conflict: Problem | undefined
  /** undefined: the person did not want to give a reason, so nothing was sent. */
  readonly run: (change: Change) => Promise<Answer<Value> | undefined>
  readonly reset: () => void
}

const send = <Value>({ method, path, body, etag }: Change, reason: string): Promise<Answer<Value>> =>
  callApi<Value>(method, path, body, { etag, ...(reason === '' ? {} : { reason }) })

const wantsReason = (answer: Answer<unknown>): boolean =>
  answer.kind === 'problem' && answer.problem.errors.some(({ path }) => path === 'X-Reason')

export function useSave<Value = unknown>(): SaveState<Value> {
  const client = useQueryClient()
  const askReason = useAskReason()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Problem>()
  const run = async (change: Change): Promise<Answer<Value> | undefined> => {
    const reason = change.reason ?? (await askReason())
    if (reason === undefined) return undefined
    setBusy(true)
    let answer = await send<Value>(change, reason)
    // The setting is younger than what this page knows of it.
    const late = reason === '' && wantsReason(answer) ? await askReason(true) : undefined
    if (late !== undefined) answer = await send<Value>(change, late)
    setBusy(false)
    setFailure(answer.kind === 'problem' ? answer.problem : undefined)
    if (answer.kind === 'value')
      await client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === 'list' || queryKey[0] === 'object',
      })
    return answer
  }
  const conflict = failure?.status === 412 ? failure : undefined
  return {
    busy,
    problem: conflict === undefined ? failure : undefined,
    conflict,
    run,
    reset: () => setFailure(undefined),
  }
}
