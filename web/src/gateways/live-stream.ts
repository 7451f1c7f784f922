// Keeps one event stream open: opens it again after a failure, for ever, with growing pauses; a stream that has been
// silent for too long is replaced, because a cut line does not always say so. Time and streams come from outside.

export interface EventStream {
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

/** `live` from the first data of a stream on: what is open and has said nothing yet shows nothing new. */
export type LiveState = 'connecting' | 'live' | 'lost'

export interface LiveStreamOptions {
  /** The events whose data are wanted. */
  readonly events: readonly string[]
  readonly open: () => EventStream
  /** Returns what takes the appointment back. */
  readonly after: (ms: number, action: () => void) => () => void
  /** False when it does not fit what came before: the stream is opened anew, and begins with the whole. */
  readonly onData: (event: string, data: unknown) => boolean
  /** Also called with `lost` for each further failure. */
  readonly onState: (state: LiveState) => void
}

export interface LiveStream {
  /** Tries at once instead of waiting, if the stream is lost. */
  retryNow(): void
  close(): void
}

const firstPauseMs = 500
const longestPauseMs = 5_000
const silenceMs = 45_000

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export function openLiveStream(options: LiveStreamOptions): LiveStream {
  let stream: EventStream | undefined
  let pauseMs = firstPauseMs
  let cancel = (): void => {}

  const watch = (): void => {
    cancel()
    cancel = options.after(silenceMs, connect)
  }
  const fail = (): void => {
    stream?.close()
    stream = undefined
    cancel()
    cancel = options.after(pauseMs, connect)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    options.onState('lost')
  }
  function connect(): void {
    stream?.close()
    const opened = options.open()
    stream = opened
    const current = (action: () => void) => (): void => {
      if (stream === opened) action()
    }
    let live = false
    opened.addEventListener('open', current(watch))
    opened.addEventListener('error', current(fail))
    for (const name of options.events)
      opened.addEventListener(name, (event) => {
        if (stream !== opened) return
        const data = parseJson(event.data)
        if (data !== undefined && !options.onData(name, data)) {
          connect()
          return
        }
        watch()
        if (data === undefined || live) return
        live = true
        pauseMs = firstPauseMs
        options.onState('live')
      })
    watch()
  }

  options.onState('connecting')
  connect()
  return {
    retryNow: () => {
      if (stream === undefined) connect()
    },
    close: () => {
      cancel()
      stream?.close()
      stream = undefined
      cancel = () => {}
    },
  }
}
