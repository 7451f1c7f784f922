// The body of a message on its way to the other side: session descriptions without the codecs that either side restricts
// (RFC 3264 6). Everything else crosses byte for byte; a call without such lists never comes here.
import type { DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import type { Caller } from '../policy/verdict.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { codecNames, findSdp, restrictCodecs } from '../sip/sdp.ts'
import type { Call } from './call.ts'

/** Codecs that must not cross between a caller and a gateway, upper case; undefined = none is restricted. */
export type DeniedCodecs = ReadonlySet<string> | undefined

/** The lists of both sides together. */
export function deniedCodecs(caller: Caller, endpoint: DirectoryEndpoint, account: DirectoryAccount): DeniedCodecs {
  const lists = [
    caller.endpoint?.restrictedCodecs ?? [],
    caller.sipUser?.restrictedCodecs ?? [],
    caller.account.restrictedCodecs,
    endpoint.restrictedCodecs,
    account.restrictedCodecs,
  ]
  return lists.every((list) => list.length === 0) ? undefined : new Set(codecNames(lists.flat()))
}

/** A message as the other side gets it; `emptied` names the codecs whose loss leaves its description without any use. */
export interface Crossing {
  readonly message: SipMessage
  readonly emptied: string | undefined
}

export function crossBody(denied: DeniedCodecs, message: SipMessage): Crossing {
  const unchanged = { message, emptied: undefined }
  if (denied === undefined || message.body.length === 0) return unchanged
  const { body } = message
  const place = findSdp(message.value(headerIds.contentType) ?? '', body)
  const restricted = place === undefined ? undefined : restrictCodecs(body.subarray(place.start, place.end), denied)
  if (place === undefined || restricted === undefined) return unchanged
  const whole = Buffer.concat([body.subarray(0, place.start), restricted.body, body.subarray(place.end)])
  const emptied = restricted.empty ? `no codec is left without ${restricted.removed.join(', ')}` : undefined
  return { message: message.withBody(whole), emptied }
}

/** The lists of the caller and of the gateway that the call is with now. */
export const deniedIn = (call: Call): DeniedCodecs => call.currentAttempt?.denied
