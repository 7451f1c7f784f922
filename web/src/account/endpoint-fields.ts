// The fields of an IP authentication entry, in the order and on the tabs of its editor. All of the contract; a test compares.
import { advancedFields } from './endpoint-advanced.ts'
import { receives, transports } from './endpoint-choices.ts'
import type { FieldSpec } from './form-model.ts'

export const endpointTabs = ['Basic', 'Advanced', 'Codecs', 'Parameter rewrite'] as const

const basic: readonly FieldSpec[] = [
  { path: 'name', label: 'Name', tab: 'Basic', kind: 'text', hint: 'acme-1' },
  {
    path: 'state',
    label: 'State',
    tab: 'Basic',
    kind: 'choice',
    usual: 'on',
    choices: [
      ['on', 'On'],
      ['drain', 'Drain: running calls end, no new ones'],
      ['off', 'Off'],
    ],
  },
  {
    path: 'direction',
    label: 'Direction',
    tab: 'Basic',
    kind: 'choice',
    usual: 'receives',
    help: 'As the carrier or customer sees it.',
    choices: [
      ['receives', 'This endpoint receives calls: a gateway'],
      ['sends', 'This endpoint sends calls: an authorised source'],
      ['both', 'Both: it sends and receives'],
    ],
  },
  {
    path: 'addresses',
    label: 'Addresses',
    tab: 'Basic',
    kind: 'lines',
    usual: [],
    hint: '192.0.2.10',
    help: 'One per line: IPv4, IPv6 or CIDR; a host name only where it only receives. A range authorises, it is never called.',
  },
  {
    path: 'port',
    label: 'Port',
    tab: 'Basic',
    kind: 'number',
    hint: '5060, with TLS 5061',
    help: 'Where we send calls to.',
    when: receives,
  },
  {
    path: 'transport',
    label: 'Transport',
    tab: 'Basic',
    kind: 'choice',
    usual: 'udp',
    choices: transports,
    when: receives,
  },
  {
    path: 'weight',
    label: 'Weight',
    tab: 'Basic',
    kind: 'number',
    usual: 1,
    hint: '1',
    help: 'Share among the gateways of the same priority: 10 and 1 get 10/11 and 1/11. 0: only when others fail.',
    when: receives,
  },
  {
    path: 'priority',
    label: 'Priority',
    tab: 'Basic',
    kind: 'number',
    usual: 0,
    hint: '0',
    help: '0 comes first; higher numbers are used when nothing before them is left.',
    when: receives,
  },
  {
    path: 'channelsMax',
    label: 'Channels',
    tab: 'Basic',
    kind: 'number',
    usual: 0,
    zero: 'unlimited',
    help: 'Calls at the same time.',
  },
  {
    path: 'callsPerSecondMax',
    label: 'Flow speed (CPS)',
    tab: 'Basic',
    kind: 'number',
    usual: 0,
    zero: 'unlimited',
    help: 'New calls per second.',
  },
  {
    path: 'username',
    label: 'Username',
    tab: 'Basic',
    kind: 'text',
    help: 'Answers the carrier when it asks for a password (401, 407).',
    when: receives,
  },
  { path: 'password', label: 'Password', tab: 'Basic', kind: 'secret', when: receives },
  { path: 'notes', label: 'Notes', tab: 'Basic', kind: 'area', usual: '' },
]

export const endpointFields: readonly FieldSpec[] = [
  ...basic,
  ...advancedFields,
  { path: 'restrictedCodecs', label: 'Restricted codecs', tab: 'Codecs', kind: 'own', usual: [] },
  { path: 'rewrites', label: 'Parameter rewrite', tab: 'Parameter rewrite', kind: 'own', usual: [] },
]
