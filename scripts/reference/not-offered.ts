// What the SIP specifications describe for elements of this kind and Tollgate does not do, each with the reason. Data
// only; printed at the end of docs/rfc-coverage.md. A feature that arrives takes its row out.

export interface NotOffered {
  /** `RFC 3261 16.7`. */
  readonly clause: string
  readonly what: string
  readonly reason: string
}

export const notOffered: readonly NotOffered[] = [
  {
    clause: 'RFC 3261 16.6, 16.12; RFC 5658',
    what: 'Record-Route of our own, double Record-Route',
    reason: 'For proxies. Both legs are dialogs of ours, so in-dialog requests come to our Contact.',
  },
  {
    clause: 'RFC 3261 16.7; RFC 5393 5',
    what: 'parallel forking, choice of the best answer, aggregated challenges, Max-Breadth and 440',
    reason: 'Gateways are asked one after the other, never at once; one INVITE becomes at most one at a time.',
  },
  {
    clause: 'RFC 3261 16.7',
    what: 'the 503 of a gateway turned into 500',
    reason:
      'For proxies. When no gateway is left the caller gets a 503 of ours, so that its own failover goes on; the Retry-After of a gateway is not in it.',
  },
  {
    clause: 'RFC 3261 16.8',
    what: 'timer C that starts anew with each 1xx',
    reason:
      'For proxies. As a user agent Tollgate ends a call that rings too long by `timeouts.ringMs`, which no 1xx prolongs; it may be shorter than three minutes where the account wants that.',
  },
  {
    clause: 'RFC 3261 18.1.1',
    what: 'TCP for every request above 1,300 bytes without being told to',
    reason:
      'Many carriers take UDP only and lose fragments less often than they refuse TCP, so it is a setting of the entry (`largeToTcp`, off by default), with the way back to UDP that the clause asks for.',
  },
  {
    clause: 'RFC 3261 26.2.2',
    what: 'TLS on every further hop because the caller wrote `sips:`',
    reason: 'The entry of the gateway says how it is reached. Whoever needs TLS on both legs sets it there.',
  },
  {
    clause: 'RFC 5393 4.2',
    what: 'a loop mark over Route, tags, Call-ID, CSeq and credentials',
    reason:
      'A back-to-back user agent writes all of these anew on each turn; the mark covers what survives a turn (Request-URI, From, To, account), and Max-Forwards ends what it does not see.',
  },
  {
    clause: 'RFC 3261 8.2.2.2',
    what: 'a merged request other than INVITE is told apart',
    reason:
      'Outside a dialog only INVITE, OPTIONS and REGISTER are served, and the latter two change nothing when repeated.',
  },
  {
    clause: 'RFC 3261 22.3',
    what: 'credentials for other realms left in the request',
    reason:
      'Credentials belong to one leg. Those of the caller never reach a gateway; toward gateways Tollgate has its own.',
  },
  {
    clause: 'RFC 7616 3.4.4',
    what: 'userhash',
    reason:
      'It would hide a name that From shows in the same message. A carrier that offers it gets the plain name, as it must accept; a caller that hashes unasked is refused.',
  },
  {
    clause: 'RFC 7616 3.4.3',
    what: 'auth-int in challenges of our own',
    reason:
      'It is answered when a carrier asks for it. From callers whose bodies are changed on the way to us it would refuse calls.',
  },
  {
    clause: 'RFC 7616 5.4',
    what: 'a nonce that is valid on several servers',
    reason: 'There is one server. After a restart a nonce of before is stale, and the next answer is right.',
  },
  {
    clause: 'RFC 3261 18.2.2; RFC 3263 5',
    what: 'answers to maddr or to a name in Via',
    reason:
      'Answers go to the address that the request came from. To send them where a packet says would let anybody aim them at others.',
  },
  {
    clause: 'RFC 8224 5, 6',
    what: 'making or verifying Identity (428, 436, 437, 438)',
    reason:
      'Identity crosses unchanged as it came. Where rewrites or `fromDomain` change From or To, the next verifier will find that it does not fit; whether that is wanted only the operator knows.',
  },
  {
    clause: 'RFC 7044, RFC 5806',
    what: 'counting History-Info or Diversion entries as a guard against loops',
    reason: 'They cross from trusted peers and can be removed by any; Max-Forwards cannot, and it bounds every loop.',
  },
  {
    clause: 'RFC 7339',
    what: 'overload control by `oc` parameters of Via',
    reason:
      'It works only between peers that agreed to it. `oc` is ignored; limits of channels and of calls per second, waiting and Retry-After do its work.',
  },
  {
    clause: 'RFC 5390',
    what: 'emergency calls above the most calls that one process holds (`callsMax`)',
    reason: 'It guards memory, so nothing passes it. Every limit that is configured lets emergency calls through.',
  },
  {
    clause: 'RFC 3891, RFC 3515',
    what: 'Replaces and attended transfer across the two legs',
    reason:
      'Names of a dialog mean nothing on the other leg. REFER is relayed where the account says so, but never with names of a dialog.',
  },
  {
    clause: 'RFC 6665, RFC 3428',
    what: 'subscriptions, and messages outside a dialog',
    reason: 'Tollgate is an edge for calls: 405 with Allow.',
  },
]
