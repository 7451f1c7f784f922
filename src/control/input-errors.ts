// What a schema found wrong, as paths and sentences of the contract: `carriers[0].endpoints[1].addresses[0]`.
import type { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { InputError } from '../base/fault.ts'

type Issue = z.core.$ZodIssue

/** `['carriers', 0, 'name']` -> `carriers[0].name`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  return text
}

/** Puts `field` behind `path`; both may be empty. */
export const joinPath = (path: string, field: string): string =>
  path === '' || field === '' || field.startsWith('[') ? path + field : `${path}.${field}`

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const branches = issue.errors.flatMap((branch) => branch.map((one) => one.message.replace(/^Invalid input: /, '')))
  return `fits no accepted form: ${[...new Set(branches)].join('; ')}`
}

function issueErrors(issue: Issue, prefix: readonly PropertyKey[]): InputError[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'unknown field' }))
  if (issue.code === 'invalid_union') {
    // Only one branch went deeper than the value itself: that is the form that was meant.
    const deep = issue.errors.filter((branch) =>
      branch.every((one) => one.path.length > 0 || one.code !== 'invalid_type'),
    )
    const [meant] = deep
    if (deep.length === 1 && meant !== undefined) return meant.flatMap((one) => issueErrors(one, path))
    return [{ path: pathText(path), message: unionMessage(issue) }]
  }
  return [{ path: pathText(path), message: issue.message.replace(/^Invalid input: /, '') }]
}

/** One error for each path: what else is wrong there shows when this is mended. */
export function inputErrors(error: z.ZodError): InputError[] {
  const byPath = new Map<string, InputError>()
  for (const one of error.issues.flatMap((issue) => issueErrors(issue, [])))
    if (!byPath.has(one.path)) byPath.set(one.path, one)
  return [...byPath.values()]
}

/** The parsed value, or Fault invalid with a path for every error. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalid(inputErrors(parsed.error))
}

/** Fault invalid whose detail names the first error. */
export function invalid(errors: readonly InputError[]): Fault {
  const [first] = errors
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  const detail =
    first === undefined ? 'invalid' : `${first.path === '' ? '' : `${first.path}: `}${first.message}${more}`
  return new Fault('invalid', detail, { errors })
}
