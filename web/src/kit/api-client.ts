// Calls the HTTP API of the server that served this page. Never throws: a failure is a problem.
import type { Answer } from './problem.ts'
import { noAnswer, parseProblem } from './problem.ts'

export const apiBase = '/api/v1'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface CallOptions {
  /** The entity tag that the writer saw: what somebody else has changed since is not overwritten. */
  readonly etag?: string | undefined
  /** For the audit. */
  readonly reason?: string | undefined
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** Header fields are Latin-1; what is not is sent as question marks rather than not at all. */
export const headerText = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e\xa0-\xff]+/g, '?')
    .slice(0, 500)
    .trim()

/** A change says what it sends, also when it sends nothing: the server takes no changes that a form could make. */
function headersOf(method: Method, body: unknown, options: CallOptions): Record<string, string> {
  const type = typeof body === 'string' ? 'application/yaml' : 'application/json'
  return {
    accept: 'application/json',
    ...(method === 'GET' || method === 'DELETE' ? {} : { 'content-type': type }),
    ...(options.etag === undefined ? {} : { 'if-match': `"${options.etag}"` }),
    ...(options.reason === undefined ? {} : { 'x-reason': headerText(options.reason) }),
  }
}

const tagOf = (response: Response): string | undefined =>
  /^"([^"]+)"$/.exec(response.headers.get('etag') ?? '')?.[1] ?? undefined

/** A body that is a text is sent as it is (YAML or JSON); anything else as JSON. */
export async function callApi<Value>(
  method: Method,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer<Value>> {
  try {
    const response = await fetch(`${apiBase}${path}`, {
      method,
      credentials: 'same-origin',
      headers: headersOf(method, body, options),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const content = await readBody(response)
    if (response.ok) return { kind: 'value', value: content as Value, etag: tagOf(response) }
    return { kind: 'problem', problem: parseProblem(response.status, content) }
  } catch {
    return { kind: 'problem', problem: noAnswer }
  }
}

/** `/carriers?search=x`; what is undefined or empty is left out. */
export function pathWith(
  path: string,
  params: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const values = new URLSearchParams()
  for (const [name, value] of Object.entries(params))
    if (value !== undefined && value !== '') values.set(name, String(value))
  const query = values.toString()
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}
