// Calls the HTTP API of the server that served this page. Never throws: a failure is a problem.
import type { Page } from '../../src/contract/api-common.ts'
import type { Answer } from './problem.ts'
import { noAnswer, parseProblem } from './problem.ts'

export const apiBase = '/api/v1'

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A change says what it sends, also when it sends nothing: the server takes no changes that a form could make. */
const contentType = (method: string): Readonly<Record<string, string>> =>
  method === 'POST' ? { 'content-type': 'application/json' } : {}

export async function callApi<Value>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<Value>> {
  try {
    const response = await fetch(`${apiBase}${path}`, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...contentType(method) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const content = await readBody(response)
    if (response.ok) return { kind: 'value', value: content as Value }
    return { kind: 'problem', problem: parseProblem(response.status, content) }
  } catch {
    return { kind: 'problem', problem: noAnswer }
  }
}

const pagesMax = 100

/** All pages of a list, whose path may hold filters; undefined if one could not be had. */
export async function listAll<Item>(path: string): Promise<Item[] | undefined> {
  const items: Item[] = []
  let cursor: string | null = ''
  for (let page = 0; page < pagesMax && cursor !== null; page += 1) {
    const address = new URL(path, 'http://list')
    address.searchParams.set('limit', '1000')
    if (cursor !== '') address.searchParams.set('cursor', cursor)
    // oxlint-disable-next-line no-await-in-loop -- the next page is named by the one before
    const answer: Answer<Page<Item>> = await callApi('GET', `${address.pathname}${address.search}`)
    if (answer.kind === 'problem') return undefined
    items.push(...answer.value.items)
    cursor = answer.value.nextCursor
  }
  return items
}
