// The one meeting point of deciding and doing: an INVITE whose source is known becomes a call that is refused or hunted.
// A new feature is a policy step or a call step, never a condition here.
import { timedToken } from '../base/random.ts'
import type { Explanation } from '../policy/explanation.ts'
import type { Caller } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseUri, splitUser, unescapeUser, uriParameter } from '../sip/uri.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import { Call } from './call.ts'
import { composeAnswer, newTag } from './compose.ts'
import type { CallContext } from './context.ts'
import { decideCall, follow } from './deciding.ts'
import { loopMark } from './loop.ts'

export interface ArrivedInvite {
  readonly request: SipMessage
  readonly flow: Flow
  readonly caller: Caller
  readonly dialled: Dialled
  /** With the steps of screen and identify. */
  readonly explanation: Explanation
  readonly serverTransaction: ServerTransaction
}

export interface Dialled {
  readonly number: string
  readonly parameters: string
  readonly isPhone: boolean
}

/** The dialled number, unescaped, the parameters of the user part as they stand, and whether it says user=phone. */
export const dialledOf = (request: SipMessage): Dialled => dialledIn(request.requestUri)

/** The same of any URI: a carrier that calls our registered Contact names the number in To. */
export function dialledIn(text: string): Dialled {
  const uri = parseUri(text)
  const { number, parameters } = splitUser(uri?.user ?? '')
  const isPhone = uri !== undefined && uriParameter(uri, 'user')?.toLowerCase() === 'phone'
  return { number: unescapeUser(number), parameters, isPhone }
}

/** Parameters of the From user part, if the CLI was taken from there. */
function cliParametersOf(call: Call): string {
  const { number, parameters } = splitUser(parseUri(call.request.from.uri)?.user ?? '')
  return unescapeUser(number) === call.caller.cli ? parameters : ''
}

/** Answers a copy of an INVITE that came by another way while the first one is still being worked on (8.2.2.2). */
function refuseMerged(context: CallContext, invite: ArrivedInvite): void {
  const { request, flow } = invite
  const bytes = composeAnswer({
    request,
    flow,
    status: 482,
    reasonPhrase: 'Loop Detected',
    toTag: newTag(context.random),
  })
  invite.serverTransaction.respond(482, bytes)
}

/** Decides about an INVITE and starts what was decided. */
export function onInvite(context: CallContext, invite: ArrivedInvite): void {
  if (context.calls.findMerged(invite.request) !== undefined) {
    refuseMerged(context, invite)
    return
  }
  const { number, parameters, isPhone } = invite.dialled
  const call = new Call(context, { ...invite, id: timedToken(context.random, context.clock.wallMs()), dialled: number })
  const { setUp } = call.parts
  setUp.userParameters = parameters
  setUp.userIsPhone = isPhone
  setUp.cliParameters = cliParametersOf(call)
  setUp.loopMark = loopMark(invite.request, invite.caller.account.id)
  context.metrics.onStart(invite.caller.account.name)
  // Those who wait come first.
  context.waiting.serve()
  const verdict = decideCall(call, call.explanation)
  if (verdict.kind === 'refuse' && context.waiting.take(call, verdict)) return
  follow(call, verdict)
  // Only now: a call that nobody takes needs no 100.
  if (!call.ended) call.answerCaller(100, 'Trying')
}
