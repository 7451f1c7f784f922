// One live call with everything known of it, and the button that ends it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { CallItem } from '../../../src/contract/api-live.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { formatInstant, valueText } from '../kit/format.ts'
import { Notice } from '../kit/notice.tsx'
import { Facts } from '../kit/page.tsx'
import { useObject } from '../kit/use-object.ts'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'

const pollMs = 2_000

interface DialogProps {
  readonly me: Me
  readonly call: CallItem
  readonly onClose: () => void
}

const factsOf = (call: CallItem): readonly (readonly [string, ReactNode])[] => [
  ['State', call.state],
  ['Since', formatInstant(call.startedAt)],
  ['Answered', formatInstant(call.answeredAt)],
  ['Caller', call.callerAccount],
  ['Known by', call.callerSipUser ?? call.callerEndpoint ?? 'its address'],
  ['Source', call.source],
  ['CLI', call.cli],
  ['Dialled', call.dialled],
  ['Destination', call.destination],
  ['Gateway', call.gateway ?? 'none yet'],
  ['Call id', <code key="id">{call.id}</code>],
]

export function CallDialog({ me, call, onClose }: DialogProps): ReactNode {
  const [ending, setEnding] = useState(false)
  const now = useObject<CallItem>(`/calls/${encodeURIComponent(call.id)}`, { pollMs })
  const gone = now.problem?.status === 404
  const shown = now.value ?? call
  const denied = whyNot(me, 'DELETE /calls/:id')
  const details = Object.entries(shown.detail).map(([name, value]) => [name, valueText(value)] as const)
  return (
    <>
      <Dialog
        wide
        title={`Call to ${shown.destination}`}
        onClose={onClose}
        actions={
          <>
            <Button variant="default" component={Link} to={`/records/${encodeURIComponent(call.id)}`}>
              {gone ? 'Call record' : 'Trace'}
            </Button>
            <Button
              className="danger"
              disabled={gone || denied !== undefined}
              title={denied}
              onClick={() => setEnding(true)}
            >
              End call
            </Button>
          </>
        }
      >
        {gone ? <Notice tone="blue">This call has ended.</Notice> : null}
        <Facts items={factsOf(shown)} />
        {details.length === 0 ? null : (
          <details>
            <summary>Everything else</summary>
            <Facts items={details} />
          </details>
        )}
      </Dialog>
      {ending ? <Ending call={shown} onClose={() => setEnding(false)} onDone={onClose} /> : null}
    </>
  )
}

interface EndingProps {
  readonly call: CallItem
  readonly onClose: () => void
  readonly onDone: () => void
}

function Ending({ call, onClose, onDone }: EndingProps): ReactNode {
  const save = useSave()
  const end = async (): Promise<void> => {
    const answer = await save.run({ method: 'DELETE', path: `/calls/${encodeURIComponent(call.id)}` })
    if (answer?.kind === 'value') onDone()
  }
  return (
    <ConfirmDialog
      title="End this call?"
      action="End call now"
      busy={save.busy}
      problem={save.problem}
      onConfirm={() => void end()}
      onClose={onClose}
    >
      The call from {call.callerAccount} to {call.destination} is ended with BYE to both sides, or CANCEL if it was not
      answered. Its record says that an operator ended it.
    </ConfirmDialog>
  )
}
