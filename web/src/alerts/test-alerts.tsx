// Sends what saved rules would send, marked as a test, and says what came back.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { AlertDeliveryItem } from '../../../src/contract/api-alerts.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { Notice, ProblemNotice } from '../kit/notice.tsx'
import { useSave } from '../kit/use-save.ts'
import { whyNot } from '../session.ts'

export const deliveryText = ({ to, ok, detail }: AlertDeliveryItem): string =>
  `${ok ? 'told' : 'failed'}: ${to} (${detail})`

interface TestProps {
  /** Of the saved rules. */
  readonly names: readonly string[]
  /** Whose rules; undefined = those for all accounts. */
  readonly accountId?: string
  readonly me: Me
}

export function TestAlerts({ names, accountId, me }: TestProps): ReactNode {
  const [told, setTold] = useState<{ readonly name: string; readonly deliveries: readonly AlertDeliveryItem[] }>()
  const [tested, setTested] = useState<string>()
  const save = useSave<{ deliveries: AlertDeliveryItem[] }>()
  const denied = whyNot(me, 'POST /alerts/test')
  const test = async (name: string): Promise<void> => {
    setTold(undefined)
    setTested(name)
    const body = { ...(accountId === undefined ? {} : { accountId }), name }
    const answer = await save.run({ method: 'POST', path: '/alerts/test', body })
    if (answer?.kind === 'value') setTold({ name, deliveries: answer.value.deliveries })
  }
  return (
    <section className="panel" aria-label="Test an alert">
      <h2>Test an alert</h2>
      <p className="faint">Sends what the saved rule would send, marked as a test. Nothing is raised.</p>
      <div className="rows-add">
        {names.map((name) => (
          <Button
            key={name}
            size="xs"
            variant="default"
            loading={save.busy && tested === name}
            disabled={denied !== undefined || save.busy}
            title={denied}
            onClick={() => void test(name)}
          >
            Test {name}
          </Button>
        ))}
      </div>
      <ProblemNotice problem={save.problem} />
      <div aria-live="polite">
        {told === undefined ? null : told.deliveries.length === 0 ? (
          <Notice tone="amber">{told.name} tells nobody: it has no e-mail address and no webhook.</Notice>
        ) : (
          told.deliveries.map((one) => (
            <Notice key={one.to} tone={one.ok ? 'green' : 'red'}>
              {deliveryText(one)}
            </Notice>
          ))
        )}
      </div>
    </section>
  )
}
