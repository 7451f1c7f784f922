import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeProblem, findFieldProblem, noAnswer, parseProblem } from './problem.ts'

test('a problem is read from whatever came, and said in words', () => {
  const body = {
    code: 'invalid',
    title: 'Invalid input',
    detail: '1 error in the input',
    errors: [{ path: 'password', message: 'at least 8 characters' }, 7],
  }
  const problem = parseProblem(400, body)
  assert.equal(describeProblem(problem), '1 error in the input password: at least 8 characters')
  assert.equal(findFieldProblem(problem, 'password'), 'at least 8 characters')
  assert.equal(findFieldProblem(problem, 'username'), undefined)
  assert.equal(describeProblem(parseProblem(502, undefined)), 'Tollgate cannot do this at the moment (error 502).')
  assert.equal(describeProblem(parseProblem(418, 'x')), 'This was refused (error 418).')
  assert.equal(describeProblem(noAnswer), noAnswer.detail)
})

test('a page knows better words than the general ones', () => {
  const problem = parseProblem(401, { code: 'unauthenticated', detail: 'Sign in' })
  assert.equal(describeProblem(problem), 'You are not logged in any more. Log in again.')
  assert.equal(describeProblem(problem, { unauthenticated: 'Wrong.' }), 'Wrong.')
})

test('what is wrong with the whole is said once', () => {
  const message = 'no backup of Tollgate'
  assert.equal(describeProblem(parseProblem(400, { detail: message, errors: [{ path: '', message }] })), message)
})
