// The secret with which webhooks are signed: made anew, and shown once.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { ConfirmDialog } from '../kit/confirm-dialog.tsx'
import { CopyButton } from '../kit/copy-button.tsx'
import { Notice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import '../people/people.css'
import { whyNot } from '../session.ts'

export function WebhookSecret({ me }: { me: Me }): ReactNode {
  const save = useSave<{ secret: string }>()
  const [asking, setAsking] = useState(false)
  const [secret, setSecret] = useState<string>()
  const denied = whyNot(me, 'POST /webhook-secret')
  const make = async (): Promise<void> => {
    const answer = await save.run({ method: 'POST', path: '/webhook-secret' })
    if (answer?.kind !== 'value') return
    setSecret(answer.value.secret)
    setAsking(false)
  }
  return (
    <section className="panel">
      <h2>Secret of the webhooks</h2>
      <p className="form-lead">Every webhook is signed with it, so that the receiver can tell ours from others.</p>
      {secret === undefined ? null : (
        <>
          <Notice tone="amber">This is the only time it is shown.</Notice>
          <p className="shown-secret">
            <code>{secret}</code>
            <CopyButton text={secret} name="the secret" />
          </p>
        </>
      )}
      <div>
        <Button variant="default" disabled={denied !== undefined} title={denied} onClick={() => setAsking(true)}>
          Make a new secret
        </Button>
      </div>
      {asking ? (
        <ConfirmDialog
          title="Make a new secret?"
          action="Make a new secret"
          busy={save.busy}
          problem={save.problem}
          onConfirm={() => void make()}
          onClose={() => setAsking(false)}
        >
          The one before is void at once: receivers that check signatures need the new one.
        </ConfirmDialog>
      ) : null}
    </section>
  )
}
