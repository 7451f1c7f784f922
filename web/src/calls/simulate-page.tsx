// Would a call from this packet be served, by whom, and why: the engine that carries calls answers, nothing is sent.
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { SimulateRequest, SimulateResult } from '../../../src/contract/api-live.ts'
import { callApi } from '../kit/api-client.ts'
import { errorsAt, NumberField, SelectField, TextField } from '../kit/form-field.tsx'
import { Explanation } from '../kit/explanation.tsx'
import { ProblemNotice } from '../kit/notice.tsx'
import { Page } from '../kit/page.tsx'
import { useView } from '../kit/use-view.ts'
import './calls.css'
import { Candidates } from './candidates.tsx'
import { KnownSources } from './source-choice.tsx'

const transports = [
  { value: 'udp', label: 'UDP' },
  { value: 'tcp', label: 'TCP' },
  { value: 'tls', label: 'TLS' },
] as const

type Transport = (typeof transports)[number]['value']

interface Draft {
  readonly sourceIp: string
  readonly sourcePort: number | null
  readonly transport: Transport
  readonly destination: string
  readonly cli: string
  readonly username: string
  readonly certificateName: string
}

const draftOf = (view: Readonly<Record<string, string>>): Draft => ({
  sourceIp: view['source'] ?? '',
  sourcePort: Number(view['port'] ?? 5_060),
  transport: transports.find(({ value }) => value === view['transport'])?.value ?? 'udp',
  destination: view['to'] ?? '',
  cli: view['cli'] ?? '',
  username: view['user'] ?? '',
  certificateName: view['certificate'] ?? '',
})

const requestOf = ({ username, certificateName, sourcePort, ...rest }: Draft): SimulateRequest => ({
  ...rest,
  ...(sourcePort === null ? {} : { sourcePort }),
  ...(username === '' ? {} : { username }),
  ...(certificateName === '' ? {} : { certificateName }),
})

const shown = ['sourceIp', 'sourcePort', 'destination', 'cli', 'username', 'certificateName']

export function SimulatePage(): ReactNode {
  const [view, setView] = useView()
  const [draft, setDraft] = useState(() => draftOf(view))
  const run = useMutation({
    mutationFn: () => callApi<SimulateResult>('POST', '/simulate', requestOf(draft)),
  })
  const problem = run.data?.kind === 'problem' ? run.data.problem : undefined
  const change = (part: Partial<Draft>): void => setDraft({ ...draft, ...part })
  const start = (): void => {
    const { sourceIp, sourcePort, transport, destination, cli, username, certificateName } = draft
    const kept = {
      port: sourcePort === 5_060 ? '' : String(sourcePort ?? ''),
      transport: transport === 'udp' ? '' : transport,
    }
    setView({ source: sourceIp, to: destination, cli, user: username, certificate: certificateName, ...kept })
    run.mutate()
  }
  return (
    <Page
      title="Simulate a call"
      lead="The engine that carries calls says what would happen to this one, step by step. Nothing is sent, nothing is consumed."
    >
      <form
        className="form form-section"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <Fields draft={draft} change={change} errorOf={(path) => errorsAt(problem, path)} />
        <KnownSources onChoose={(sourceIp) => change({ sourceIp })} />
        <ProblemNotice problem={problem} except={shown} />
        <div className="form-actions">
          <Button type="submit" loading={run.isPending}>
            Simulate
          </Button>
        </div>
      </form>
      <div aria-live="polite">{run.data?.kind === 'value' ? <Answer answer={run.data.value} /> : null}</div>
    </Page>
  )
}

interface FieldsProps {
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
  readonly errorOf: (path: string) => string | undefined
}

function Fields({ draft, change, errorOf }: FieldsProps): ReactNode {
  const text = (
    name: 'sourceIp' | 'destination' | 'cli' | 'username' | 'certificateName',
    label: string,
    help: string,
  ) => (
    <TextField
      label={label}
      help={help}
      mono
      autoFocus={name === 'sourceIp'}
      value={draft[name]}
      onChange={(value) => change({ [name]: value })}
      error={errorOf(name)}
    />
  )
  return (
    <>
      <div className="form-row">
        {text('sourceIp', 'Source address', 'Where the INVITE comes from')}
        {text('destination', 'Number', 'As it is dialled')}
        {text('cli', 'CLI', 'The caller’s number; may be empty')}
      </div>
      <details>
        <summary>Port, transport, SIP user, certificate</summary>
        <div className="form-row details-body">
          <NumberField
            label="Source port"
            value={draft.sourcePort}
            onChange={(sourcePort) => change({ sourcePort })}
            error={errorOf('sourcePort')}
          />
          <SelectField
            label="Transport"
            value={draft.transport}
            options={transports}
            onChange={(transport) => change({ transport })}
          />
          {text('username', 'SIP user', 'Who would answer the challenge')}
          {text('certificateName', 'Certificate name', 'What the caller’s TLS certificate would prove')}
        </div>
      </details>
    </>
  )
}

function Answer({ answer }: { answer: SimulateResult }): ReactNode {
  const { verdict, code, reason, steps, candidates } = answer
  return (
    <div className="form">
      <div className="verdict" data-verdict={verdict}>
        <strong>
          {verdict === 'route' ? 'This call would be routed' : `This call would be refused: ${code} ${reason}`}
        </strong>
      </div>
      <section className="panel">
        <h2>Step by step</h2>
        <Explanation steps={steps} />
      </section>
      <section className="panel">
        <h2>Gateways</h2>
        <Candidates candidates={candidates} />
      </section>
    </div>
  )
}
