// Puts a backup in force: a file is chosen, what will happen is said and confirmed, the upload tells how far it is, and when the
// server opens again everybody logs in anew.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useRef, useState } from 'react'
import { Dialog } from '../kit/dialog.tsx'
import { formatBytes, formatInstant, formatShare } from '../kit/format.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { Facts } from '../kit/page.tsx'
import type { Problem } from '../kit/problem.ts'
import { useAskReason } from '../kit/reason.tsx'
import { tellAtLogIn } from '../session.ts'
import type { Manifest } from './backup-manifest.ts'
import { manifestBytes, parseManifest } from './backup-manifest.ts'
import type { Upload } from './backup-transfer.ts'
import { uploadBackup } from './backup-transfer.ts'

interface Chosen {
  readonly file: File
  readonly manifest: Manifest
}

export function RestorePart(): ReactNode {
  const input = useRef<HTMLInputElement>(null)
  const [chosen, setChosen] = useState<Chosen>()
  const [wrong, setWrong] = useState<string>()
  const choose = async (file: File): Promise<void> => {
    const manifest = parseManifest(new Uint8Array(await file.slice(0, manifestBytes).arrayBuffer()))
    setWrong(manifest === undefined ? file.name : undefined)
    setChosen(manifest === undefined ? undefined : { file, manifest })
  }
  return (
    <>
      <p className="form-lead">
        A backup takes the place of everything that is here. Nothing is sent before you have seen what it is and
        confirmed.
      </p>
      {wrong === undefined ? null : (
        <Notice>“{wrong}” is no backup of Tollgate. Choose a file that “Download a backup” has made.</Notice>
      )}
      <div>
        <input
          ref={input}
          type="file"
          hidden
          accept=".tar,application/x-tar"
          aria-label="Backup to restore"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            // The same file may be chosen again, after it was mended.
            event.currentTarget.value = ''
            if (file !== undefined) void choose(file)
          }}
        />
        <Button variant="default" onClick={() => input.current?.click()}>
          Restore a backup …
        </Button>
      </div>
      {chosen === undefined ? null : <RestoreDialog chosen={chosen} onClose={() => setChosen(undefined)} />}
    </>
  )
}

interface Restore {
  /** The part that has gone out, 0 to 1; undefined before it began. */
  readonly sent: number | undefined
  readonly isDone: boolean
  readonly problem: Problem | undefined
  readonly start: () => Promise<void>
  readonly giveUp: () => void
}

function useRestore({ file, manifest }: Chosen): Restore {
  const askReason = useAskReason()
  const upload = useRef<Upload>(undefined)
  const [sent, setSent] = useState<number>()
  const [isDone, setDone] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const start = async (): Promise<void> => {
    const reason = await askReason()
    if (reason === undefined) return
    setProblem(undefined)
    setSent(0)
    upload.current = uploadBackup(file, reason, setSent)
    const answer = await upload.current.done
    setSent(undefined)
    if (answer?.kind === 'problem') setProblem(answer.problem)
    if (answer?.kind !== 'value') return
    setDone(true)
    tellAtLogIn(
      `The backup of ${formatInstant(manifest.takenAt)} is in force. Everybody was signed out: log in with a name and password of that time.`,
    )
  }
  return { sent, isDone, problem, start, giveUp: () => upload.current?.giveUp() }
}

function RestoreDialog({ chosen, onClose }: { chosen: Chosen; onClose: () => void }): ReactNode {
  const { file, manifest } = chosen
  const restore = useRestore(chosen)
  const { sent } = restore
  const isBusy = sent !== undefined || restore.isDone
  const close = (): void => {
    if (sent !== undefined && sent < 1) restore.giveUp()
    if (sent === undefined || sent < 1) onClose()
  }
  return (
    <Dialog
      title="Restore this backup?"
      onClose={close}
      actions={
        <>
          <Button variant="default" disabled={restore.isDone || sent === 1} onClick={close}>
            {sent === undefined ? 'Cancel' : 'Stop the upload'}
          </Button>
          <Button className="danger" loading={isBusy} onClick={() => void restore.start()}>
            Restore
          </Button>
        </>
      }
    >
      <Facts
        items={[
          ['File', `${file.name} (${formatBytes(file.size)})`],
          ['Taken', formatInstant(manifest.takenAt)],
          ['Configuration', `revision ${manifest.revision}`],
          ...(manifest.version === '' ? [] : [['By', `Tollgate ${manifest.version}`] as const]),
        ]}
      />
      <ul className="restore-facts">
        <li>Configuration, call records, payments, people, API keys and audit become those of the backup.</li>
        <li>What happened since is no longer shown. It stays in the folder “replaced” of the data directory.</li>
        <li>Running calls go on; new calls follow the restored configuration.</li>
        <li>Everybody is signed out, you too, and logs in with a password of that time.</li>
      </ul>
      <ProblemNotice problem={restore.problem} />
      <div aria-live="polite">{isBusy ? <Doing sent={sent} isDone={restore.isDone} /> : null}</div>
    </Dialog>
  )
}

function Doing({ sent = 1, isDone }: { sent: number | undefined; isDone: boolean }): ReactNode {
  const text = isDone
    ? 'The backup is sound. The services open again …'
    : sent < 1
      ? `Sending: ${formatShare(sent)}`
      : 'All of it has arrived and is being checked …'
  return (
    <>
      <p>{text}</p>
      <progress className="restore-progress" aria-label="Upload" max={1} {...(sent < 1 ? { value: sent } : {})} />
    </>
  )
}
