// Asks why, before a change is sent, where the system's settings want a reason for the audit.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { createContext, useCallback, useContext, useMemo, useRef, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { TextField } from './form-field.tsx'
import { useObject } from './use-object.ts'

/** '' when none is needed, unless one is asked for in any case; undefined when the person went back. */
type AskReason = (inAnyCase?: boolean) => Promise<string | undefined>

const Asking = createContext<AskReason>(() => Promise.resolve(''))

export const useAskReason = (): AskReason => useContext(Asking)

/** Whether every change needs a reason. */
const useReasonRequired = (): boolean => useObject<{ requireReason?: boolean }>('/system').value?.requireReason === true

export function ReasonProvider({ children }: { children: ReactNode }): ReactNode {
  const required = useReasonRequired()
  const [open, setOpen] = useState(false)
  const waiting = useRef<(reason: string | undefined) => void>(undefined)
  const ask = useCallback(
    (inAnyCase = false): Promise<string | undefined> => {
      if (!required && !inAnyCase) return Promise.resolve('')
      setOpen(true)
      return new Promise((resolve) => {
        waiting.current = resolve
      })
    },
    [required],
  )
  const answer = (reason: string | undefined): void => {
    setOpen(false)
    waiting.current?.(reason)
    waiting.current = undefined
  }
  const value = useMemo(() => ask, [ask])
  return (
    <Asking value={value}>
      {children}
      {open ? <ReasonDialog answer={answer} /> : null}
    </Asking>
  )
}

function ReasonDialog({ answer }: { answer: (reason: string | undefined) => void }): ReactNode {
  const [reason, setReason] = useState('')
  const given = reason.trim()
  return (
    <Dialog title="Why this change?" onClose={() => answer(undefined)}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (given !== '') answer(given)
        }}
      >
        <TextField
          label="Reason"
          value={reason}
          onChange={setReason}
          autoFocus
          help="It stands in the audit beside your name. The system's settings ask for one."
        />
        <div className="form-actions">
          <Button variant="default" onClick={() => answer(undefined)}>
            Cancel
          </Button>
          <Button type="submit" disabled={given === ''}>
            Go on
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
