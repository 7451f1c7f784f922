// HTTP to the API of a running Tollgate: TOLLGATE_URL, TOLLGATE_API_KEY. Refusals become CommandFailure with the paths
// that the server names.
import type { Page, Problem } from '../contract/api-common.ts'
import { CommandFailure, refused, usage } from './failure.ts'

const answerWithinMs = 120_000
const pageItems = 1_000

export interface Body {
  readonly type: string
  readonly text?: string
  /** Instead of the text: a file that is sent as it is read. */
  readonly blob?: Blob
  /** What the paths of errors are in: the file's name. */
  readonly origin?: string
}

export interface Call {
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: Body
  readonly accept?: string
}

export const jsonBody = (value: unknown): Body => ({ type: 'application/json', text: JSON.stringify(value) })

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw usage(`TOLLGATE_URL is "${text}"; write it like http://127.0.0.1:8080`)
  return url
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'errors' in value && Array.isArray(value.errors)

function problemIn(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isProblem(value) ? value : undefined
  } catch {
    return undefined
  }
}

function failureFrom(response: Response, text: string, origin: string | undefined): CommandFailure {
  const problem = problemIn(text)
  if (problem === undefined) return refused(`the server answered ${response.status} ${response.statusText}`)
  const hint = problem.code === 'unauthenticated' ? ' (set TOLLGATE_API_KEY to an API key)' : ''
  const prefix = origin === undefined ? '' : `${origin}: `
  const lines = problem.errors.map(({ path, message }) => `${prefix}${path === '' ? '' : `${path}: `}${message}`)
  const repeated = problem.errors.length === 1 && problem.errors[0]?.message === problem.detail
  const detail = repeated || problem.detail === problem.title ? '' : `: ${problem.detail}`
  return new CommandFailure(1, `${problem.title}${detail}${hint}`, { problem, lines })
}

/** The innermost reason that fetch gives: `connect ECONNREFUSED 127.0.0.1:8080`. */
function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) }
  if (cause === undefined || cause === null) return message
  const code = typeof cause === 'object' && 'code' in cause ? String(cause.code) : ''
  const text = reasonOf(cause)
  return text === '' ? code : text
}

export class Client {
  readonly #base: URL
  readonly #key: string | undefined

  readonly #reason: string | undefined

  /** @param reason goes into the audit with every change. */
  constructor(environment: NodeJS.ProcessEnv, reason?: string) {
    this.#reason = reason
    this.#base = baseUrl(environment['TOLLGATE_URL'] || 'http://127.0.0.1:8080')
    this.#key = environment['TOLLGATE_API_KEY'] || undefined
  }

  #url(path: string, query: Call['query'] = {}): URL {
    const url = new URL(`${this.#base.pathname.replace(/\/+$/, '')}/api/v1${path}`, this.#base)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    return url
  }

  /** The text of a good answer; everything else is a CommandFailure. */
  async text(method: string, path: string, call: Call = {}): Promise<string> {
    return (await this.bytes(method, path, call)).toString()
  }

  /** The same as bytes, for what is no text. */
  async bytes(method: string, path: string, call: Call = {}): Promise<Buffer> {
    return Buffer.from(await (await this.#ask(method, path, call)).arrayBuffer())
  }

  /** The same as it comes, for what may be large. */
  async stream(method: string, path: string, call: Call = {}): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.#ask(method, path, call)
    if (body === null) throw refused('the server answered without a body')
    return body
  }

  async #ask(method: string, path: string, { query, body, accept = 'application/json' }: Call): Promise<Response> {
    const headers: Record<string, string> = { accept }
    if (this.#key !== undefined) headers['authorization'] = `Bearer ${this.#key}`
    if (this.#reason !== undefined) headers['x-reason'] = encodeURIComponent(this.#reason)
    if (body !== undefined) headers['content-type'] = body.type
    const signal = AbortSignal.timeout(answerWithinMs)
    const content = body?.blob ?? body?.text
    const options = {
      method,
      headers,
      signal,
      redirect: 'error' as const,
      ...(content !== undefined && { body: content }),
    }
    const response = await fetch(this.#url(path, query), options).catch((error: unknown) => {
      throw refused(`cannot reach ${this.#base.origin}: ${reasonOf(error)}`)
    })
    if (!response.ok) throw failureFrom(response, await response.text(), body?.origin)
    return response
  }

  /** `Answer` is what the OpenAPI document says of this operation. */
  async json<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    const text = await this.text(method, path, call)
    return (text === '' ? null : JSON.parse(text)) as Answer
  }

  /** All pages of a list as one. */
  async all<Item>(path: string, query: Call['query'] = {}): Promise<Page<Item>> {
    const items: Item[] = []
    let cursor: string | undefined
    for (;;) {
      const pageQuery = { ...query, limit: String(pageItems), cursor }
      // oxlint-disable-next-line no-await-in-loop -- a page's cursor is in the page before it
      const page = await this.json<Page<Item>>('GET', path, { query: pageQuery })
      items.push(...page.items)
      if (page.nextCursor === null) return { items, nextCursor: null, total: items.length }
      cursor = page.nextCursor
    }
  }
}
