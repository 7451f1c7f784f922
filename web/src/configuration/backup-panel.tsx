// The whole of Tollgate in one file, and the way back. For administrators.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { formatBytes } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import type { Problem } from '../kit/problem.ts'
import { useAskReason } from '../kit/reason.tsx'
import { downloadBackup } from './backup-transfer.ts'
import { RestorePart } from './restore-part.tsx'

export function BackupPanel(): ReactNode {
  return (
    <section className="panel">
      <h2>Backup and restore</h2>
      <BackupPart />
      <RestorePart />
    </section>
  )
}

function BackupPart(): ReactNode {
  const askReason = useAskReason()
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle')
  const [bytes, setBytes] = useState(0)
  const [problem, setProblem] = useState<Problem>()
  const run = async (): Promise<void> => {
    const reason = await askReason()
    if (reason === undefined) return
    setBytes(0)
    setState('busy')
    const failure = await downloadBackup(reason, setBytes)
    setProblem(failure)
    setState(failure === undefined ? 'done' : 'idle')
  }
  return (
    <>
      <p className="form-lead">
        One file with the configuration, records, people and audit, and with the key that opens the passwords in it:
        keep it as safe as the passwords themselves.
      </p>
      <ProblemNotice problem={problem} />
      {state === 'done' ? <Notice tone="green">The backup was downloaded ({formatBytes(bytes)}).</Notice> : null}
      <div className="rows-add">
        <Button variant="default" loading={state === 'busy'} onClick={() => void run()}>
          Download a backup
        </Button>
        {state === 'busy' ? <span className="faint">{formatBytes(bytes)} so far</span> : null}
      </div>
    </>
  )
}
