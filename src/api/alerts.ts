// Alerts: what was raised, whom it was told to, a test, and the secret that signs webhooks.
import {
  type AlertItem,
  alertQuery,
  alertTestAnswer,
  alertTestInput,
  alertView,
  webhookSecretAnswer,
} from '../contract/api-alerts.ts'
import { pageOf } from '../contract/api-common.ts'
import type { AlertEntry } from '../control/services.ts'
import type { ApiApp } from './app.ts'
import type { ApiContext } from './context.ts'
import { isoTime, isoTimeOrNull, listQueryOf, mapPage, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'

const viewOfDelivery = ({ to, event, at, ok, detail, pending, tries }: AlertEntry['deliveries'][number]) => ({
  to,
  event,
  at: isoTime(at),
  ok,
  detail: pending && tries > 0 ? `${detail}; it is tried again` : detail,
})

export function viewOfAlert(alert: AlertEntry): AlertItem {
  const { subjectKey: _, closedText, closedAt, openedAt, text, deliveries, ...rest } = alert
  return {
    ...rest,
    state: closedAt === null ? 'open' : 'closed',
    openedAt: isoTime(openedAt),
    closedAt: isoTimeOrNull(closedAt),
    text: closedText === null ? text : `${text}; over: ${closedText}`,
    deliveries: deliveries.map((delivery) => viewOfDelivery(delivery)),
  }
}

export function addAlertRoutes(app: ApiApp, { alerts, webhookSecret, audit }: ApiContext): void {
  app.get(
    `${basePath}/alerts`,
    { schema: { querystring: alertQuery, response: { 200: pageOf(alertView) } } },
    async (request) => {
      const { account, state } = request.query
      const query = listQueryOf(request.query, ['account', 'state'])
      const own = { ...(account === undefined ? {} : { account }), ...(state === undefined ? {} : { state }) }
      return mapPage(await alerts.list({ ...query, ...own }), viewOfAlert)
    },
  )
  app.post(
    `${basePath}/alerts/test`,
    { schema: { body: alertTestInput, response: { 200: alertTestAnswer } } },
    async (request) => {
      const { accountId, name } = request.body
      const deliveries = (await alerts.test(accountId, name)).map((delivery) => viewOfDelivery(delivery))
      const { actor, reason = null } = writeOptionsOf(request)
      await audit.add({
        actor,
        action: 'test',
        kind: 'alert',
        name: `${accountId ?? 'all accounts'}/${name}`,
        reason,
        before: null,
      })
      return { deliveries }
    },
  )
  app.post(`${basePath}/webhook-secret`, { schema: { response: { 200: webhookSecretAnswer } } }, async (request) => {
    const { actor, reason = null } = writeOptionsOf(request)
    const secret = await webhookSecret.make()
    await audit.add({ actor, action: 'replace', kind: 'webhook secret', name: 'system', reason, before: null })
    return { secret }
  })
}
