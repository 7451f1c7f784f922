// A test call to one gateway: OPTIONS asks whether it lives, INVITE calls a number. The ladder grows as it happens.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { EndpointItem } from '../../../src/contract/api-config.ts'
import type { TestCallItem } from '../../../src/contract/api-test-calls.ts'
import { callApi } from '../kit/api-client.ts'
import { Dialog } from '../kit/dialog.tsx'
import { SelectField, TextField } from '../kit/form-field.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import type { Problem } from '../kit/problem.ts'
import { errorsAt } from '../kit/problem.ts'
import { useObject } from '../kit/use-object.ts'
import './test-call.css'
import { TestCallResult } from './test-call-result.tsx'

const methods = [
  { value: 'INVITE', label: 'INVITE: call a number' },
  { value: 'OPTIONS', label: 'OPTIONS: ask if it is there' },
] as const

const pollMs = 250

export function TestCall({ endpoint, onClose }: { endpoint: EndpointItem; onClose: () => void }): ReactNode {
  const [method, setMethod] = useState<'INVITE' | 'OPTIONS'>('INVITE')
  const [destination, setDestination] = useState('')
  const [cli, setCli] = useState('')
  const [id, setId] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const start = async (): Promise<void> => {
    const body = { endpointId: endpoint.id, method, ...(method === 'INVITE' ? { destination, cli } : {}) }
    setBusy(true)
    const answer = await callApi<{ id: string }>('POST', '/test-calls', body)
    setBusy(false)
    setId(answer.kind === 'value' ? answer.value.id : undefined)
    setProblem(answer.kind === 'problem' ? answer.problem : undefined)
  }
  return (
    <Dialog title={`Test call to ${endpoint.name}`} wide onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <div className="form-row">
          <SelectField label="Method" options={methods} value={method} onChange={setMethod} />
          {method === 'INVITE' ? (
            <>
              <TextField
                label="Number to call"
                mono
                autoFocus
                placeholder="441782000000"
                help="As a caller dials it; rewritten for this gateway, hung up when answered."
                value={destination}
                error={errorsAt(problem, 'destination')}
                onChange={setDestination}
              />
              <TextField
                label="CLI"
                mono
                placeholder="none"
                value={cli}
                error={errorsAt(problem, 'cli')}
                onChange={setCli}
              />
            </>
          ) : null}
        </div>
        <div className="form-actions">
          <Button type="submit" loading={busy}>
            {id === undefined ? 'Start the test call' : 'Call again'}
          </Button>
        </div>
      </form>
      <ProblemNotice problem={problem} except={['destination', 'cli']} />
      {id === undefined ? null : <Running key={id} id={id} />}
    </Dialog>
  )
}

function Running({ id }: { id: string }): ReactNode {
  const [ended, setEnded] = useState(false)
  const call = useObject<TestCallItem>(`/test-calls/${id}`, ended ? {} : { pollMs })
  if (call.value?.state === 'ended' && !ended) setEnded(true)
  if (call.value === undefined) return <ProblemNotice problem={call.problem} />
  return <TestCallResult call={call.value} />
}
