// An OPTIONS that a person asks for: as a health probe sends it, with its messages in the trace, and no effect on health.
import type { Timer, TimerOwner } from '../base/timers.ts'
import { findWay } from '../call/way.ts'
import type { DirectoryEndpoint, GatewayTarget } from '../directory/directory.ts'
import { applyRewrites } from '../policy/rewrite.ts'
import { isAliveStatus } from '../probe/alive-codes.ts'
import type { SipMessage } from '../sip/message.ts'
import type { ClientTransaction } from '../transaction/transactions.ts'
import type { CallContext } from '../call/context.ts'
import { openOptions } from './options-request.ts'
import type { TestRun } from './test-call.ts'
import type { TestVerdict } from './test-verdict.ts'

export interface TestedOptions {
  readonly endpoint: DirectoryEndpoint
  readonly gateway: GatewayTarget
  /** '' = the gateway itself. */
  readonly destination: string
  readonly onVerdict: (verdict: TestVerdict) => void
}

export class TestOptions implements TimerOwner {
  readonly #context: CallContext
  readonly #order: TestedOptions
  readonly #startedAt: number
  #transaction: ClientTransaction | undefined
  #timer: Timer | undefined
  #callId: string | undefined
  #repliedAt: number | null = null
  #status: number | null = null
  #over = false

  constructor(context: CallContext, order: TestedOptions) {
    this.#context = context
    this.#order = order
    this.#startedAt = context.clock.wallMs()
    this.#start()
  }

  #start(): void {
    const { transport, random, clock, timers } = this.#context
    const { endpoint, gateway, destination } = this.#order
    const way = findWay(transport, random, gateway, { endpoint })
    if (typeof way === 'string') return this.#end({ result: 'red', text: `nothing was sent: ${way}` })
    const { address, port } = way.target
    if (transport.isOwnAddress(address, port))
      return this.#end({ result: 'red', text: `nothing was sent: ${address}:${port} is our own listener` })
    this.#timer = timers.start(clock.nowMs(), endpoint.probe.timeoutMs, this, 0)
    const user = applyRewrites(endpoint.rewrites, 'destination', destination)
    this.#callId = openOptions(
      this.#context,
      { way, gateway, endpoint, user: destination === '' ? '' : user },
      {
        onOpen: (transaction) => {
          this.#transaction = transaction
        },
        onReply: (response) => this.#onReply(response),
        onBroken: (detail) => this.#end({ result: 'red', text: detail }),
      },
    )
  }

  #onReply(response: SipMessage): void {
    const { status, reasonPhrase } = response
    const { clock } = this.#context
    this.#status = status
    this.#repliedAt = clock.wallMs()
    const said = `${status} ${reasonPhrase} after ${this.#repliedAt - this.#startedAt} ms`
    const alive = isAliveStatus(this.#order.endpoint.probe.aliveCodes, status)
    this.#end({
      result: alive ? 'green' : 'red',
      text: alive ? said : `${said}: no sign of life by its probe settings`,
    })
  }

  onTimer(): void {
    this.#timer = undefined
    this.#end({ result: 'red', text: `no reply within ${this.#order.endpoint.probe.timeoutMs} ms` })
  }

  #end(verdict: TestVerdict): void {
    if (this.#over) return
    this.#over = true
    this.#context.timers.stop(this.#timer)
    // An answered one is over by itself, after it has absorbed what comes again.
    if (this.#status === null) this.#transaction?.terminate()
    this.#order.onVerdict(verdict)
  }

  get run(): TestRun {
    const { firstReplyAt, startedAt } = { firstReplyAt: this.#repliedAt, startedAt: this.#startedAt }
    return {
      callIds: this.#callId === undefined ? [] : [this.#callId],
      times: { startedAt, firstReplyAt, ringingAt: null, answeredAt: firstReplyAt },
      status: this.#status,
      text: 'waiting for a reply',
      over: this.#over,
    }
  }
}
