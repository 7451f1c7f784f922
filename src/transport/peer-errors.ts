// Collects what went wrong with peers and says it once per peer and turn of the event loop, never inside a send.
// Maps the system's error codes to the kinds of sip/flow.ts (RFC 3261 18.4).
import type { Log } from '../base/log.ts'
import type { TransportError, TransportErrorKind } from '../sip/flow.ts'
import { peerKey } from '../sip/flow.ts'

const kinds: Readonly<Record<string, TransportErrorKind>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EMSGSIZE: 'too_large',
}

/** The system's code of an error (`ECONNREFUSED`), or ''. */
export const errorCode = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''

export const errorKind = (error: Error): TransportErrorKind => kinds[errorCode(error)] ?? 'other'

export class PeerErrors {
  // Emptied every turn, and filled only by sends and sockets of that turn: so it needs no bound of its own.
  readonly #waiting = new Map<string, TransportError>()
  readonly #receiver: { onPeerError(error: TransportError): void }
  readonly #log: Log
  #immediate: NodeJS.Immediate | undefined
  #closed = false

  constructor(receiver: { onPeerError(error: TransportError): void }, log: Log) {
    this.#receiver = receiver
    this.#log = log
  }

  /** Keeps the first error of each peer until the end of this turn. */
  report(error: TransportError): void {
    if (this.#closed) return
    const key = peerKey(error)
    if (this.#waiting.has(key)) return
    this.#waiting.set(key, error)
    this.#immediate ??= setImmediate(this.#flush)
  }

  /** Forgets what was not said yet, and takes no more. */
  close(): void {
    this.#closed = true
    if (this.#immediate !== undefined) clearImmediate(this.#immediate)
    this.#immediate = undefined
    this.#waiting.clear()
  }

  readonly #flush = (): void => {
    this.#immediate = undefined
    const errors = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const error of errors) {
      const { kind, protocol, address, port, detail } = error
      this.#log.debug('transport_error', { kind, protocol, address, port, detail })
      this.#receiver.onPeerError(error)
    }
  }
}
