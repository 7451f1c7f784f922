// Sends an OPTIONS probe now; busy until its result stands in the row, or for a few seconds.
import { ActionIcon } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useEffect, useState } from 'react'
import { callApi } from '../kit/api-client.ts'
import type { Gateway } from './gateway.ts'
import { ProbeIcon } from '../kit/icons.tsx'
import { describeProblem } from '../kit/problem.ts'

/** A probe's own time-out is 2 s unless configured otherwise. */
const waitMs = 4_000
const failureShownMs = 8_000
const words = { not_found: 'This gateway does not exist any more.' }

interface Probe {
  readonly busy: boolean
  readonly failure: string | undefined
  readonly start: () => void
}

function useProbe({ endpointId, lastProbe }: Gateway): Probe {
  /** The time of the last result when the probe was started; undefined = none is awaited. */
  const [awaited, setAwaited] = useState<string>()
  const request = useMutation({
    mutationFn: () => callApi<unknown>('POST', `/gateways/${encodeURIComponent(endpointId)}/probe`),
    onSuccess: (answer) => {
      if (answer.kind === 'problem') setAwaited(undefined)
    },
  })
  useEffect(() => {
    if (awaited === undefined) return undefined
    const timer = window.setTimeout(() => setAwaited(undefined), waitMs)
    return () => window.clearTimeout(timer)
  }, [awaited])
  const { reset } = request
  const failed = request.data?.kind === 'problem'
  useEffect(() => {
    if (!failed) return undefined
    const timer = window.setTimeout(reset, failureShownMs)
    return () => window.clearTimeout(timer)
  }, [failed, reset])
  return {
    busy: awaited !== undefined && awaited === (lastProbe?.at ?? ''),
    failure: request.data?.kind === 'problem' ? describeProblem(request.data.problem, words) : undefined,
    start: () => {
      setAwaited(lastProbe?.at ?? '')
      request.mutate()
    },
  }
}

export function ProbeButton({ gateway }: { gateway: Gateway }): ReactNode {
  const { busy, failure, start } = useProbe(gateway)
  const name = `Probe ${gateway.name} now`
  return (
    <span className="probe-button">
      <ActionIcon loading={busy} onClick={start} aria-label={name} title={name}>
        <ProbeIcon />
      </ActionIcon>
      <span role="alert">{failure === undefined ? null : <span className="probe-failure">{failure}</span>}</span>
    </span>
  )
}
