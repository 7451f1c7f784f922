// Transactions on a fake clock, with a diary of what they send and say.
import assert from 'node:assert/strict'
import { Transactions } from '../../src/transaction/transactions.ts'
import type { ClientTransaction, ServerTransaction } from '../../src/transaction/transactions.ts'
import { timerName } from '../../src/transaction/timers.ts'
import { FakeClock } from './fake-clock.ts'
import { requestBytes, requestOf, responseBytes, responseOf } from './sip-message.ts'
import type { MessageParts } from './sip-message.ts'

/** `at` counts from the construction of the rig. */
export interface DiaryEntry {
  readonly at: number
  readonly what: string
}

const timerKinds = new Map<string, number>()
for (let kind = 0; kind < 12; kind++) timerKinds.set(timerName(kind), kind)

/** What one row of an expected table says: where it leads, and what is sent and told. */
export type Expected = readonly [next: string, ...effects: string[]]

export class TransactionRig {
  readonly clock = new FakeClock()
  readonly transactions: Transactions
  readonly retransmissions = { in: 0, out: 0 }
  readonly #startedAt = this.clock.nowMs()
  #diary: DiaryEntry[] = []

  constructor() {
    this.transactions = new Transactions({
      clock: this.clock,
      timers: this.clock.timers,
      onRetransmission: (direction) => {
        this.retransmissions[direction] += 1
      },
    })
  }

  openClient(parts: MessageParts = {}, options: { reliable?: boolean; peer?: string } = {}): ClientTransaction {
    const { method = 'INVITE', branch = 'z9hG4bK-one' } = parts
    return this.transactions.openClient({
      request: requestBytes(parts),
      method,
      branch,
      reliable: options.reliable ?? false,
      peer: options.peer ?? 'udp:192.0.2.9:5060',
      send: (bytes) => this.#note(`send ${startOf(bytes)}`),
      user: {
        onResponse: (_transaction, response) => this.#note(`user ${response.status}`),
        onClientFailure: (_transaction, why, detail) =>
          this.#note(why === 'timeout' ? 'fail timeout' : `fail transport: ${detail}`),
        onClientTerminated: () => this.#note('over'),
      },
    })
  }

  openServer(parts: MessageParts = {}, options: { reliable?: boolean } = {}): ServerTransaction {
    return this.transactions.openServer({
      request: requestOf(parts),
      reliable: options.reliable ?? false,
      send: (bytes) => this.#note(`send ${startOf(bytes)}`),
      user: {
        onServerFailure: (_transaction, why) => this.#note(`fail ${why}`),
        onServerTerminated: () => this.#note('over'),
      },
    })
  }

  respond(transaction: ServerTransaction, status: number, parts: MessageParts = {}): void {
    transaction.respond(status, responseBytes(status, { method: transaction.method, ...parts }))
  }

  receive(transaction: ClientTransaction, status: number): void {
    transaction.receive(responseOf(status, { method: transaction.method, toTag: 'to-1' }))
  }

  /** Makes a timer fire that may or may not run. */
  fire(transaction: ClientTransaction | ServerTransaction, name: string): void {
    const kind = timerKinds.get(name)
    assert(kind !== undefined, `no such timer: ${name}`)
    transaction.onTimer(kind)
  }

  /** What happened since it was last asked. */
  takeDiary(): readonly DiaryEntry[] {
    const diary = this.#diary
    this.#diary = []
    return diary
  }

  takeEffects(): string[] {
    return this.takeDiary().map(({ what }) => what)
  }

  /** When `what` happened, in milliseconds from the start. */
  takeTimes(what: string): number[] {
    return this.takeDiary().flatMap((entry) => (entry.what === what ? [entry.at] : []))
  }

  /** Nothing is left: no transaction, no timer. */
  assertEmpty(): void {
    assert.equal(this.transactions.count, 0, 'transactions left')
    assert.equal(this.transactions.waitingPeerCount, 0, 'peers left')
    assert.equal(this.clock.timers.count, 0, 'timers left')
  }

  #note(what: string): void {
    this.#diary.push({ at: this.clock.nowMs() - this.#startedAt, what })
  }
}

/** The method or the status. */
function startOf(bytes: Buffer): string {
  const words = bytes.toString('latin1', 0, 40).split(' ', 2)
  return (words[0] === 'SIP/2.0' ? words[1] : words[0]) ?? ''
}

/** Runs every state x event and compares with the table that the test wrote; a missing cell means: ignored. */
export function checkEveryCell(options: {
  readonly states: readonly string[]
  readonly events: readonly string[]
  readonly expected: Readonly<Record<string, Readonly<Record<string, Expected>>>>
  /** A fresh transaction in this state. */
  readonly enter: (rig: TransactionRig, state: string) => ClientTransaction | ServerTransaction
  readonly happen: (rig: TransactionRig, transaction: ClientTransaction | ServerTransaction, event: string) => void
}): number {
  let cells = 0
  for (const state of options.states)
    for (const event of options.events) {
      const rig = new TransactionRig()
      const transaction = options.enter(rig, state)
      assert.equal(transaction.state, state, 'the test could not bring it into this state')
      rig.takeDiary()
      options.happen(rig, transaction, event)
      const [next, ...effects] = options.expected[state]?.[event] ?? [state]
      assert.equal(transaction.state, next, `${state} x ${event}: next state`)
      assert.deepEqual(rig.takeEffects(), effects, `${state} x ${event}: effects`)
      cells += 1
    }
  return cells
}
