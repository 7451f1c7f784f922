// Every address of the console and the page that stands there.
import { createRootRouteWithContext, createRoute, createRouter, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { AccountPage } from '../account/account-page.tsx'
import { EndpointsPage } from '../accounts/endpoints-page.tsx'
import { SipUsersPage } from '../accounts/sip-users-page.tsx'
import { AccountsPage } from '../accounts/accounts-page.tsx'
import { LiveCallsPage } from '../calls/live-calls-page.tsx'
import { RecordPage } from '../calls/record-page.tsx'
import { RecordsPage } from '../calls/records-page.tsx'
import { SimulatePage } from '../calls/simulate-page.tsx'
import { FilePage } from '../configuration/file-page.tsx'
import { RevisionsPage } from '../configuration/revisions-page.tsx'
import { SystemPage } from '../configuration/system-page.tsx'
import { GatewaysPage } from '../gateways/gateways-page.tsx'
import { Empty, Page } from '../kit/page.tsx'
import { RoutesPage } from '../routes/routes-page.tsx'
import { AlertRulesPage } from '../alerts/alert-rules-page.tsx'
import { AlertsPage } from '../alerts/alerts-page.tsx'
import { AuditPage } from '../audit/audit-page.tsx'
import { BlocksPage } from '../firewall/blocks-page.tsx'
import { RefusedPage } from '../firewall/refused-page.tsx'
import { LimitsPage } from '../limits/limits-page.tsx'
import { KeysPage } from '../people/keys-page.tsx'
import { MePage } from '../people/me-page.tsx'
import { UsersPage } from '../people/users-page.tsx'
import { RegistrationsPage } from '../registrations/registrations-page.tsx'
import { StatisticsPage } from '../statistics/statistics-page.tsx'
import { Shell } from './shell.tsx'

interface Context {
  readonly me: Me
}

const root = createRootRouteWithContext<Context>()({
  component: () => <Shell me={root.useRouteContext().me} />,
  notFoundComponent: NotFound,
})

function NotFound(): ReactNode {
  return (
    <Page title="There is no such page">
      <Empty title="Nothing stands at this address" action={<Link to="/">To the gateways</Link>}>
        The link may be old, or a letter is missing.
      </Empty>
    </Page>
  )
}

/** A page that needs to know who looks at it, and nothing from the address. */
const pageAt = (path: string, Shown: (props: { me: Me }) => ReactNode) =>
  createRoute({ getParentRoute: () => root, path, component: () => <Shown me={root.useRouteContext().me} /> })

const accountsAt = (kind: 'carrier' | 'customer') =>
  createRoute({
    getParentRoute: () => root,
    path: `/${kind}s`,
    component: () => <AccountsPage key={kind} kind={kind} me={root.useRouteContext().me} />,
  })

const accountAt = (kind: 'carrier' | 'customer') => {
  const route = createRoute({
    getParentRoute: () => root,
    path: `/${kind}s/$id/$tab`,
    component: () => {
      const { id, tab } = route.useParams()
      return <AccountPage key={id} kind={kind} id={id} tab={tab} me={root.useRouteContext().me} />
    },
  })
  return route
}

const recordRoute = createRoute({
  getParentRoute: () => root,
  path: '/records/$id',
  component: () => {
    const { id } = recordRoute.useParams()
    return <RecordPage key={id} id={id} />
  },
})

const routeTree = root.addChildren([
  pageAt('/', GatewaysPage),
  accountsAt('carrier'),
  accountsAt('customer'),
  accountAt('carrier'),
  accountAt('customer'),
  pageAt('/routes', RoutesPage),
  pageAt('/endpoints', EndpointsPage),
  pageAt('/sip-users', SipUsersPage),
  pageAt('/calls', LiveCallsPage),
  pageAt('/records', RecordsPage),
  recordRoute,
  pageAt('/simulate', SimulatePage),
  pageAt('/limits', LimitsPage),
  pageAt('/registrations', RegistrationsPage),
  pageAt('/firewall', BlocksPage),
  pageAt('/firewall/refused', RefusedPage),
  pageAt('/audit', AuditPage),
  pageAt('/revisions', RevisionsPage),
  pageAt('/revisions/file', FilePage),
  pageAt('/system', SystemPage),
  pageAt('/alerts', AlertsPage),
  pageAt('/alerts/rules', AlertRulesPage),
  pageAt('/statistics', StatisticsPage),
  pageAt('/people', UsersPage),
  pageAt('/people/keys', KeysPage),
  pageAt('/me', MePage),
])

/** Values in the address are texts, as they were typed: `?search=007` is no number. */
const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text))

function stringifySearch(search: Record<string, unknown>): string {
  const values = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string') values.set(name, value)
  const text = values.toString()
  return text === '' ? '' : `?${text}`
}

export const makeRouter = (me: Me) =>
  createRouter({ routeTree, context: { me }, parseSearch, stringifySearch, scrollRestoration: true })
