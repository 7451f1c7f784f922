// Why a source was refused, in words. The codes are those of `GET /rejections`; all others are faults of the parser.

const words: Readonly<Record<string, string>> = {
  source_unknown: 'Unknown address',
  source_blocked: 'Blocked by a person',
  auto_blocked: 'Blocked by Tollgate',
  flood: 'Too much at once',
  digest_locked: 'Locked after wrong passwords',
  digest_wrong: 'Wrong password',
  no_dialog: 'Belongs to no call',
  foreign_response: 'Answer to nothing we sent',
  method_not_allowed: 'Method not offered',
  method_unknown: 'Unknown method',
  draining: 'We are shutting down',
  overloaded: 'We are overloaded',
  loop: 'Goes in a circle',
  too_many_hops: 'Too many hops',
  unsupported_scheme: 'No SIP address',
  bad_extension: 'Extension not offered',
  session_too_short: 'Session timer too short',
}

export const refusalWords = (reason: string): string => words[reason] ?? `Malformed: ${reason.replaceAll('_', ' ')}`
