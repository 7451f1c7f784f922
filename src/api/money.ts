// Payments and balances of accounts. Amounts leave as decimal text.
import { idParameter, listQuery, pageOf } from '../contract/api-common.ts'
import type { BalanceItem, PaymentItem } from '../contract/api-money.ts'
import { balanceView, paymentChanges, paymentInput, paymentView } from '../contract/api-money.ts'
import { formatMoney } from '../contract/money.ts'
import type { StoredPayment } from '../control/account-services.ts'
import type { StoredAccount } from '../control/services.ts'
import type { Totals } from '../store/ledger-rows.ts'
import type { ApiApp, ApiReply } from './app.ts'
import type { ApiContext } from './context.ts'
import { isoTime, isoTimeOrNull, listQueryOf, mapPage, sendEntityTag, writeOptionsOf } from './lists.ts'
import { basePath } from './operations.ts'
import { checkedByService } from './writes.ts'

const viewOf = (payment: StoredPayment): PaymentItem => ({
  id: payment.id,
  etag: payment.etag,
  createdAt: isoTime(payment.createdAt),
  updatedAt: isoTime(payment.updatedAt),
  accountId: payment.accountId,
  description: payment.description,
  amount: formatMoney(payment.amount),
  currency: payment.currency,
  status: payment.status,
  createdBy: payment.createdBy,
})

function answer(reply: ApiReply, payment: StoredPayment): PaymentItem {
  sendEntityTag(reply, payment.etag)
  return viewOf(payment)
}

/** `stopped` says what the balance asks for; the suspension that follows is in the account itself. */
function balanceOf({ config }: StoredAccount, { paid, cost, chargedAt }: Totals): BalanceItem {
  const balance = paid - cost
  return {
    currency: config.currency,
    payments: formatMoney(paid),
    cost: formatMoney(cost),
    balance: formatMoney(balance),
    stopped: config.creditStop && balance <= 0n,
    chargedAt: isoTimeOrNull(chargedAt),
  }
}

const example = { description: 'Bank transfer of May', amount: '500.00' }

function addAccountRoutes(app: ApiApp, { config, ledger }: ApiContext, kind: 'carrier' | 'customer'): void {
  const url = `${basePath}/${kind}s/:id`
  app.get(
    `${url}/payments`,
    { schema: { params: idParameter, querystring: listQuery, response: { 200: pageOf(paymentView) } } },
    async (request) => {
      const { id } = await config.getAccount(kind, request.params.id)
      return mapPage(await ledger.list(id, listQueryOf(request.query)), viewOf)
    },
  )
  app.post(
    `${url}/payments`,
    {
      schema: {
        params: idParameter,
        body: checkedByService('PaymentFields', paymentInput, example),
        response: { 201: paymentView },
      },
    },
    async (request, reply) => {
      const { id } = await config.getAccount(kind, request.params.id)
      const payment = await ledger.create(id, request.body, writeOptionsOf(request))
      return reply.code(201).header('location', `${basePath}/payments/${payment.id}`).send(answer(reply, payment))
    },
  )
  app.get(`${url}/balance`, { schema: { params: idParameter, response: { 200: balanceView } } }, async (request) => {
    const account = await config.getAccount(kind, request.params.id)
    const totals = await ledger.totals([account.id])
    return balanceOf(account, totals.get(account.id) ?? { paid: 0n, cost: 0n, chargedAt: null })
  })
}

export function addMoneyRoutes(app: ApiApp, context: ApiContext): void {
  for (const kind of ['carrier', 'customer'] as const) addAccountRoutes(app, context, kind)
  const { ledger } = context
  const url = `${basePath}/payments/:id`
  app.get(url, { schema: { params: idParameter, response: { 200: paymentView } } }, async (request, reply) =>
    answer(reply, await ledger.get(request.params.id)),
  )
  app.patch(
    url,
    {
      schema: {
        params: idParameter,
        body: checkedByService('PaymentChanges', paymentChanges, { status: 'cancelled' }),
        response: { 200: paymentView },
      },
    },
    async (request, reply) =>
      answer(reply, await ledger.change(request.params.id, request.body, writeOptionsOf(request))),
  )
}
