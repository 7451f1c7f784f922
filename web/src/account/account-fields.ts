// The fields of a carrier or customer, in the groups of its Main tab. All of the contract; a test compares.
import type { FieldSpec } from './form-model.ts'
import { groupOn } from './form-model.ts'

export const accountFields: readonly FieldSpec[] = [
  ...groupOn('Settings', 'Basic', [
    { path: 'name', label: 'Name', kind: 'text' },
    {
      path: 'status',
      label: 'Status',
      kind: 'choice',
      usual: 'active',
      help: 'Only an active account processes calls.',
      choices: [
        ['active', 'Active'],
        ['inactive', 'Inactive'],
        ['pending', 'Pending approval'],
      ],
    },
    { path: 'channelsMax', label: 'Channels', kind: 'number', usual: 0, zero: 'unlimited' },
    { path: 'callsPerSecondMax', label: 'CPS', kind: 'number', usual: 0, zero: 'unlimited' },
    {
      path: 'queueMs',
      label: 'CPS buffer',
      kind: 'number',
      usual: 0,
      unit: 'ms',
      zero: 'off',
      help: 'A call above the rate waits so long.',
    },
    {
      path: 'overflowPeer',
      label: 'Overflow',
      kind: 'text',
      hint: 'sip:192.0.2.9:5060',
      help: 'Where calls go that find no room.',
    },
  ]),
  ...groupOn('Settings', 'Timeouts and failover', [
    { path: 'timeouts.firstReplyMs', label: 'First reply', kind: 'number', usual: 3_000, unit: 'ms', hint: '3000' },
    { path: 'timeouts.progressMs', label: 'Progress (PDD)', kind: 'number', usual: 5_000, unit: 'ms', hint: '5000' },
    { path: 'timeouts.ringMs', label: 'Ringing', kind: 'number', usual: 60_000, unit: 'ms', hint: '60000' },
    { path: 'timeouts.huntMs', label: 'All attempts', kind: 'number', usual: 30_000, unit: 'ms', hint: '30000' },
    { path: 'maxDurationSeconds', label: 'Longest call', kind: 'number', usual: 7_200, unit: 's', hint: '7200' },
    {
      path: 'gatewayFailoverMax',
      label: 'Gateway failover',
      kind: 'choice',
      usual: '1',
      choices: [
        ['0', 'None'],
        ['1', 'Failover 1'],
        ['2', 'Failover 2'],
        ['3', 'Failover 3'],
      ],
    },
    {
      path: 'backoff',
      label: 'Consecutive failure backoff',
      kind: 'check',
      usual: true,
      help: 'From 50 failures in a row on only few calls go there.',
    },
  ]),
  ...groupOn('Settings', 'Identity and headers', [
    {
      path: 'assertedIdentity',
      label: 'P-Asserted-ID',
      kind: 'choice',
      usual: 'default',
      choices: [
        ['default', 'Default'],
        ['remove', 'Remove'],
        ['ifAvailable', 'If available'],
        ['required', 'Required'],
      ],
    },
    { path: 'trustIdentity', label: 'Trust its identity headers', kind: 'check', usual: true },
    { path: 'propagateDisplayName', label: 'Propagate display name', kind: 'check', usual: false },
    {
      path: 'refer',
      label: 'Transfers (REFER)',
      kind: 'choice',
      usual: 'refuse',
      choices: [
        ['refuse', 'Refuse'],
        ['relay', 'Relay'],
      ],
    },
    { path: 'headerRules.keep', label: 'Headers to keep', kind: 'lines', usual: [], hint: 'X-Account' },
    { path: 'headerRules.remove', label: 'Headers to remove', kind: 'lines', usual: [] },
    { path: 'cliRules', label: 'CLI rules', kind: 'lines', usual: [], help: 'One number or pattern per line.' },
    { path: 'restrictedCodecs', label: 'Restricted codecs', kind: 'own', usual: [] },
  ]),
  ...groupOn('Settings', 'Books', [
    {
      path: 'currency',
      label: 'Currency',
      kind: 'text',
      usual: 'USD',
      help: 'Cannot be changed once the account exists.',
    },
    { path: 'website', label: 'Website', kind: 'text', usual: '', hint: 'https://www.example.com' },
    { path: 'address', label: 'Address', kind: 'area', usual: '' },
    { path: 'externalAccountingId', label: 'External accounting ID', kind: 'text', usual: '' },
    { path: 'notes', label: 'Notes', kind: 'area', usual: '' },
  ]),
]

/** Fields that tabs of their own edit. */
export const editedElsewhere = ['contacts', 'replyRules', 'rates', 'creditStop', 'alerts'] as const
