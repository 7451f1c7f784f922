// GET /events: server-sent events (WHATWG HTML 9.2). `gateways`: the whole board with its revision, once. `gatewaysChanged`:
// the rows that changed since, and those that are gone, at most every second. `health`: one target changed its colour or
// its reason. `alert`: one was raised or is over.
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import { viewOfAlert } from './alerts.ts'
import type { ApiApp } from './app.ts'
import { stillValid } from './authenticate.ts'
import type { ApiContext } from './context.ts'
import { EventHub } from './event-hub.ts'
import { basePath } from './operations.ts'

export function addEventRoute(app: ApiApp, context: ApiContext): void {
  const hub = new EventHub({ readBoard: () => context.gatewayBoard(), log: context.log })
  let stopListening = (): void => undefined
  app.addHook('onListen', async () => {
    stopListening = context.alerts.listen((alert) => hub.tell('alert', viewOfAlert(alert)))
  })
  app.addHook('preClose', async () => {
    stopListening()
    hub.close()
  })
  app.get(`${basePath}/events`, async (request, reply) => {
    if (hub.isFull) throw new Fault('too_many_requests', `At most ${bound('sseClientsMax')} event streams`)
    reply.hijack()
    const headers = {
      ...reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    }
    reply.raw.writeHead(200, headers as Record<string, string>)
    await hub.open(reply.raw, () => stillValid(request, context))
  })
}
