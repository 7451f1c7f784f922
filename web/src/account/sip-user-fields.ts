// The fields of a SIP user, in the order and on the tabs of its editor. All of the contract; a test compares.
import type { FieldSpec } from './form-model.ts'
import { groupOn } from './form-model.ts'

export const sipUserTabs = ['Basic', 'Advanced', 'Codecs', 'Parameter rewrite'] as const

export const sipUserFields: readonly FieldSpec[] = [
  {
    path: 'username',
    label: 'Username',
    tab: 'Basic',
    kind: 'text',
    hint: '441782000001',
    help: 'Unique in the whole system.',
  },
  {
    path: 'password',
    label: 'Password',
    tab: 'Basic',
    kind: 'secret',
    generate: true,
    help: '8 characters or more, with upper and lower case, a digit and a symbol.',
  },
  {
    path: 'allowedAddresses',
    label: 'Allowed addresses',
    tab: 'Basic',
    kind: 'lines',
    usual: [],
    hint: 'any address',
    help: 'One address or CIDR per line. Empty: from anywhere.',
  },
  { path: 'channelsMax', label: 'Channels', tab: 'Basic', kind: 'number', usual: 0, zero: 'unlimited' },
  {
    path: 'callsPerSecondMax',
    label: 'Flow speed (CPS)',
    tab: 'Basic',
    kind: 'number',
    usual: 0,
    zero: 'unlimited',
  },
  ...groupOn('Advanced', '', [
    {
      path: 'transport',
      label: 'Transport',
      kind: 'choice',
      usual: '',
      help: 'How it must come.',
      choices: [
        ['', 'Any'],
        ['udp', 'UDP'],
        ['tcp', 'TCP'],
        ['tls', 'TLS'],
      ],
    },
    {
      path: 'ping',
      label: 'NAT / SIP ping',
      kind: 'choice',
      usual: 'off',
      help: 'Every 60 seconds to the registered device.',
      choices: [
        ['off', 'Disabled'],
        ['keepalive', 'Enabled'],
        ['timeout', 'Enabled (timeout): ends the registration when nothing answers'],
      ],
    },
    {
      path: 'retainDid',
      label: 'Retain DID',
      kind: 'check',
      usual: false,
      help: 'The device gets the dialled number instead of its username.',
    },
    {
      path: 'digestAlgorithms',
      label: 'Digest algorithms',
      kind: 'several',
      usual: [],
      help: 'None chosen: those of the system.',
      choices: [
        ['MD5', 'MD5'],
        ['SHA-256', 'SHA-256'],
        ['SHA-512-256', 'SHA-512-256'],
      ],
    },
  ]),
  { path: 'restrictedCodecs', label: 'Restricted codecs', tab: 'Codecs', kind: 'own', usual: [] },
  { path: 'rewrites', label: 'Parameter rewrite', tab: 'Parameter rewrite', kind: 'own', usual: [] },
]
