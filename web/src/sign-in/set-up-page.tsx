// First set-up: the one-time token proves that the person reads the server's terminal or files.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { EntryFrame, FormFailure } from './entry-frame.tsx'
import { describeProblem, findFieldProblem } from '../kit/problem.ts'
import { refreshSession, setUp } from '../session.ts'

const words = {
  forbidden: 'The token is not right. It is used up after five wrong tries: then a new one stands in the file.',
}

interface Input {
  readonly token: string
  readonly username: string
  readonly password: string
}

const whereTheTokenIs = (
  <span className="entry-help">
    Printed in the terminal where Tollgate was started. It also stands in the file <code>setup-token</code> in the data
    directory: <code>cat data/setup-token</code>
  </span>
)

export function SetUpPage(): ReactNode {
  const client = useQueryClient()
  const [input, setInput] = useState<Input>({ token: '', username: 'admin', password: '' })
  const attempt = useMutation({
    mutationFn: () => setUp({ token: input.token.trim(), username: input.username.trim(), password: input.password }),
    onSuccess: async (answer) => {
      if (answer.kind === 'value') await refreshSession(client)
    },
  })
  const problem = attempt.data?.kind === 'problem' ? attempt.data.problem : undefined
  const fieldErrors = {
    username: findFieldProblem(problem, 'username'),
    password: findFieldProblem(problem, 'password'),
  }
  const shownAtField = fieldErrors.username !== undefined || fieldErrors.password !== undefined
  const field = (name: keyof Input) => ({
    name,
    required: true,
    withAsterisk: false,
    spellCheck: false,
    value: input[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setInput((before) => ({ ...before, [name]: value }))
    },
  })
  return (
    <EntryFrame title="Set up Tollgate">
      <p className="entry-lead">This creates the first administrator. Until then all calls are refused.</p>
      <form
        className="entry-form"
        onSubmit={(event) => {
          event.preventDefault()
          attempt.mutate()
        }}
      >
        <TextInput
          label="One-time token"
          description={whereTheTokenIs}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="off"
          autoFocus
          classNames={{ input: 'entry-token' }}
          {...field('token')}
        />
        <TextInput
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          error={fieldErrors.username}
          {...field('username')}
        />
        <PasswordInput
          label="Password"
          description="8 characters or more; a sentence of 15 or more is better."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          minLength={8}
          error={fieldErrors.password}
          {...field('password')}
        />
        <FormFailure text={problem === undefined || shownAtField ? undefined : describeProblem(problem, words)} />
        <Button type="submit" fullWidth loading={attempt.isPending}>
          Create administrator
        </Button>
      </form>
    </EntryFrame>
  )
}
