// Log-in with username and password.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { EntryFrame, FormFailure } from './entry-frame.tsx'
import { describeProblem } from '../kit/problem.ts'
import { Notice } from '../kit/notice.tsx'
import { logIn, toldAtLogIn } from '../session.ts'

const words = {
  unauthenticated: 'The username or the password is wrong.',
  invalid: 'The username or the password is wrong.',
}

const endedText = 'You were signed out: the session has ended, or a backup was restored.'

/** @param ended somebody was signed in here, and did not log out */
export function LogInPage({ ended }: { ended: boolean }): ReactNode {
  const client = useQueryClient()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () => logIn(client, username.trim(), password),
    onSuccess: (answer) => {
      if (answer.kind === 'problem') setPassword('')
    },
  })
  const failure = attempt.data?.kind === 'problem' ? describeProblem(attempt.data.problem, words) : undefined
  const word = toldAtLogIn() ?? (ended ? endedText : undefined)
  return (
    <EntryFrame title="Log in">
      {word === undefined ? null : <Notice tone="blue">{word}</Notice>}
      <form
        className="entry-form"
        onSubmit={(event) => {
          event.preventDefault()
          attempt.mutate()
        }}
      >
        <TextInput
          label="Username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <FormFailure text={failure} />
        <Button type="submit" fullWidth loading={attempt.isPending}>
          Log in
        </Button>
      </form>
    </EntryFrame>
  )
}
