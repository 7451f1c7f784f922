// Why a source was refused before a call existed, in words, and what to do about it. Reasons come from the signalling thread
// (they are also labels of `tollgate_auth_rejections_total`); those of the parser say what could not be read.

const words: Readonly<Record<string, string>> = {
  source_unknown:
    'No enabled entry that sends, of an active account, lists this address. If it is a carrier or customer, add the address to its IP authentication.',
  source_blocked: 'A block covers this address. Lift the block if it should call.',
  auto_blocked:
    'This address failed again and again and is blocked for a while. Saving an entry that lists it lifts the block at once.',
  flood:
    'More packets than an unknown source may send; the rest is dropped unread. Configured addresses have no such bound.',
  source_denied: 'An entry with action deny covers this address and wins over the wider range.',
  source_ambiguous: 'Two entries fit alike. Tell them apart by port, transport, listener, dialled prefix or CLI.',
  source_draining: 'The entry takes no new calls: its state is drain.',
  cli_restricted: 'The number that called fits no CLI rule of the accounts that share this address.',
  digest_required: 'The entry also asks for a SIP user, and none proved its password.',
  digest_wrong:
    'The answer to the challenge was wrong: unknown username, wrong password, or an address outside its whitelist.',
  digest_locked: 'Too many wrong passwords from this address: it has to wait.',
  identity_required: 'The account must assert an identity that may be trusted, and this call had none.',
  account_inactive: 'The account is not active, or out for a time.',
  no_dialog: 'It speaks about a call that is over or never was here: after a restart, or sent to the wrong address.',
  foreign_response: 'An answer to nothing that was asked, or from somebody who was not asked.',
  method_not_allowed: 'A method that is only taken inside a call.',
  method_unknown: 'A method that is not known here.',
  unsupported_scheme: 'The Request-URI is neither sip nor sips.',
  too_many_hops: 'Max-Forwards was used up: the request may be going round in circles.',
  bad_extension: 'It requires an extension that is not offered.',
  session_too_short: 'It asks for a session interval below the minimum.',
  loop: 'The call came back to where it had been: a routing loop.',
  overloaded: 'More live calls or transactions than this machine may hold.',
  front_proxy_field: 'A proxy in front wrote an X-AUTH-IP or X-AUTH-PORT that cannot be read, or several of them.',
  draining: 'Tollgate is shutting down and takes no new calls.',
}

export const rejectionWords = (reason: string): string =>
  words[reason] ?? `The message cannot be read (${reason.replaceAll('_', ' ')}); the sample says where.`
