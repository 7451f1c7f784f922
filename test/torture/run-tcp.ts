// Sends every message of RFC 4475 to a server over TCP, each on a connection of its own, followed by a control OPTIONS:
// on the same connection where framing must have held, on another one where it was lost or more bytes are awaited.
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { type TortureOutcome, type TortureTarget, controlMsMax } from './run-udp.ts'
import { type TortureRow, tortureTable } from './table.ts'
import { type Observation, judgeStranger, judgeStream } from './verdict.ts'
import { Waiting } from './waiting.ts'
import { type Answer, ackFor, controlRequest, takeAnswers } from './wire.ts'

/** One connection and what came over it. */
class Stream {
  readonly waiting = new Waiting()
  readonly seen: Answer[] = []
  closed = false
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    // A reset is how a server closes that has unread bytes.
    socket.on('error', () => this.#onClose())
    socket.on('close', () => this.#onClose())
    socket.on('end', () => this.#onClose())
  }

  static async open(target: TortureTarget, localAddress: string): Promise<Stream> {
    const socket = connect({ host: target.address, port: target.port, localAddress, noDelay: true })
    await once(socket, 'connect')
    return new Stream(socket)
  }

  send(bytes: Buffer): void {
    if (!this.closed) this.#socket.write(bytes)
  }

  hasFinal(callId: string): boolean {
    return this.seen.some((answer) => answer.callId === callId && answer.status >= 200)
  }

  close(): void {
    this.#socket.destroy()
  }

  #onData(bytes: Buffer): void {
    const { answers, rest } = takeAnswers(Buffer.concat([this.#rest, bytes]))
    this.#rest = rest
    for (const answer of answers) {
      this.seen.push(answer)
      const ack = ackFor(answer)
      if (ack !== undefined) this.send(ack)
    }
    this.waiting.notice()
  }

  #onClose(): void {
    this.closed = true
    this.waiting.notice()
  }
}

/** The control OPTIONS on this connection; false also when the server closes it. */
async function isControlAnswered(stream: Stream, address: string): Promise<boolean> {
  const { bytes, callId } = controlRequest('TCP', address)
  stream.send(bytes)
  await stream.waiting.until(() => stream.hasFinal(callId) || stream.closed, controlMsMax)
  return stream.hasFinal(callId)
}

async function isControlAnsweredElsewhere(target: TortureTarget): Promise<boolean> {
  const other = await Stream.open(target, target.controlAddress ?? target.sourceAddress)
  try {
    return await isControlAnswered(other, target.address)
  } finally {
    other.close()
  }
}

const isOwn = (answer: Answer): boolean => !answer.callId.startsWith('control-')

async function observe(target: TortureTarget, row: TortureRow, stream: Stream): Promise<Observation> {
  stream.send(row.bytes)
  const finals = (): Answer[] => stream.seen.filter((answer) => isOwn(answer) && answer.status >= 200)
  const messages = (): number => new Set(finals().map((answer) => answer.callId)).size
  const stranger = target.controlAddress !== undefined
  if (row.stream === 'closes') await stream.waiting.until(() => stream.closed, controlMsMax)
  if (row.stream === 'two') await stream.waiting.until(() => messages() === 2 || stream.closed, controlMsMax)
  const sameConnection = row.stream === 'one' && !stranger
  let controlAnswered = sameConnection && (await isControlAnswered(stream, target.address))
  if (sameConnection && controlAnswered && !row.silenceAllowed)
    await stream.waiting.until(() => finals().length > 0 || stream.closed, controlMsMax)
  if (!controlAnswered && (!sameConnection || stream.closed)) controlAnswered = await isControlAnsweredElsewhere(target)
  const statuses = stream.seen.filter(isOwn).map((answer) => answer.status)
  return { statuses, answeredMessages: messages(), controlAnswered, closed: stream.closed }
}

/** One outcome for each row of the table. */
export async function runTcp(target: TortureTarget): Promise<TortureOutcome[]> {
  const outcomes: TortureOutcome[] = []
  for (const row of tortureTable) {
    const stream = await Stream.open(target, target.sourceAddress)
    try {
      const observed = await observe(target, row, stream)
      const verdict = target.controlAddress === undefined ? judgeStream(row, observed) : judgeStranger(observed)
      outcomes.push({ row, protocol: 'tcp', statuses: observed.statuses, verdict })
    } finally {
      stream.close()
    }
  }
  return outcomes
}
