// GET /metrics: the signalling thread's samples and this thread's own pauses as Prometheus text. Never anything secret.
// Without a key only on a server that listens on loopback, asked directly and by its own name; else with any API key.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Sample } from '../base/metrics.ts'
import { renderMetrics } from '../base/metrics.ts'
import { parseAddress } from '../contract/address.ts'
import type { ApiApp, ApiRequest } from './app.ts'
import type { ApiContext } from './context.ts'

/** 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true
  const ip = parseAddress(address)
  if (ip === undefined) return false
  return ip.family === 4 ? ip.bytes[0] === 127 : ip.bytes.every((byte, i) => byte === (i === 15 ? 1 : 0))
}

/** A name other than localhost in Host means a proxy, or a page that had its name rebound to this address. */
const isOwnName = (host: string | undefined): boolean => {
  const name = (host ?? '').replace(/:\d+$/, '')
  return name === 'localhost' || parseAddress(name) !== undefined
}

/** Whether this request may read metrics without signing in; `host` is what the server listens on. */
export const mayReadMetrics = (request: Pick<ApiRequest, 'headers'>, host: string): boolean =>
  isLoopback(host) &&
  isOwnName(request.headers.host) &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers.forwarded === undefined

export function addMetricsRoute(app: ApiApp, context: ApiContext): void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  app.addHook('onClose', async () => {
    delay.disable()
  })
  app.get('/metrics', async (_request, reply) => {
    const seconds = delay.count === 0 ? 0 : delay.max / 1e9
    delay.reset()
    const own: Sample = { metric: 'eventLoopDelaySeconds', labels: ['control'], values: [seconds] }
    const { edge, traces, alerts, storage } = context
    const samples = await edge.ask('metrics', null)
    const here = [...traces.samples(), ...alerts.samples(), ...storage.samples(), own]
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(renderMetrics([...samples, ...here]))
  })
}
