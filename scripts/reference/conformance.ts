// The checklist of conformance for an element that stands between callers and gateways: what is asked, and the tests
// that break when it is not so. Data only; printed by rfc-coverage.ts, and a unit test looks each proof up.

export interface ConformanceRow {
  readonly asks: string
  /** A tag (`RFC3261-17.2.1`) that titles of tests carry, or how the title of a test begins. */
  readonly proofs: readonly string[]
  /** Who asks it, where no proof carries a tag: specifications without sections to name, or nobody but us. */
  readonly by?: string
}

const syntax: readonly ConformanceRow[] = [
  { asks: 'unusual but valid messages are read, broken ones are refused with the right status', proofs: ['RFC4475-3'] },
  {
    asks: 'IPv6 in every place where an address may stand; a port only behind the bracket',
    proofs: ['RFC5118-4.1', 'RFC5118-4.2', 'RFC5118-4.3', 'RFC5118-4.4', 'RFC5118-4.5', 'RFC5118-4.9', 'RFC5118-4.10'],
  },
  { asks: 'names in any case, folded lines, lists, compact names', proofs: ['RFC3261-7.3.1', 'RFC3261-7.3.3'] },
  {
    asks: 'Content-Length ends a datagram and frames a stream; empty lines before a message are skipped',
    proofs: ['RFC3261-18.3', 'RFC3261-7.5', 'RFC3261-20.14'],
  },
  {
    asks: 'UDP, TCP and TLS; datagrams up to the largest; nothing below TLS 1.2',
    proofs: ['RFC3261-18', 'RFC3261-18.1.1', 'RFC8996-5'],
  },
  { asks: 'large requests go over TCP where that is set, and back to UDP if TCP fails', proofs: ['RFC3261-18.1.1'] },
  { asks: 'received is ours, never what the client wrote', proofs: ['RFC3261-18.2.1'] },
  {
    asks: 'answers go back by the connection or to the source, from where the request arrived; a lost connection is opened anew',
    proofs: ['RFC3261-18.2.2', 'RFC3581-4'],
  },
  { asks: 'responses that fit nothing of ours are ignored', proofs: ['RFC3261-18.1.2'] },
  { asks: 'the certificate of a gateway proves its name', proofs: ['RFC5922-7'] },
  { asks: 'keep-alives are answered', proofs: ['RFC5626-3.5.1'] },
  { asks: 'a transport error ends the attempt at once, as a 503 would', proofs: ['RFC3261-18.4', 'RFC3261-8.1.3.1'] },
]

const transactions: readonly ConformanceRow[] = [
  { asks: 'INVITE client: timers A and B, none of A over TCP', proofs: ['RFC3261-17.1.1.2'] },
  {
    asks: 'ACK of a failure, again for each repetition, until timer D',
    proofs: ['RFC3261-17.1.1.3', 'RFC3261-17.1.1.2'],
  },
  { asks: 'other client transactions: timers E, F and K', proofs: ['RFC3261-17.1.2.2'] },
  { asks: 'INVITE server: 100 at once; timers G, H and I', proofs: ['RFC3261-17.2.1'] },
  { asks: 'other server transactions: timer J, and the last answer again', proofs: ['RFC3261-17.2.2'] },
  {
    asks: 'after a 2xx both sides wait (timers L and M), each 2xx reaches the core, a late one gets ACK and BYE',
    proofs: ['RFC6026-7.1', 'RFC6026-7.2', 'RFC6026-8.4', 'RFC6026-8.7'],
  },
  {
    asks: 'matching by branch, sent-by and method; RFC 2543 peers by their own rules',
    proofs: ['RFC3261-17.2.3', 'RFC3261-17.1.3'],
  },
  { asks: 'no provisional answer but 100 to other requests', proofs: ['RFC4320-4.1'] },
  { asks: 'no 408 to other requests, and no late answer', proofs: ['RFC4320-4.2'] },
  { asks: 'a merged INVITE is 482', proofs: ['RFC3261-8.2.2.2'] },
]

const core: readonly ConformanceRow[] = [
  {
    asks: 'what makes a request unacceptable is looked for in order: 400, 416, 483, 420, then who it is',
    proofs: ['RFC3261-16.3', 'RFC3261-8.2.2.1', 'RFC3261-8.1.1'],
  },
  {
    asks: 'Max-Forwards is carried over minus one; without it 70 counts',
    proofs: ['RFC7332-5', 'RFC3261-8.1.1.6', 'RFC3261-16.6'],
  },
  { asks: 'a Via of our own with a branch of its own', proofs: ['RFC3261-8.1.1.7'] },
  { asks: 'loops are told from spirals', proofs: ['RFC7332-4', 'RFC3261-16.3', 'RFC5393-4.2'] },
  { asks: 'unknown fields and bodies cross unchanged', proofs: ['RFC3261-7.3.1', 'RFC3261-16.6'] },
  { asks: 'a call does not ring for ever', proofs: ['ringing longer than ringMs'], by: 'RFC 3261 16.8' },
  {
    asks: 'CANCEL is answered at once, is 481 without its INVITE, goes on after a 1xx only, fits its INVITE, is never challenged',
    proofs: ['RFC3261-9.1', 'RFC3261-9.2', 'RFC3261-22.1'],
  },
  { asks: 'a 2xx is sent again until its ACK, BYE after 32 s without one', proofs: ['RFC3261-13.3.1.4'] },
  { asks: 'each 2xx gets an ACK that is a transaction of its own', proofs: ['RFC3261-13.2.2.4'] },
  {
    asks: 'dialogs: routes stay, targets are refreshed, CSeq rises, an unknown dialog is 481',
    proofs: [
      'RFC3261-12.1.1',
      'RFC3261-12.1.2',
      'RFC3261-12.2',
      'RFC3261-12.2.1.1',
      'RFC3261-12.2.1.2',
      'RFC3261-12.2.2',
    ],
  },
  {
    asks: 're-INVITEs that cross: 491, or 500 with Retry-After; one that fails changes nothing',
    proofs: ['RFC3261-14.1', 'RFC3261-14.2'],
  },
  { asks: 'required extensions are known or refused with 420', proofs: ['RFC3261-8.2.2.3'] },
  { asks: 'reliable provisional responses on either leg', proofs: ['RFC3262-3', 'RFC3262-4'] },
  {
    asks: 'UPDATE crosses in the dialog, early or not',
    proofs: ['INFO, UPDATE, NOTIFY', 'INFO and UPDATE cross in the early dialog'],
    by: 'RFC 3311',
  },
  { asks: '405 and 501 with Allow; OPTIONS tells what we can', proofs: ['RFC3261-8.2.1', 'RFC3261-11.2'] },
  {
    asks: 'a To tag in each answer but 100, the same when it is sent again',
    proofs: ['RFC3261-8.2.6.2', 'RFC3261-8.2.7'],
  },
  {
    asks: 'Retry-After: said in overload, honoured and bounded from gateways, not passed on',
    proofs: ['RFC3261-21.5.4'],
  },
  {
    asks: 'session timers: 422 with Min-SE, the refresher, BYE without a refresh, peers without timers',
    proofs: ['RFC4028-6', 'RFC4028-7.1', 'RFC4028-7.3', 'RFC4028-7.4', 'RFC4028-9', 'RFC4028-10'],
  },
  { asks: 'a longest duration besides session timers', proofs: ['maxDuration ends the call'], by: 'Tollgate' },
]

const locating: readonly ConformanceRow[] = [
  {
    asks: 'NAPTR, SRV, addresses: by transport, port and what the name has',
    proofs: ['RFC3263-4', 'RFC3263-4.1', 'RFC3263-4.2'],
  },
  {
    asks: 'SRV: priority first, then a draw by weight; weight 0 comes last',
    proofs: ['weights 10 and 1: the share', 'weight zero comes only after', 'tiers of DNS lie between'],
    by: 'RFC 2782',
  },
  {
    asks: 'the next address after 503, silence or an error, with a new branch; any other final answer stands',
    proofs: ['RFC3263-4.3', 'RFC3261-8.1.1.7', '404, 486, 603: no other gateway'],
  },
  {
    asks: 'time to live, bounded look-ups, no call waits for DNS',
    proofs: [
      'the smallest time to live counts',
      'a silent server is given up within 2 s',
      'a DNS server that says nothing delays',
    ],
    by: 'Tollgate',
  },
  {
    asks: 'circles of names, floods of records, addresses that no peer can have',
    proofs: ['names that lead in a circle', 'a thousand records are cut', 'the smallest time to live counts'],
    by: 'Tollgate',
  },
]

const digest: readonly ConformanceRow[] = [
  { asks: 'callers are challenged without state; ACK and CANCEL never', proofs: ['RFC3261-22.3', 'RFC3261-22.1'] },
  { asks: 'one challenge for each algorithm, the strongest first; others are not accepted', proofs: ['RFC8760-2.3'] },
  {
    asks: 'realm, nonce, count, uri, algorithm and password are checked',
    proofs: ['RFC7616-3.4', 'RFC7616-5.4', 'digest matrix'],
  },
  { asks: 'stale for an old nonce, never for a wrong password', proofs: ['RFC7616-3.3', 'digest matrix'] },
  {
    asks: 'challenges of carriers: next CSeq, new branch, once for each nonce, the strongest algorithm',
    proofs: ['RFC3261-22.2', 'RFC3261-22.3', 'RFC8760-2.4'],
  },
  {
    asks: 'our credentials and those of the caller never cross',
    proofs: ['RFC3261-22.3', 'what belongs to one leg never crosses'],
  },
  { asks: 'auth-int when a carrier asks for it; names beyond ASCII', proofs: ['RFC7616-3.4.3', 'RFC7616-3.9.2'] },
  { asks: 'a nonce of before a restart is stale, not wrong', proofs: ['RFC7616-3.3'] },
]

const identity: readonly ConformanceRow[] = [
  {
    asks: 'identity of untrusted peers ends here; with Privacy: id it leaves the trust domain nowhere',
    proofs: ['RFC3325-5', 'RFC3325-7'],
  },
  { asks: 'an anonymous From stays anonymous', proofs: ['RFC3323-4.1.1.3'] },
  {
    asks: 'Identity crosses unchanged; Diversion and History-Info of trusted peers too',
    proofs: ['who diverted a call is believed'],
    by: 'RFC 8224, RFC 7044, RFC 5806',
  },
  {
    asks: 'overload parameters of Via are used between peers that agreed only: with nobody here',
    proofs: ['overload parameters in a Via that nobody agreed on'],
    by: 'RFC 7339',
  },
  {
    asks: 'overload: new calls go first, running ones stay, emergency calls last',
    proofs: ['in overload new calls are refused', 'an emergency number passes every limit', 'draining: new INVITEs'],
    by: 'RFC 5390, RFC 6357',
  },
]

/** In the order of a call: from bytes to who it is. */
export const conformance: Readonly<Record<string, readonly ConformanceRow[]>> = {
  'Syntax and transport': syntax,
  Transactions: transactions,
  'Dialogs and the two legs': core,
  'Finding gateways': locating,
  Digest: digest,
  'Identity and overload': identity,
}
