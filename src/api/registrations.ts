// Registrations: at which carriers we are registered, until when, and why not.
import { listQuery, pageOf } from '../contract/api-common.ts'
import { type RegistrationItem, registrationView } from '../contract/api-live.ts'
import { type Listing, pageOf as pageInMemory } from '../control/paging.ts'
import type { RegistrationState } from '../edge/seam.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { fieldsOf, isoTime, isoTimeOrNull, listQueryOf, mapPage } from './lists.ts'
import { basePath } from './operations.ts'

const listing: Listing<RegistrationState> = {
  fields: fieldsOf('direction', 'account', 'name', 'registrar', 'contact', 'state', 'reason', 'since', 'expiresAt'),
  sort: 'account',
  id: ({ endpointId, contact }) => `${endpointId} ${contact}`,
}

const viewOf = (row: RegistrationState): RegistrationItem => ({
  ...row,
  since: isoTime(row.since),
  expiresAt: isoTimeOrNull(row.expiresAt),
  nextAt: isoTimeOrNull(row.nextAt),
})

export function addRegistrationRoutes(app: ApiApp, { edge }: ApiContext): void {
  app.get(
    `${basePath}/registrations`,
    { schema: { querystring: listQuery, response: { 200: pageOf(registrationView) } } },
    async (request) =>
      mapPage(pageInMemory(await edge.ask('registrations', null), listQueryOf(request.query), listing), viewOf),
  )
}
