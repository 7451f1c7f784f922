// How long a request may take to arrive. Node's one time-out for all requests would cut off a large backup on a slow line, so
// each has its own: everything must be complete in time, and a backup must only never stand still.
import { bound } from '../base/limits.ts'
import type { ApiApp } from './app.ts'

interface Socket {
  readonly bytesRead: number
  write(text: string): unknown
  destroy(): unknown
  once(name: 'close', listener: () => void): unknown
  off(name: 'close', listener: () => void): unknown
}

interface Body {
  /** True when all of it has arrived. */
  readonly complete: boolean
  readonly headers: Readonly<Record<string, unknown>>
  readonly socket: Socket
  once(name: 'end' | 'close', listener: () => void): unknown
}

const lateText = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

/** How often one looks whether a backup has moved. */
const looksPerStall = 6

/** @param mayTakeLong only a pause ends it, not the whole time */
export function watchBody(body: Body, mayTakeLong: boolean): void {
  if (body.headers['transfer-encoding'] === undefined && !(Number(body.headers['content-length']) > 0)) return
  const { socket } = body
  let seen = socket.bytesRead
  let looks = 0
  const timer = setInterval(
    () => {
      if (mayTakeLong && socket.bytesRead > seen) {
        seen = socket.bytesRead
        looks = 0
        return
      }
      looks += 1
      if (looks < looksPerStall) return
      stop()
      if (body.complete) return
      socket.write(lateText)
      socket.destroy()
    },
    bound('requestBodyMs') / looksPerStall,
  )
  const stop = (): void => {
    clearInterval(timer)
    socket.off('close', stop)
  }
  body.once('end', stop)
  body.once('close', stop)
  // A request that was answered before all of it came hears nothing of its connection any more.
  socket.once('close', stop)
}

export function addBodyDeadlines(app: ApiApp): void {
  app.addHook('onRequest', async ({ raw, routeOptions }) => watchBody(raw, routeOptions.config.acceptsTar === true))
}
