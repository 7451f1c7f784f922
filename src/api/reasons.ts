// Where `system.requireReason` is set, every change says why (header X-Reason). One place for all operations.
import { Fault } from '../base/fault.ts'
import type { ApiApp, ApiRequest } from './app.ts'
import type { ApiContext } from './context.ts'
import { reasonOf } from './lists.ts'
import { basePath, type Operation } from './operations.ts'

/** Changes nobody has to explain: signing out, one's own password and sessions, asking and trying. */
const unexplained = new Set([
  `DELETE ${basePath}/session`,
  `POST ${basePath}/me/password`,
  `DELETE ${basePath}/me/sessions`,
  `POST ${basePath}/backup`,
  `POST ${basePath}/gateways/:id/probe`,
  `POST ${basePath}/test-calls`,
  `POST ${basePath}/alerts/test`,
])

const isDryRun = ({ query, body }: Pick<ApiRequest, 'query' | 'body'>): boolean =>
  [query, body].some((part) => typeof part === 'object' && part !== null && 'dryRun' in part && part.dryRun === true)

const needsReason = ({ access, change, method, path }: Operation): boolean =>
  change && typeof access !== 'string' && !unexplained.has(`${method} ${path}`)

/** Runs after the body was checked, so that a preview is known as one. */
export function addReasonCheck(app: ApiApp, { config }: Pick<ApiContext, 'config'>): void {
  app.addHook('preHandler', async (request) => {
    const { operation } = request.routeOptions.config
    if (operation === undefined || !needsReason(operation) || reasonOf(request) !== undefined || isDryRun(request))
      return
    const { config: system } = await config.getSystem()
    if (!system.requireReason) return
    const message = 'every change needs a reason: header X-Reason (system.requireReason is set)'
    throw new Fault('invalid', message, { errors: [{ path: 'X-Reason', message }] })
  })
}
