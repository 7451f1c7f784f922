// What the API says when something fails (application/problem+json), and the same in words for a person.

interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** `status` 0: no answer at all. `code` is stable, the texts are not. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: readonly FieldProblem[]
  /** Of a refused save (412): the object as it is now, and what differs. */
  readonly current?: unknown
  readonly changes?: readonly FieldChange[]
}

/** One field that two people have changed. */
interface FieldChange {
  readonly field: string
  readonly yours: unknown
  readonly theirs: unknown
}

/** `etag`: the entity tag of the object that was read or written. */
export type Answer<Value> =
  | { readonly kind: 'value'; readonly value: Value; readonly etag?: string | undefined }
  | { readonly kind: 'problem'; readonly problem: Problem }

export const noAnswer: Problem = {
  status: 0,
  code: 'no_answer',
  title: 'No answer',
  detail: 'Tollgate does not answer. Check that it is running and that this computer reaches it.',
  errors: [],
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Reads a problem from the body of a failed answer, whatever it is: a proxy in between may have written it. */
export function parseProblem(status: number, body: unknown): Problem {
  const fields = isRecord(body) ? body : {}
  const list = Array.isArray(fields['errors']) ? fields['errors'] : []
  const changes = fields['changes']
  return {
    status,
    code: textOf(fields['code']),
    title: textOf(fields['title']),
    detail: textOf(fields['detail']),
    errors: list.filter(isRecord).map((one) => ({ path: textOf(one['path']), message: textOf(one['message']) })),
    ...(fields['current'] === undefined ? {} : { current: fields['current'] }),
    ...(Array.isArray(changes) ? { changes: changes.filter(isRecord).map(changeOf) } : {}),
  }
}

const changeOf = (one: Record<string, unknown>): FieldChange => ({
  field: textOf(one['field']),
  yours: one['yours'],
  theirs: one['theirs'],
})

const plainWords: Readonly<Record<string, string>> = {
  unauthenticated: 'You are not logged in any more. Log in again.',
  too_many_requests: 'Too many attempts. Wait a minute, then try again.',
  store_full: 'The disk of the server is full. Calls go on; make room, then changes can be saved again.',
  store_unavailable: 'The database cannot be used at the moment. Calls go on; changes have to wait.',
  edge_unavailable: 'The signalling part does not answer at the moment.',
  precondition_failed: 'Someone else has changed this in the meantime. Load it again.',
  internal: 'Tollgate made an error. The log has the details.',
}

/** One or two sentences; `words` replaces the general ones where a page knows better. */
export function describeProblem(problem: Problem, words: Readonly<Record<string, string>> = {}): string {
  const known = words[problem.code] ?? plainWords[problem.code]
  if (known !== undefined) return known
  const fields = problem.errors.map((one) => (one.path === '' ? one.message : `${one.path}: ${one.message}`))
  const texts = [problem.detail === '' ? problem.title : problem.detail, ...fields].filter((text) => text !== '')
  // What is wrong with the whole stands in the detail and in the list; it is said once.
  if (texts.length > 0) return [...new Set(texts)].join(' ')
  return problem.status >= 500
    ? `Tollgate cannot do this at the moment (error ${problem.status}).`
    : `This was refused (error ${problem.status}).`
}

/** What is wrong with one field of a form, or undefined. */
export function findFieldProblem(problem: Problem | undefined, path: string): string | undefined {
  return problem?.errors.find((one) => one.path === path)?.message
}

/** What is wrong with a field or with anything inside it: `addresses` also tells of `addresses[2]`; one line. */
export function errorsAt(problem: Problem | undefined, path: string): string | undefined {
  const inside = (one: FieldProblem): boolean => one.path.startsWith(`${path}[`) || one.path.startsWith(`${path}.`)
  const texts = (problem?.errors ?? []).flatMap((one) => {
    if (one.path === path) return [one.message]
    return inside(one) ? [`${placeWords(one.path.slice(path.length))}: ${one.message}`] : []
  })
  return texts.length === 0 ? undefined : texts.join(' ')
}

/** `[2].uri` -> `entry 3 uri`. */
const placeWords = (rest: string): string =>
  rest
    .replaceAll(/\[(\d+)\]/g, (_all, at: string) => ` entry ${Number(at) + 1} `)
    .replaceAll('.', ' ')
    .trim()

/** A problem as an exception, for where the query library wants one. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.problem = problem
  }
}

export const problemOf = (error: unknown): Problem | undefined =>
  error instanceof ProblemError ? error.problem : undefined
