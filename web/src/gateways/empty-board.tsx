// No gateway yet: what to do next, here or with a file to start from. An administrator gets the key for the command here.
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { CreatedApiKey, Me } from '../../../src/contract/api-people.ts'
import { NewAccount } from '../accounts/new-account.tsx'
import { callApi } from '../kit/api-client.ts'
import './empty-board.css'
import { CopyIcon, WarningIcon } from '../kit/icons.tsx'
import { describeProblem } from '../kit/problem.ts'
import { whyNot } from '../session.ts'

const exampleFile = `carriers:
  - name: Acme
    endpoints:
      - { name: acme-1, direction: receives, addresses: [192.0.2.10], weight: 10 }
      - { name: acme-2, direction: receives, addresses: [192.0.2.11], weight: 1 }
customers:
  - name: PBX
    endpoints:
      - { name: pbx, direction: sends, addresses: [198.51.100.20] }
routes:
  - { prefix: "", from: customers, targets: [{ carrier: Acme }] }
`

const usualAddress = 'http://127.0.0.1:8080'

/** The command asks the usual address unless it is told another one. */
const applyCommand = (): string =>
  `${location.origin === usualAddress ? '' : `TOLLGATE_URL=${location.origin} `}npx tollgate apply -f carriers.yaml\n`

export function EmptyBoard({ me }: { me: Me }): ReactNode {
  return (
    <section className="empty-board">
      <h1>No gateways yet</h1>
      <p className="empty-lead">
        A gateway is an address of a carrier that receives calls. Begin with a carrier: its name, then its addresses.
      </p>
      <FirstCarrier me={me} />
      <h2 className="empty-other">Or all of it in one file</h2>
      <ol>
        <Step number={1} title="A key for the command line">
          {me.role === 'administrator' ? (
            <KeyMaker />
          ) : (
            <p>Ask an administrator for an API key, and put it into the variable TOLLGATE_API_KEY.</p>
          )}
        </Step>
        <Step number={2} title="A file that describes the carriers">
          <Snippet text={exampleFile} name="carriers.yaml" />
        </Step>
        <Step number={3} title="Apply it, in the folder of Tollgate">
          <Snippet text={applyCommand()} name="terminal" wrap />
        </Step>
      </ol>
    </section>
  )
}

function FirstCarrier({ me }: { me: Me }): ReactNode {
  const [creating, setCreating] = useState(false)
  const denied = whyNot(me, 'POST /carriers')
  return (
    <div className="empty-first">
      <Button disabled={denied !== undefined} title={denied} onClick={() => setCreating(true)}>
        New carrier
      </Button>
      {creating ? <NewAccount kind="carrier" onClose={() => setCreating(false)} /> : null}
    </div>
  )
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }): ReactNode {
  return (
    <li className="empty-step">
      <h2>
        <span className="empty-number" aria-hidden="true">
          {number}
        </span>
        {title}
      </h2>
      <div className="empty-body">{children}</div>
    </li>
  )
}

function KeyMaker(): ReactNode {
  const creation = useMutation({
    mutationFn: () => callApi<CreatedApiKey>('POST', '/api-keys', { name: 'command line', role: 'engineer' }),
  })
  const answer = creation.data
  if (answer?.kind === 'value')
    return (
      <>
        <p>
          Run this in the terminal where you will apply the file. The key is shown only now, and whoever has it can
          change the configuration.
        </p>
        <Snippet text={`export TOLLGATE_API_KEY=${answer.value.key}\n`} name="terminal" wrap />
      </>
    )
  return (
    <>
      {answer === undefined ? null : (
        <p className="notice" role="alert">
          <WarningIcon />
          <span>{describeProblem(answer.problem)}</span>
        </p>
      )}
      <Button loading={creation.isPending} onClick={() => creation.mutate()}>
        Create an API key
      </Button>
    </>
  )
}

/** Text to take along. Browsers offer the clipboard only on safe origins; elsewhere the text can be marked. */
function Snippet({ text, name, wrap = false }: { text: string; name: string; wrap?: boolean }): ReactNode {
  const [copied, setCopied] = useState(false)
  const clipboard = window.isSecureContext ? navigator.clipboard : undefined
  const copy = async (): Promise<void> => {
    await clipboard?.writeText(text)
    setCopied(true)
  }
  return (
    <div className="snippet">
      <div className="snippet-head">
        {name}
        {clipboard === undefined ? null : (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<CopyIcon />}
            aria-label={`Copy ${name}`}
            onClick={() => void copy()}
          >
            <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
          </Button>
        )}
      </div>
      <pre data-wrap={wrap}>{text}</pre>
    </div>
  )
}
