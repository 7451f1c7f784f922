// RFC 4475 section 3.2: transaction layer semantics.
import { message } from '../message.ts'

export const messages32 = {
  /** 3.2.1 Missing Transaction Identifier. */
  badbranch: message(
    'OPTIONS sip:user@example.com SIP/2.0',
    'To: sip:user@example.com',
    'From: sip:caller@example.org;tag=33242',
    'Max-Forwards: 3',
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK',
    'Accept: application/sdp',
    'Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n',
    'CSeq: 8 OPTIONS',
    'l: 0',
    '',
  ),
}
