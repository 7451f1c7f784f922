// A call that is up and quiet, folded: its legs and attempts as one text of plain values, both session descriptions as texts
// of one byte for each character. They are unpacked when the next message, timer or question needs them. Some hundred objects
// become a dozen, and 9.7 KB for each call 4.0, of which 2 are descriptions of 1,000 bytes (`bench/replay.ts --live=20000`).
// Calls with a media relay or with pings inside their dialogs stay as they are.
import type { DirectoryRoute, GatewayTarget } from '../directory/directory.ts'
import { shareSteps, unshareSteps } from '../policy/shared-steps.ts'
import type { Permit, RouteVerdict } from '../policy/verdict.ts'
import type { Target } from '../sip/flow.ts'
import { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { packSetUp, unpackSetUp } from './call-parts.ts'
import type { CallParts, PackedSetUp } from './call-parts.ts'
import { flowTarget } from './leg.ts'
import type { Leg } from './leg.ts'
import { entryOf, packAttempt, unpackAttempt } from './packed-attempt.ts'
import type { AttemptMeans, PackedAttempt } from './packed-attempt.ts'
import { isLegQuiet, packLeg, unpackLeg } from './packed-leg.ts'
import type { PackedLeg } from './packed-leg.ts'
import { ReliableProgress } from './reliable.ts'
import { ShownDialogs } from './shown-dialogs.ts'

/** Its timers are started anew before they are due. */
const earlyMs = 20

/** What of an attempt is no plain value. */
interface Means extends AttemptMeans {
  readonly peer: Target
  /** Where the peer's requests came from last. */
  readonly source: Target
}

type Packed = readonly [
  caller: PackedLeg,
  exempt: boolean,
  setUp: PackedSetUp,
  attempts: readonly [PackedLeg, PackedAttempt][],
]

export class RestingCall {
  readonly #packed: string
  readonly #means: readonly Means[]
  readonly #route: DirectoryRoute
  readonly #permit: Permit
  readonly #steps: readonly string[]
  readonly #inboundSession: string | undefined
  readonly #outboundSession: string | undefined
  /** Undefined: where the INVITE came from. */
  readonly #inboundSource: Target | undefined

  constructor(call: Call, { route, permit, exempt }: RouteVerdict) {
    const { inboundLeg, outboundLeg, attempts, explanation, setUp } = call.parts
    const rows = attempts.map((attempt) => [packLeg(attempt.leg), packAttempt(attempt)] as const)
    this.#packed = JSON.stringify([packLeg(inboundLeg), exempt, packSetUp(setUp, call.startedAt), rows])
    this.#means = attempts.map(meansOf)
    this.#route = route
    this.#permit = permit
    this.#steps = shareSteps(explanation, numbersOf(call))
    this.#inboundSession = inboundLeg.sentSession?.toString('latin1')
    this.#outboundSession = outboundLeg?.sentSession?.toString('latin1')
    this.#inboundSource = inboundLeg.source === inboundLeg.peer ? undefined : inboundLeg.source
  }

  /** The gateway that the call is with. */
  get gateway(): GatewayTarget | undefined {
    return this.#means.at(-1)?.gateway
  }

  /** Whether one of its legs may have this Call-ID; to be sure it has to be unpacked. */
  mayHave(callId: string): boolean {
    return this.#packed.includes(JSON.stringify(callId))
  }

  #unpackInbound(call: Call, packed: PackedLeg): Leg {
    const { account, endpoint } = call.caller
    const peer = flowTarget(call.flow)
    const session = this.#inboundSession
    const source = this.#inboundSource ?? peer
    return unpackLeg(packed, { call, side: 'inbound', account, endpoint, peer, source, session })
  }

  unpack(call: Call): CallParts {
    const [caller, exempt, setUp, rows] = JSON.parse(this.#packed) as Packed
    const inboundLeg = this.#unpackInbound(call, caller)
    const attempts = rows.map(([leg, packed], i) => {
      const means = this.#means[i] as Means
      const { peer, source } = means
      const session = i === rows.length - 1 ? this.#outboundSession : undefined
      const around = { call, side: 'outbound', ...entryOf(call, means.gateway), peer, source, session } as const
      return new Attempt(call, means, { leg: unpackLeg(leg, around), facts: unpackAttempt(packed, call) })
    })
    const { destination, cli } = call
    return {
      setUp: unpackSetUp(setUp, call.startedAt),
      inboundLeg,
      outboundLeg: attempts.at(-1)?.leg,
      attempts,
      shown: new ShownDialogs(call, inboundLeg.dialogTag),
      reliable: new ReliableProgress(call, 0),
      verdict: {
        kind: 'route',
        caller: call.caller,
        route: this.#route,
        destination,
        cli,
        hunt: [],
        exempt,
        permit: this.#permit,
      },
      hunt: undefined,
      serverTransaction: undefined,
      invite: undefined,
      explanation: unshareSteps(this.#steps, numbersOf(call)),
    }
  }
}

const numbersOf = ({ dialled, destination, cli }: Call): string[] => [dialled, destination, cli]

const meansOf = ({ gateway, way, permit, leg }: Attempt): Means => ({
  gateway,
  way,
  permit,
  peer: leg.peer,
  source: leg.source,
})

export const legsOf = ({ inboundLeg, attempts }: CallParts): Leg[] => [inboundLeg, ...attempts.map(({ leg }) => leg)]

/** The number of requests in its dialogs: whoever has the same later had none meanwhile. */
export const cseqSum = (parts: CallParts): number =>
  legsOf(parts).reduce((sum, leg) => sum + leg.localCseq + leg.remoteCseq, 0)

/** No transaction of its set-up is left and nothing is under way; what began since is told by `cseqSum`. */
export const isQuiet = ({ state, relays, parts }: Call): boolean =>
  state === 'confirmed' &&
  relays.length === 0 &&
  (parts.serverTransaction === undefined || parts.serverTransaction.state === 'terminated') &&
  parts.reliable.isIdle &&
  parts.outboundLeg === parts.attempts.at(-1)?.leg &&
  legsOf(parts).every(isLegQuiet) &&
  parts.attempts.every(({ done, way, leg, holdsRoom }) => {
    return done && way.media === undefined && holdsRoom === (leg === parts.outboundLeg)
  })

/** When a quiet call has to be awake again for its timers; `endMs` is when its longest time is over. */
export function wakeAtMs(parts: CallParts, endMs: number): number {
  const dues = [parts.inboundLeg, parts.outboundLeg].flatMap((leg) => leg?.session.pack().slice(4) ?? [])
  return Math.min(endMs, ...dues.filter((due) => typeof due === 'number')) - earlyMs
}
