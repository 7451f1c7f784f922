// The one meeting point of deciding and doing: an INVITE whose source is known becomes a call that is refused or hunted.
// A new feature is a policy step or a call step, never a condition here.
import { randomToken } from '../base/random.ts'
import { decide } from '../policy/decide.ts'
import type { Explanation } from '../policy/explanation.ts'
import type { Caller, Refusal } from '../policy/verdict.ts'
import type { Flow } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseUri, splitUser, unescapeUser, uriParameter } from '../sip/uri.ts'
import type { ServerTransaction } from '../transaction/transactions.ts'
import { Call } from './call.ts'
import { composeAnswer, newTag } from './compose.ts'
import type { CallContext } from './context.ts'
import { Hunt } from './hunt.ts'
import { loopMark } from './loop.ts'

export interface ArrivedInvite {
  readonly request: SipMessage
  readonly flow: Flow
  readonly caller: Caller
  /** With the steps of screen and identify. */
  readonly explanation: Explanation
  readonly serverTransaction: ServerTransaction
}

interface Dialled {
  readonly number: string
  readonly parameters: string
  readonly isPhone: boolean
}

/** The dialled number, unescaped, the parameters of the user part as they stand, and whether it says user=phone. */
export function dialledOf(request: SipMessage): Dialled {
  const uri = parseUri(request.requestUri)
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

function refuse(call: Call, refusal: Refusal): void {
  const { status, reasonPhrase, headers, detail } = refusal
  call.failToCaller(status, reasonPhrase, { outcome: 'refused', reason: 'refused', by: 'edge', detail }, { headers })
}

/** Decides about an INVITE and starts what was decided. */
export function onInvite(context: CallContext, invite: ArrivedInvite): void {
  if (context.calls.findMerged(invite.request) !== undefined) {
    refuseMerged(context, invite)
    return
  }
  const { number, parameters, isPhone } = dialledOf(invite.request)
  const call = new Call(context, { ...invite, id: randomToken(context.random, 16), dialled: number })
  call.userParameters = parameters
  call.userIsPhone = isPhone
  call.cliParameters = cliParametersOf(call)
  call.loopMark = loopMark(invite.request, invite.caller.account.id)
  context.metrics.onStart(invite.caller.account.name)
  const { directory, caller, explanation } = call
  const { health, limits, failures, random } = context
  const verdict = decide(
    { directory, health, limits, failures, random },
    { callId: call.id, caller, dialled: number },
    explanation,
  )
  if (verdict.kind === 'refuse') {
    refuse(call, verdict)
    return
  }
  call.verdict = verdict
  call.destination = verdict.destination
  call.cli = verdict.cli
  call.hunt = new Hunt(call, verdict.hunt)
  call.hunt.start()
  // Only now: a call that nobody takes needs no 100.
  if (!call.ended) call.answerCaller(100, 'Trying')
}
