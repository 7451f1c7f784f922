// Errors as application/problem+json (RFC 9457), built from the row of the fault in base/fault.ts. Nothing internal
// leaves: no stack, no SQL, no file name.
import { type Conflict, faults, Fault, type FaultCode, type InputError } from '../base/fault.ts'
import type { Problem } from '../contract/api-common.ts'
import { isoTime } from './lists.ts'
import type { Stored } from '../control/services.ts'
import type { Log } from '../base/log.ts'

/** A path as the declarative file has it: `carriers[0].endpoints[1].addresses[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    text +=
      typeof part === 'number' || /^\d+$/.test(String(part))
        ? `[${String(part)}]`
        : `${text === '' ? '' : '.'}${String(part)}`
  return text
}

export const problemOf = (code: FaultCode, detail: string, errors: readonly InputError[]): Problem => ({
  type: `urn:tollgate:fault:${code}`,
  title: faults[code].title,
  status: faults[code].http,
  detail,
  code,
  errors: [...errors],
})

const countOf = (errors: readonly InputError[]): string =>
  errors.length === 1 ? '1 error in the input' : `${errors.length} errors in the input`

/** What the framework refuses by itself, as our codes. */
const frameworkCodes: Readonly<Record<number, FaultCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
}

interface FrameworkError {
  readonly statusCode?: number
  readonly message?: string
  readonly validation?: readonly {
    readonly instancePath: string
    readonly message?: string
    readonly params?: object
  }[]
}

const unrecognised = (params: object | undefined): readonly string[] =>
  params !== undefined && 'keys' in params && Array.isArray(params.keys) ? params.keys.map(String) : []

/** One error for each issue; an unknown field is reported under its own name. */
function inputErrors(validation: NonNullable<FrameworkError['validation']>): InputError[] {
  return validation.flatMap(({ instancePath, message, params }) => {
    const path = instancePath.split('/').filter((part) => part !== '')
    const unknown = unrecognised(params)
    if (unknown.length > 0) return unknown.map((key) => ({ path: pathText([...path, key]), message: 'unknown field' }))
    return [{ path: pathText(path), message: message ?? 'invalid' }]
  })
}

/** A stored object as the API shows it: its configuration is not nested there. */
function currentOf(current: unknown): unknown {
  if (typeof current !== 'object' || current === null || !('config' in current) || !('etag' in current)) return current
  const { config, createdAt, updatedAt, ...rest } = current as Stored<object>
  return { ...rest, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt), ...config }
}

const conflictOf = (conflict: Conflict | undefined): Pick<Problem, 'current' | 'changes'> =>
  conflict === undefined ? {} : { current: currentOf(conflict.current), changes: [...conflict.changes] }

/** Any error that a handler or the framework raised. What nobody foresaw is logged and told as `internal`. */
export function problemFrom(error: unknown, log: Log, where: string): Problem {
  if (error instanceof Fault) {
    if (faults[error.code].http >= 500) log.warn('request failed', { where, code: error.code, detail: error.message })
    return { ...problemOf(error.code, error.message, error.errors), ...conflictOf(error.conflict) }
  }
  const { statusCode, message, validation } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as FrameworkError
  if (validation !== undefined) {
    const errors = inputErrors(validation)
    return problemOf('invalid', countOf(errors), errors)
  }
  const code = statusCode === undefined ? undefined : frameworkCodes[statusCode]
  if (code !== undefined) return problemOf(code, message ?? faults[code].title, [])
  log.error('request failed', { where, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  return problemOf('internal', 'The server made a mistake; its log has the details', [])
}
