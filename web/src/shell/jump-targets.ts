// Where the quick jump can lead: pages by title, objects by asking the server.
import type { Page } from '../../../src/contract/api-common.ts'
import type { CarrierItem, EndpointItem, SipUserItem } from '../../../src/contract/api-config.ts'
import type { Me } from '../../../src/contract/api-people.ts'
import { callApi, pathWith } from '../kit/api-client.ts'
import { pagesOf } from './pages.ts'

export interface JumpTarget {
  readonly name: string
  readonly kind: string
  readonly href: string
}

const eachMax = 5

/** Titles first, then pages that are only described by the word. */
export function pageTargets(me: Me, wanted: string): JumpTarget[] {
  const text = wanted.toLowerCase()
  const pages = pagesOf(me)
  const byTitle = pages.filter(({ title }) => title.toLowerCase().includes(text))
  const byWord = pages.filter((page) => !byTitle.includes(page) && page.words.includes(text))
  return [...byTitle, ...byWord].map(({ title, path }) => ({ name: title, kind: 'page', href: path }))
}

async function search<Item>(path: string, wanted: string): Promise<readonly Item[]> {
  const answer = await callApi<Page<Item>>('GET', pathWith(path, { search: wanted, limit: eachMax }))
  return answer.kind === 'value' ? answer.value.items : []
}

const looksLikeCallId = (text: string): boolean => text.length >= 16 && !text.includes(' ')

/** Accounts, entries and SIP users whose fields hold the text; a call by its whole id. */
export async function findTargets(wanted: string): Promise<JumpTarget[]> {
  const [carriers, customers, endpoints, users] = await Promise.all([
    search<CarrierItem>('/carriers', wanted),
    search<CarrierItem>('/customers', wanted),
    search<EndpointItem>('/endpoints', wanted),
    search<SipUserItem>('/sip-users', wanted),
  ])
  const byName = (path: string, name: string): string => `${path}?search=${encodeURIComponent(name)}`
  return [
    ...(looksLikeCallId(wanted)
      ? [{ name: wanted, kind: 'call record', href: `/records/${encodeURIComponent(wanted)}` }]
      : []),
    ...carriers.map(({ id, name }) => ({ name, kind: 'carrier', href: `/carriers/${id}/main` })),
    ...customers.map(({ id, name }) => ({ name, kind: 'customer', href: `/customers/${id}/main` })),
    ...endpoints.map(({ name, addresses }) => ({
      name: `${name} ${addresses[0] ?? ''}`,
      kind: 'IP authentication',
      href: byName('/endpoints', name),
    })),
    ...users.map(({ username }) => ({ name: username, kind: 'SIP user', href: byName('/sip-users', username) })),
  ]
}
