// All pages of the console: the navigation and the quick jump are made from this table.
import type { Me } from '../../../src/contract/api-people.ts'
import { can } from '../session.ts'

export interface PageEntry {
  readonly path: string
  readonly title: string
  /** Further words that lead there in the quick jump. */
  readonly words: string
  /** Shown only to those who may. */
  readonly operation?: string
}

interface PageGroup {
  readonly title: string
  readonly pages: readonly PageEntry[]
}

const page = (path: string, title: string, words = '', operation?: string): PageEntry => ({
  path,
  title,
  words,
  ...(operation === undefined ? {} : { operation }),
})

const groups: readonly PageGroup[] = [
  {
    title: 'Watch',
    pages: [
      page('/', 'Gateways', 'board lights green red health status'),
      page('/calls', 'Live calls', 'channels now end'),
      page('/records', 'Call records', 'cdr history why csv'),
      page('/alerts', 'Alerts', 'raised mail webhook rules penalty'),
      page('/statistics', 'Statistics', 'asr acd pdd channels attempts codes graphs charts'),
      page('/limits', 'Limits', 'full channels calls per second used'),
      page('/registrations', 'Registrations', 'register devices expires'),
      page('/firewall', 'Firewall', 'block blocked refused rejected scanner attack'),
    ],
  },
  {
    title: 'Set up',
    pages: [
      page('/carriers', 'Carriers', 'accounts vendors'),
      page('/customers', 'Customers', 'accounts'),
      page('/routes', 'Routes', 'prefix targets weights'),
      page('/endpoints', 'IP authentication', 'endpoints gateways addresses switches'),
      page('/sip-users', 'SIP users', 'digest credentials username'),
    ],
  },
  {
    title: 'Check',
    pages: [page('/simulate', 'Simulate a call', 'test explain would')],
  },
  {
    title: 'Administer',
    pages: [
      page('/revisions', 'Configuration', 'revisions roll back apply export declarative file yaml plan'),
      page('/audit', 'Audit', 'who changed history log'),
      page('/people', 'People', 'users roles api keys passwords', 'GET /users'),
      page('/system', 'System', 'settings realm emergency backup protection listeners version'),
    ],
  },
]

/** What this person may see. */
export const pageGroupsOf = (me: Me): readonly PageGroup[] =>
  groups.map(({ title, pages }) => ({
    title,
    pages: pages.filter(({ operation }) => operation === undefined || can(me, operation)),
  }))

export const pagesOf = (me: Me): readonly PageEntry[] => pageGroupsOf(me).flatMap(({ pages }) => pages)
