import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noAnswer, parseProblem } from './kit/problem.ts'
import type { Session } from './session.ts'
import { sessionOf } from './session.ts'

const problem = (status: number, code: string) =>
  ({ kind: 'problem', problem: parseProblem(status, { code }) }) as const
const signedIn: Session = { kind: 'signedIn', me: { kind: 'user', id: 'u1', name: 'admin', role: 'administrator' } }

test('who is logged in follows from the answer', () => {
  assert.deepEqual(sessionOf({ kind: 'value', value: signedIn.me }, undefined), signedIn)
  assert.equal(sessionOf(problem(403, 'setup_required'), undefined).kind, 'setUp')
  assert.equal(sessionOf(problem(401, 'unauthenticated'), signedIn).kind, 'signedOut')
})

test('a server that is away logs nobody out', () => {
  assert.equal(sessionOf({ kind: 'problem', problem: noAnswer }, signedIn), signedIn)
  assert.equal(sessionOf(problem(502, ''), signedIn), signedIn)
  assert.equal(sessionOf({ kind: 'problem', problem: noAnswer }, undefined).kind, 'unreachable')
  assert.equal(
    sessionOf({ kind: 'problem', problem: noAnswer }, { kind: 'signedOut', ended: false }).kind,
    'unreachable',
  )
})

test('whose session ended is told so; who logged out, or never logged in, is not', () => {
  const refused = problem(401, 'unauthenticated')
  const ended = sessionOf(refused, signedIn)
  assert.deepEqual(ended, { kind: 'signedOut', ended: true })
  assert.deepEqual(sessionOf(refused, ended), ended)
  assert.deepEqual(sessionOf(refused, undefined), { kind: 'signedOut', ended: false })
  assert.deepEqual(sessionOf(refused, { kind: 'signedOut', ended: false }), { kind: 'signedOut', ended: false })
})
