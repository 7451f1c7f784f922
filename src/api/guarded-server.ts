// The HTTP server as the process opens it: on loopback only until the first administrator exists, then where it was asked for.
import type { ApiOptions } from './context.ts'
import { isLoopback } from './metrics.ts'
import { openApi } from './server.ts'
import type { ApiServer } from './server.ts'

const lookEveryMs = 500

/** `onMoved` is told the new server when set-up is done and the asked-for address is open. */
export async function openGuardedApi(options: ApiOptions, onMoved: (server: ApiServer) => void): Promise<ApiServer> {
  const { people, log } = options.context
  if (isLoopback(options.host) || !people.setupRequired()) return openApi(options)
  const guarded = await openApi({ ...options, host: '127.0.0.1' })
  log.warn('console on loopback only until set-up is done', { address: guarded.address, asked: options.host })
  let current = guarded
  const look = setInterval(() => {
    if (people.setupRequired()) return
    clearInterval(look)
    void move()
  }, lookEveryMs)
  const move = async (): Promise<void> => {
    await guarded.close()
    current = await openApi(options)
    log.info('set-up is done, console moved', { address: current.address })
    onMoved(current)
  }
  return {
    get host() {
      return current.host
    },
    get port() {
      return current.port
    },
    get address() {
      return current.address
    },
    close: async () => {
      clearInterval(look)
      await current.close()
    },
  }
}
