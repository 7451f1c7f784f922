// The whole of Tollgate in one file: database and key. For administrators.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { apiBase } from '../kit/api-client.ts'
import { useAskReason } from '../kit/reason.tsx'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import type { Problem } from '../kit/problem.ts'
import { noAnswer, parseProblem } from '../kit/problem.ts'

/** The browser saves it; the address is given back when it surely has. */
function saveFile(content: Blob, name: string): void {
  const href = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = href
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(href), 60_000)
}

async function fetchBackup(reason: string): Promise<Problem | undefined> {
  try {
    const response = await fetch(`${apiBase}/backup`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', ...(reason === '' ? {} : { 'x-reason': reason }) },
    })
    if (!response.ok) return parseProblem(response.status, await response.json().catch(() => undefined))
    const day = new Date().toISOString().slice(0, 10)
    saveFile(await response.blob(), `tollgate-backup-${day}.tar`)
    return undefined
  } catch {
    return noAnswer
  }
}

export function BackupPanel(): ReactNode {
  const askReason = useAskReason()
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle')
  const [problem, setProblem] = useState<Problem>()
  const run = async (): Promise<void> => {
    const reason = await askReason()
    if (reason === undefined) return
    setState('busy')
    const failure = await fetchBackup(reason)
    setProblem(failure)
    setState(failure === undefined ? 'done' : 'idle')
  }
  return (
    <section className="panel">
      <h2>Backup</h2>
      <p className="form-lead">
        One file with the database and the key that opens its passwords: keep it as safe as the passwords themselves.{' '}
        <code>tollgate restore FILE</code> brings it back.
      </p>
      <ProblemNotice problem={problem} />
      {state === 'done' ? <Notice tone="green">The backup was downloaded.</Notice> : null}
      <div>
        <Button variant="default" loading={state === 'busy'} onClick={() => void run()}>
          Download a backup
        </Button>
      </div>
    </section>
  )
}
