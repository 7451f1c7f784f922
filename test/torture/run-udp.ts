// Sends every message of RFC 4475 to a server over UDP, each followed by a control OPTIONS from a socket of its own.
// Most Vias have no rport: answers come to port 5060 of the source address, those to quotbal to 5050.
import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type TortureRow, tortureTable } from './table.ts'
import { type Verdict, judgeStranger, judgeUdp } from './verdict.ts'
import { Waiting } from './waiting.ts'
import { type Answer, ackFor, controlRequest, isAnswerTo, readAnswer } from './wire.ts'

export interface TortureTarget {
  readonly address: string
  readonly port: number
  /** The address the messages come from: one of the 127.0.0.0/8 on which nobody else listens on 5060 and 5050. */
  readonly sourceAddress: string
  /** Where the control OPTIONS comes from when the source is a stranger; else the source itself. */
  readonly controlAddress?: string
}

export interface TortureOutcome {
  readonly row: TortureRow
  readonly protocol: 'udp' | 'tcp'
  readonly statuses: readonly number[]
  /** undefined = as expected. */
  readonly verdict: Verdict
}

/** PROTOS asks the same of the request after each test case: an answer within this time. */
export const controlMsMax = 2_000
/** Where silence is tolerated, it is taken for silence after this. */
const silenceMsMax = 1_000

async function openSocket(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}

class UdpTester {
  readonly #target: TortureTarget
  readonly #sockets: readonly Socket[]
  readonly #waiting = new Waiting()
  #seen: Answer[] = []

  constructor(target: TortureTarget, sockets: readonly Socket[]) {
    this.#target = target
    this.#sockets = sockets
    for (const socket of sockets)
      socket.on('message', (bytes) => {
        const answer = readAnswer(bytes)
        if (answer === undefined) return
        this.#seen.push(answer)
        const ack = ackFor(answer)
        if (ack !== undefined) this.#send(socket, ack)
        this.#waiting.notice()
      })
  }

  async run(row: TortureRow): Promise<TortureOutcome> {
    this.#seen = []
    const [source, , control] = this.#sockets
    const { bytes, callId } = controlRequest('UDP', this.#target.address)
    this.#send(source, row.bytes)
    this.#send(control, bytes)
    const isAnswered = (): boolean => this.#seen.some((answer) => answer.callId === callId && answer.status >= 200)
    const controlAnswered = await this.#waiting.until(isAnswered, controlMsMax)
    const own = (): number[] =>
      this.#seen.filter((answer) => isAnswerTo(row.bytes, answer)).map((answer) => answer.status)
    const stranger = this.#target.controlAddress !== undefined
    // The server took the message before the control OPTIONS, but its answer comes to another socket, and perhaps later.
    if (controlAnswered && !row.udp.includes('none') && !stranger)
      await this.#waiting.until(
        () => own().some((status) => status >= 200),
        row.silenceAllowed ? silenceMsMax : controlMsMax,
      )
    const observed = { statuses: own(), answeredMessages: 0, controlAnswered, closed: false }
    const verdict = stranger ? judgeStranger(observed) : judgeUdp(row, observed)
    return { row, protocol: 'udp', statuses: observed.statuses, verdict }
  }

  #send(socket: Socket | undefined, bytes: Buffer): void {
    socket?.send(bytes, this.#target.port, this.#target.address)
  }
}

/** One outcome for each row of the table. */
export async function runUdp(target: TortureTarget): Promise<TortureOutcome[]> {
  const { sourceAddress, controlAddress = sourceAddress } = target
  const sockets: Socket[] = []
  const outcomes: TortureOutcome[] = []
  try {
    for (const [address, port] of [
      [sourceAddress, 5060],
      [sourceAddress, 5050],
      [controlAddress, 0],
    ] as const)
      sockets.push(await openSocket(address, port))
    const tester = new UdpTester(target, sockets)
    for (const row of tortureTable) outcomes.push(await tester.run(row))
  } finally {
    for (const socket of sockets) socket.close()
  }
  return outcomes
}
