// A Transport on loopback with a receiver that remembers, closed when its test ends.
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import type { Flow, Protocol, TransportError } from '../../src/sip/flow.ts'
import type { ParseFault } from '../../src/sip/parse.ts'
import type { ListenSpec } from '../../src/transport/listener.ts'
import type { TransportOptions, TransportReceiver } from '../../src/transport/transport.ts'
import { Transport } from '../../src/transport/transport.ts'
import { Inbox } from './inbox.ts'

export class RecordingReceiver implements TransportReceiver {
  readonly messages = new Inbox<{ text: string; bytes: Buffer; flow: Flow }>('messages')
  readonly faults = new Inbox<{ fault: ParseFault; flow: Flow }>('stream faults')
  readonly errors = new Inbox<TransportError>('peer errors')
  /** What to do at once with a message or fault. */
  answer: ((flow: Flow) => void) | undefined

  onMessage(bytes: Buffer, flow: Flow): void {
    this.messages.push({ text: bytes.toString('latin1'), bytes, flow })
    this.answer?.(flow)
  }

  onStreamFault(fault: ParseFault, flow: Flow): void {
    this.faults.push({ fault, flow })
    this.answer?.(flow)
  }

  onPeerError(error: TransportError): void {
    this.errors.push(error)
  }
}

const quiet = (): void => undefined
export const silentLog: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

export const specOf = (protocol: Protocol, address: string, port = 0, name: string | null = null): ListenSpec => ({
  protocol,
  address,
  port,
  name,
  advertise: null,
})

export async function openTransport(
  t: TestContext,
  listen: readonly ListenSpec[],
  more: Partial<TransportOptions> = {},
): Promise<{ transport: Transport; receiver: RecordingReceiver }> {
  const receiver = new RecordingReceiver()
  const transport = await Transport.open({
    listen,
    advertise: null,
    receiver,
    clock: systemClock,
    log: silentLog,
    ...more,
  })
  t.after(() => transport.close())
  return { transport, receiver }
}
