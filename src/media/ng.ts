// The ng control protocol of rtpengine: one datagram `COOKIE dictionary` each way. The commands that a call needs, as
// bencoded dictionaries, and what the answers mean.
import { decodeBencode, encodeBencode } from './bencode.ts'
import type { Bencoded } from './bencode.ts'

/** How the side that gets the description is to be talked to (RFC 3551, RFC 3711). */
type MediaProtocol = 'RTP/AVP' | 'RTP/SAVP'

/** One question about the media of one call; tags name its sides and are ours, not those of SIP. */
export interface MediaQuestion {
  readonly command: 'offer' | 'answer' | 'delete'
  readonly callId: string
  /** Who made the offer. */
  readonly fromTag: string
  /** Who answers it; only with `answer`. */
  readonly toTag?: string
  readonly sdp?: Buffer
  /** What the side that gets an offer talks; only with `offer`. */
  readonly protocol?: MediaProtocol
}

/** `status` is what a fault is to whoever made the offer. */
export type MediaReply = { readonly sdp: Buffer } | { readonly status: 488 | 503; readonly detail: string }

/** Addresses of one side are written nowhere on the other; keys in the description (RFC 4568), no ICE, no DTLS. */
const treatment: Readonly<Record<string, Bencoded>> = {
  replace: ['origin', 'session-connection'],
  ICE: 'remove',
  DTLS: 'off',
  // Suites that encrypt nothing, or that nobody has: the others make the description long enough.
  SDES: [
    'NULL_HMAC_SHA1_80',
    'NULL_HMAC_SHA1_32',
    'F8_128_HMAC_SHA1_80',
    'F8_128_HMAC_SHA1_32',
    'AES_192_CM_HMAC_SHA1_80',
    'AES_192_CM_HMAC_SHA1_32',
  ].map((suite) => `no-${suite}`),
  'rtcp-mux': ['demux'],
}

export function encodeQuestion(cookie: string, question: MediaQuestion): Buffer {
  const { command, callId, fromTag, toTag, sdp, protocol } = question
  const names = { command, 'call-id': callId, 'from-tag': fromTag, ...(toTag === undefined ? {} : { 'to-tag': toTag }) }
  const body =
    sdp === undefined
      ? { 'delete-delay': 0 }
      : {
          sdp: sdp.toString('latin1'),
          ...treatment,
          ...(protocol === undefined ? {} : { 'transport-protocol': protocol }),
        }
  return Buffer.from(`${cookie} ${encodeBencode({ ...names, ...body })}`, 'latin1')
}

const textOf = (value: Bencoded | undefined): string => (typeof value === 'string' ? value : '')

/** Cookie and meaning of a datagram of the relay; undefined = it is no answer. */
export function decodeReply(bytes: Buffer): { cookie: string; reply: MediaReply } | undefined {
  const text = bytes.toString('latin1')
  const space = text.indexOf(' ')
  const value = space < 1 ? undefined : decodeBencode(text.slice(space + 1))
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  const fields = value as Readonly<Record<string, Bencoded>>
  const cookie = text.slice(0, space)
  if (fields['result'] === 'ok') return { cookie, reply: { sdp: Buffer.from(textOf(fields['sdp']), 'latin1') } }
  const reason = textOf(fields['error-reason'])
  return {
    cookie,
    reply: { status: 488, detail: `the media relay says: ${reason === '' ? textOf(fields['result']) : reason}` },
  }
}
