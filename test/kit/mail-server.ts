// A real SMTP server on loopback that keeps what it is given.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  /** Header and body as they came. */
  readonly text: string
}

export interface MailReceiver {
  readonly mails: Mail[]
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** @param host an address of loopback. */
export async function openMailServer(host: string, options: SMTPServerOptions = {}): Promise<MailReceiver> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    ...options,
    onData(stream, { envelope }, callback) {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
      textOf(stream).then(
        (text) => {
          mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text })
          // oxlint-disable-next-line promise/no-callback-in-promise -- the server wants a callback
          return callback()
        },
        // oxlint-disable-next-line promise/no-callback-in-promise -- the server wants a callback
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve)
  })
  const { port } = server.server.address() as AddressInfo
  return {
    mails,
    host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}
