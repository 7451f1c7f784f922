// The caller of a test call, in the shape of every caller: an account without limits and rules, and an INVITE with an
// offer that every gateway can read. Nobody listens at the media address: the call ends at its answer.
import { assert } from '../base/assert.ts'
import type { Random } from '../base/random.ts'
import type { DirectoryAccount, DirectoryRoute } from '../directory/directory.ts'
import type { Caller } from '../policy/verdict.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseFramed } from '../sip/parse.ts'
import { messageWriter } from '../sip/serialize.ts'
import { escapeUser } from '../sip/uri.ts'
import type { CallRecord } from './record.ts'
import { contactValue, newBranch, newCallId, newTag, viaValue } from './compose.ts'

type CallerOfRecord = Pick<CallRecord, 'callerAccountId' | 'callerAccount'>

/** How call records and live calls name the caller. */
export const ownCallerName = 'test call'

/** The record of a test call: no account has called. */
export const isTestRecord = ({ callerAccountId, callerAccount }: CallerOfRecord): boolean =>
  callerAccountId === null && callerAccount === ownCallerName

/** An even port that no service is registered for; what is sent there is lost. */
const mediaPort = 65_534

/** Nothing of the gateway's account but what later versions of an account may add. */
export const ownCaller = (gatewayAccount: DirectoryAccount, cli: string, longestMs: number): Caller => ({
  account: {
    ...gatewayAccount,
    index: -1,
    id: 'test-call',
    kind: 'customer',
    name: ownCallerName,
    status: 'active',
    gateways: [],
    trustIdentity: true,
    assertedIdentity: 'default',
    restrictedCodecs: [],
    replyRules: [],
    headerRules: { keep: [], remove: [] },
    refer: 'refuse',
    maxDurationSeconds: Math.ceil(longestMs / 1_000),
  },
  endpoint: undefined,
  sipUser: undefined,
  cli,
  identityAsserted: cli !== '',
})

/** No route leads here: a test call is for one gateway. */
export const ownRoute: DirectoryRoute = {
  index: -1,
  id: 'test-call',
  prefix: '',
  from: { kind: 'any' },
  channelsMax: 0,
  callsPerSecondMax: 0,
  enabled: true,
  targets: [],
}

function offerOf({ family, sentByHost }: ListenerInfo): Buffer {
  const address = `IN IP${family} ${sentByHost.replaceAll(/[[\]]/g, '')}`
  return Buffer.from(
    [
      'v=0',
      `o=tollgate 1 1 ${address}`,
      's=-',
      `c=${address}`,
      't=0 0',
      `m=audio ${mediaPort} RTP/AVP 8 0 9 18 101`,
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:18 G729/8000',
      'a=fmtp:18 annexb=no',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ].join('\r\n'),
  )
}

/** The INVITE that this caller would have sent to `listener`. */
export function ownInvite(listener: ListenerInfo, random: Random, parties: { to: string; cli: string }): SipMessage {
  const host = listener.sentByHost
  const from = `<sip:${parties.cli === '' ? '' : `${escapeUser(parties.cli)}@`}${host}>`
  const to = `sip:${escapeUser(parties.to)}@${host}`
  const writer = messageWriter()
    .requestLine('INVITE', to)
    .header('Via', viaValue(listener, newBranch(random)))
    .header('Max-Forwards', '70')
    .header('From', `${from};tag=${newTag(random)}`)
    .header('To', `<${to}>`)
    .header('Call-ID', newCallId(random))
    .header('CSeq', '1 INVITE')
    .header('Contact', contactValue(listener))
    .header('Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS')
  if (parties.cli !== '') writer.header('P-Asserted-Identity', from)
  const request = parseFramed(writer.header('Content-Type', 'application/sdp').finish(offerOf(listener)))
  assert(request.kind === 'request', 'our own INVITE parses')
  return request
}
