// RFC 4475: every message of the archive with what is expected of the parser, over UDP and on a stream. Nothing is
// left out. docs/reference/torture.md is generated from this table.
import type { ParseFaultReason } from '../../src/sip/parse.ts'
import { messagesNotInText } from './messages/not-in-text.ts'
import { messages311 } from './messages/section-3-1-1.ts'
import { messages312 } from './messages/section-3-1-2.ts'
import { messages32 } from './messages/section-3-2.ts'
import { messages33 } from './messages/section-3-3.ts'
import { messages34 } from './messages/section-3-4.ts'

/** A status, or: any final answer but 400; any final answer; another fitting behaviour; no answer at all. */
export type Expectation =
  | '400'
  | '401'
  | '404'
  | '405'
  | '406'
  | '415'
  | '416'
  | '420'
  | '483'
  | '200'
  | '501'
  | '505'
  | 'not400'
  | 'any-final'
  | 'forward'
  | 'repair'
  | 'strip'
  | 'accept'
  | '2543-fallback'
  | 'none'

export interface Expected {
  /** accept = its syntax must be read; reject = must be refused; either = both are fine. */
  readonly parser: 'accept' | 'reject' | 'either'
  /** What this parser refuses it for; absent = it is read without a fault. */
  readonly fault?: ParseFaultReason
  /** Any one of these. */
  readonly udp: readonly Expectation[]
  /** Dropping it without an answer is tolerated over UDP. */
  readonly silenceAllowed: boolean
  /** Messages found in the stream (after the two of dblreq follow five stray bytes, which end it); waits = more bytes are needed; closes = framing is lost, error and close. */
  readonly stream: 'one' | 'two' | 'waits' | 'closes'
}

export interface TortureRow extends Expected {
  readonly name: string
  /** `3.1.1.1`; `-` = in the archive, not in the text. */
  readonly section: string
  readonly title: string
  readonly bytes: Buffer
}

function row(name: string, heading: string, bytes: Buffer, expected: Expected): TortureRow {
  const [section = '', ...title] = heading.split(' ')
  return { name, section, title: title.join(' '), bytes, ...expected }
}

export const tortureTable: readonly TortureRow[] = [
  row('wsinv', '3.1.1.1 A Short Tortuous INVITE', messages311.wsinv, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('intmeth', '3.1.1.2 Wide Range of Valid Characters', messages311.intmeth, {
    parser: 'accept',
    udp: ['404', '405', '501', 'forward'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('esc01', '3.1.1.3 Valid Use of the % Escaping Mechanism', messages311.esc01, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('escnull', '3.1.1.4 Escaped Nulls in URIs', messages311.escnull, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('esc02', '3.1.1.5 Use of % When It Is Not an Escape', messages311.esc02, {
    parser: 'accept',
    udp: ['405', '501', '404', 'forward'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('lwsdisp', '3.1.1.6 No LWS between Display Name and <', messages311.lwsdisp, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('longreq', '3.1.1.7 Long Values in Header Fields', messages311.longreq, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('dblreq', '3.1.1.8 Extra Trailing Octets in a UDP Datagram', messages311.dblreq, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'two',
  }),
  row('semiuri', '3.1.1.9 Semicolon-Separated Parameters in URI User Part', messages311.semiuri, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('transports', '3.1.1.10 Varied and Unknown Transport Types', messages311.transports, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('mpart01', '3.1.1.11 Multipart MIME Message', messages311.mpart01, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('unreason', '3.1.1.12 Unusual Reason Phrase', messages311.unreason, {
    parser: 'accept',
    udp: ['none'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('noreason', '3.1.1.13 Empty Reason Phrase', messages311.noreason, {
    parser: 'accept',
    udp: ['none'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('badinv01', '3.1.2.1 Extraneous Header Field Separators', messages312.badinv01, {
    parser: 'reject',
    fault: 'via',
    udp: ['400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('clerr', '3.1.2.2 Content-Length Larger Than Message', messages312.clerr, {
    parser: 'reject',
    fault: 'truncated',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'waits',
  }),
  row('ncl', '3.1.2.3 Negative Content-Length', messages312.ncl, {
    parser: 'reject',
    fault: 'content_length',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'closes',
  }),
  row('scalar02', '3.1.2.4 Request Scalars Out of Range', messages312.scalar02, {
    parser: 'reject',
    fault: 'cseq',
    udp: ['400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('scalarlg', '3.1.2.5 Response Scalars Out of Range', messages312.scalarlg, {
    parser: 'reject',
    fault: 'cseq',
    udp: ['none'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('quotbal', '3.1.2.6 Unterminated Quoted String in Display Name', messages312.quotbal, {
    parser: 'reject',
    fault: 'to',
    udp: ['400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('ltgtruri', '3.1.2.7 <> Enclosing Request-URI', messages312.ltgtruri, {
    parser: 'reject',
    fault: 'request_uri',
    udp: ['400', 'repair'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('lwsruri', '3.1.2.8 Malformed Request-URI (embedded LWS)', messages312.lwsruri, {
    parser: 'reject',
    fault: 'request_uri',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('lwsstart', '3.1.2.9 Multiple SP Separating Request-Line Elements', messages312.lwsstart, {
    parser: 'either',
    fault: 'request_uri',
    udp: ['400', 'repair'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('trws', '3.1.2.10 SP at End of Request-Line', messages312.trws, {
    parser: 'either',
    fault: 'request_line',
    udp: ['400', 'repair'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('escruri', '3.1.2.11 Escaped Headers in SIP Request-URI', messages312.escruri, {
    parser: 'reject',
    fault: 'request_uri',
    udp: ['400', 'strip'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('baddate', '3.1.2.12 Invalid Time Zone in Date', messages312.baddate, {
    parser: 'either',
    udp: ['400', 'accept'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('regbadct', '3.1.2.13 name-addr URI Not Enclosed in <>', messages312.regbadct, {
    parser: 'reject',
    fault: 'contact',
    udp: ['400', 'repair'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('badaspec', '3.1.2.14 Spaces within addr-spec', messages312.badaspec, {
    parser: 'reject',
    fault: 'to',
    udp: ['400', 'repair'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('baddn', '3.1.2.15 Non-token Characters in Display Name', messages312.baddn, {
    parser: 'reject',
    fault: 'truncated',
    udp: ['400', 'repair'],
    silenceAllowed: true,
    stream: 'waits',
  }),
  row('badvers', '3.1.2.16 Unknown Protocol Version', messages312.badvers, {
    parser: 'reject',
    fault: 'sip_version',
    udp: ['505'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('mismatch01', '3.1.2.17 Start-Line and CSeq Method Mismatch', messages312.mismatch01, {
    parser: 'reject',
    fault: 'cseq_method',
    udp: ['400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('mismatch02', '3.1.2.18 Unknown Method with CSeq Mismatch', messages312.mismatch02, {
    parser: 'reject',
    fault: 'cseq_method',
    udp: ['501', '400', '405'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('bigcode', '3.1.2.19 Overlarge Response Code', messages312.bigcode, {
    parser: 'reject',
    fault: 'status_line',
    udp: ['none'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('badbranch', '3.2.1 Missing Transaction Identifier', messages32.badbranch, {
    parser: 'accept',
    udp: ['400', '2543-fallback'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('insuf', '3.3.1 Missing Required Header Fields', messages33.insuf, {
    parser: 'accept',
    fault: 'missing_header',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('unkscm', '3.3.2 Request-URI with Unknown Scheme', messages33.unkscm, {
    parser: 'accept',
    udp: ['416'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('novelsc', '3.3.3 Request-URI with Known but Atypical Scheme', messages33.novelsc, {
    parser: 'accept',
    udp: ['416'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('unksm2', '3.3.4 Unknown URI Schemes in Header Fields', messages33.unksm2, {
    parser: 'accept',
    udp: ['any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('bext01', '3.3.5 Proxy-Require and Require', messages33.bext01, {
    parser: 'accept',
    udp: ['420'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('invut', '3.3.6 Unknown Content-Type', messages33.invut, {
    parser: 'accept',
    udp: ['415', 'forward', 'any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('regaut01', '3.3.7 Unknown Authorization Scheme', messages33.regaut01, {
    parser: 'accept',
    udp: ['401', 'any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('multi01', '3.3.8 Multiple Values in Single-Value Required Fields', messages33.multi01, {
    parser: 'reject',
    fault: 'duplicate_header',
    udp: ['400'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('mcl01', '3.3.9 Multiple Content-Length Values', messages33.mcl01, {
    parser: 'reject',
    fault: 'content_length',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'closes',
  }),
  row('bcast', '3.3.10 200 Response with Broadcast Via', messages33.bcast, {
    parser: 'accept',
    udp: ['none'],
    silenceAllowed: true,
    stream: 'one',
  }),
  row('zeromf', '3.3.11 Max-Forwards of Zero', messages33.zeromf, {
    parser: 'accept',
    udp: ['483', '200'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('cparam01', '3.3.12 REGISTER with a Contact Header Parameter', messages33.cparam01, {
    parser: 'accept',
    udp: ['any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('cparam02', '3.3.13 REGISTER with a URL Parameter', messages33.cparam02, {
    parser: 'accept',
    udp: ['any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('regescrt', '3.3.14 REGISTER with a URL Escaped Header', messages33.regescrt, {
    parser: 'accept',
    udp: ['any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('sdp01', '3.3.15 Unacceptable Accept Offering', messages33.sdp01, {
    parser: 'accept',
    udp: ['406', 'forward', 'any-final'],
    silenceAllowed: false,
    stream: 'one',
  }),
  row('inv2543', '3.4.1 INVITE with RFC 2543 Syntax', messages34.inv2543, {
    parser: 'accept',
    udp: ['not400'],
    silenceAllowed: false,
    stream: 'closes',
  }),
  row('test', '- In the RFC archive, not described in the text', messagesNotInText.test, {
    parser: 'reject',
    fault: 'malformed_header',
    udp: ['400'],
    silenceAllowed: true,
    stream: 'closes',
  }),
  row('baddn-terminated', '3.1.2.15 Non-token Characters in Display Name', messages312['baddn-terminated'], {
    parser: 'reject',
    fault: 'from',
    udp: ['400', 'repair'],
    silenceAllowed: false,
    stream: 'one',
  }),
]
