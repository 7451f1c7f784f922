// The fields on the Advanced tab of an IP authentication entry, in their groups.
import type { Draft, FieldSpec } from './form-model.ts'
import { groupOn } from './form-model.ts'
import { receives, sends, transports } from './endpoint-choices.ts'

const overTls = (draft: Draft): boolean => draft['transport'] === 'tls' || sends(draft)

const advanced = (group: string, fields: Parameters<typeof groupOn>[2]): FieldSpec[] =>
  groupOn('Advanced', group, fields)

const source = advanced('Where its calls come from', [
  {
    path: 'action',
    label: 'Action',
    kind: 'choice',
    usual: 'allow',
    help: 'Deny cuts a hole into a wider range.',
    choices: [
      ['allow', 'Allow'],
      ['deny', 'Deny'],
    ],
    when: sends,
  },
  { path: 'sourcePort', label: 'Source port', kind: 'number', hint: 'any', when: sends },
  {
    path: 'sourceTransports',
    label: 'Source transports',
    kind: 'several',
    usual: [],
    help: 'None chosen: all of them.',
    choices: transports,
    when: sends,
  },
  {
    path: 'dialledPrefix',
    label: 'Dialled prefix',
    kind: 'text',
    usual: '',
    help: 'Tells entries with the same address apart: the number must start with it.',
    when: sends,
  },
  {
    path: 'cliAuthentication',
    label: 'CLI authentication',
    kind: 'check',
    usual: false,
    help: 'Only callers in the CLI rules of the account. Two accounts may share an address when both set it.',
    when: sends,
  },
  {
    path: 'alsoRequireDigest',
    label: 'Also require digest',
    kind: 'check',
    usual: false,
    help: 'A known address has to give a SIP user and password as well.',
    when: sends,
  },
])

const target = advanced('Where its calls go', [
  {
    path: 'outboundProxy',
    label: 'Outbound proxy',
    kind: 'own',
    usual: [],
    help: 'Calls go there first; the carrier sees its address in Via. Several are balanced by weight.',
    when: receives,
  },
  {
    path: 'listener',
    label: 'Listener',
    kind: 'text',
    help: 'Name of the local listener that calls leave by.',
    when: receives,
  },
  {
    path: 'largeToTcp',
    label: 'Large requests over TCP',
    kind: 'check',
    usual: false,
    help: 'Requests above 1,300 bytes leave over TCP instead of UDP.',
    when: receives,
  },
])

const registration = advanced('Registration at the carrier', [
  { path: 'register.enabled', label: 'Register there', kind: 'check', usual: false, when: receives },
  { path: 'register.registrar', label: 'Registrar', kind: 'text', hint: 'sip:carrier.example', when: receives },
  { path: 'register.realm', label: 'Realm', kind: 'text', hint: 'any', when: receives },
  { path: 'register.fromDomain', label: 'From domain', kind: 'text', when: receives },
  { path: 'register.fromUser', label: 'From user', kind: 'text', when: receives },
  { path: 'register.contactUser', label: 'Contact user', kind: 'text', when: receives },
  {
    path: 'register.authUsername',
    label: 'Authentication name',
    kind: 'text',
    hint: 'the username',
    when: receives,
  },
  {
    path: 'register.expiresSeconds',
    label: 'Expires',
    kind: 'number',
    usual: 3_600,
    unit: 's',
    hint: '3600',
    when: receives,
  },
])

const tls = advanced('TLS', [
  {
    path: 'tls.verify',
    label: 'Verification',
    kind: 'choice',
    usual: 'strict',
    choices: [
      ['strict', 'Strict (RFC 5922)'],
      ['wildcard', 'Wildcards allowed'],
      ['pin', 'Pinned certificate'],
    ],
    when: overTls,
  },
  { path: 'tls.serverName', label: 'Server name', kind: 'text', hint: 'its own name', when: overTls },
  {
    path: 'tls.peerName',
    label: 'Name of the caller',
    kind: 'text',
    help: 'Callers must come over TLS and prove this name by a certificate.',
    when: sends,
  },
  {
    path: 'tls.ca',
    label: 'Authorities or pin',
    kind: 'area',
    help: 'PEM text; with a pin the certificate or its SHA-256.',
    when: overTls,
  },
  {
    path: 'tls.clientCert',
    label: 'Client certificate',
    kind: 'text',
    help: 'Name of a PEM file on the server.',
    when: overTls,
  },
])

const probing = advanced('Health probes', [
  { path: 'probe.enabled', label: 'Send OPTIONS', kind: 'check', usual: true, when: receives },
  {
    path: 'probe.intervalSeconds',
    label: 'Every',
    kind: 'number',
    decimals: true,
    usual: 30,
    unit: 's',
    hint: '30',
    when: receives,
  },
  {
    path: 'probe.intervalDownSeconds',
    label: 'Every, while red',
    kind: 'number',
    decimals: true,
    usual: 5,
    unit: 's',
    hint: '5',
    when: receives,
  },
  {
    path: 'probe.timeoutMs',
    label: 'Time to answer',
    kind: 'number',
    usual: 2_000,
    unit: 'ms',
    hint: '2000',
    when: receives,
  },
  {
    path: 'probe.failuresDown',
    label: 'Red after',
    kind: 'number',
    usual: 3,
    unit: 'misses',
    hint: '3',
    when: receives,
  },
  {
    path: 'probe.successesUp',
    label: 'Green after',
    kind: 'number',
    usual: 2,
    unit: 'answers',
    hint: '2',
    when: receives,
  },
  {
    path: 'probe.aliveCodes',
    label: 'Replies that prove life',
    kind: 'lines',
    usual: ['2xx', '3xx', '4xx', '500', '501', '505'],
    help: 'One per line: a class like 4xx or a code. 408, 502, 503 and 504 are not among the usual ones.',
    when: receives,
  },
])

const timeouts = advanced('Timeouts of this gateway', [
  {
    path: 'timeouts.firstReplyMs',
    label: 'First reply',
    kind: 'number',
    unit: 'ms',
    hint: 'as the account',
    when: receives,
  },
  {
    path: 'timeouts.progressMs',
    label: 'Progress (PDD)',
    kind: 'number',
    unit: 'ms',
    hint: 'as the account',
    when: receives,
  },
  { path: 'timeouts.ringMs', label: 'Ringing', kind: 'number', unit: 'ms', hint: 'as the account', when: receives },
])

const replies = advanced('Replies of this gateway', [
  {
    path: 'replyRules',
    label: 'Reply rules',
    kind: 'own',
    usual: [],
    help: 'They come before those of the account.',
    when: receives,
  },
])

const dialogs = advanced('NAT and dialogs', [
  {
    path: 'forceNat',
    label: 'Force NAT',
    kind: 'check',
    usual: false,
    help: 'Always answer to the address that packets come from.',
  },
  {
    path: 'disableNat',
    label: 'Disable NAT',
    kind: 'check',
    usual: false,
    help: 'Believe the addresses that SIP names. Not together with Force NAT.',
  },
  {
    path: 'interceptReinvite',
    label: 'Intercept re-INVITE',
    kind: 'check',
    usual: false,
    help: 'Refreshes are answered here, for equipment that cannot.',
  },
  {
    path: 'dialogPing',
    label: 'Ping running calls',
    kind: 'check',
    usual: false,
    help: 'OPTIONS inside the dialog; a call whose peer is gone ends.',
  },
  {
    path: 'mediaEncryption',
    label: 'Media encryption',
    kind: 'choice',
    usual: 'none',
    choices: [
      ['none', 'None (RTP)'],
      ['srtp', 'SRTP'],
    ],
  },
])

const equipment = advanced('Equipment', [
  {
    path: 'manufacturer',
    label: 'Manufacturer',
    kind: 'text',
    usual: '',
    help: 'bandwidth.com switches its known quirk on; else information.',
  },
  { path: 'version', label: 'Version', kind: 'text', usual: '' },
])

export const advancedFields: readonly FieldSpec[] = [
  ...source,
  ...target,
  ...registration,
  ...tls,
  ...probing,
  ...timeouts,
  ...replies,
  ...dialogs,
  ...equipment,
]
