// The settings of the system in groups, with the words that explain them. Names are those of the API.
import type { SystemConfig } from '../../../src/contract/declarative.ts'

type Draft = Omit<SystemConfig, 'alerts'>
export type SystemDraft = Draft & { readonly etag?: string }

type TopField = Exclude<keyof Draft, 'protection'>
export type FieldPath = TopField | `protection.${keyof SystemConfig['protection']}`

export interface FieldSpec {
  readonly path: FieldPath
  readonly label: string
  readonly help: string
  readonly as: 'text' | 'number' | 'list' | 'check' | 'unknownSource' | 'digest'
  readonly unit?: string
}

interface GroupSpec {
  readonly title: string
  readonly lead?: string
  readonly fields: readonly FieldSpec[]
}

export const groups: readonly GroupSpec[] = [
  {
    title: 'Identity',
    fields: [
      {
        path: 'realm',
        label: 'Realm',
        help: 'Part of every SIP password; it stays as soon as a SIP user has one.',
        as: 'text',
      },
      {
        path: 'unknownSource',
        label: 'Calls from unknown addresses',
        help: 'Refusing tells a carrier at once that its address is missing.',
        as: 'unknownSource',
      },
      {
        path: 'digestAlgorithms',
        label: 'Password check of SIP users',
        help: 'SHA-256 is safer. Older equipment knows only MD5 and gives up when others stand beside it.',
        as: 'digest',
      },
    ],
  },
  {
    title: 'Capacity',
    lead: 'Of all calls together. 0 = unlimited.',
    fields: [
      { path: 'channelsMax', label: 'Channels', help: 'Calls at the same time', as: 'number' },
      { path: 'callsPerSecondMax', label: 'Calls per second', help: 'New calls', as: 'number' },
      {
        path: 'overflowPeer',
        label: 'Overflow peer',
        help: 'Calls that find no room are sent there with 302: sip:192.0.2.9:5060. Empty: 503.',
        as: 'text',
      },
      {
        path: 'emergencyNumbers',
        label: 'Emergency numbers',
        help: 'No limit stops them. One a line.',
        as: 'list',
      },
    ],
  },
  {
    title: 'Protection',
    lead: 'Unknown sources that fail again and again are blocked. Addresses of carriers and customers never are.',
    fields: [
      {
        path: 'protection.blockFailures',
        label: 'Blocked after',
        help: '0 = nobody is blocked automatically',
        as: 'number',
        unit: 'failures',
      },
      { path: 'protection.windowSeconds', label: 'Within', help: 'They count so long', as: 'number', unit: 's' },
      {
        path: 'protection.blockSeconds',
        label: 'First block',
        help: 'Each further one is twice as long',
        as: 'number',
        unit: 's',
      },
      {
        path: 'protection.blockSecondsMax',
        label: 'Longest block',
        help: 'No block is longer',
        as: 'number',
        unit: 's',
      },
    ],
  },
  {
    title: 'Network and tests',
    fields: [
      {
        path: 'frontProxies',
        label: 'Front proxies',
        help: 'Addresses whose word about the real source is believed. One a line.',
        as: 'list',
      },
      { path: 'testNumbers', label: 'Test numbers', help: 'Support people may call these. One a line.', as: 'list' },
    ],
  },
  {
    title: 'Records and changes',
    fields: [
      {
        path: 'recordsDays',
        label: 'Call records are kept',
        help: 'Older ones are removed',
        as: 'number',
        unit: 'days',
      },
      {
        path: 'requireReason',
        label: 'Every change needs a reason',
        help: 'It is asked for before a change is sent, and stands in the audit.',
        as: 'check',
      },
    ],
  },
]

export const shownPaths: readonly string[] = groups.flatMap(({ fields }) => fields.map(({ path }) => path))

/** What the form may change of what the server has sent. */
export const draftOf = (system: SystemConfig): Draft => ({
  realm: system.realm,
  channelsMax: system.channelsMax,
  callsPerSecondMax: system.callsPerSecondMax,
  digestAlgorithms: system.digestAlgorithms,
  unknownSource: system.unknownSource,
  emergencyNumbers: system.emergencyNumbers,
  testNumbers: system.testNumbers,
  frontProxies: system.frontProxies,
  overflowPeer: system.overflowPeer,
  protection: system.protection,
  recordsDays: system.recordsDays,
  requireReason: system.requireReason,
})

const protectionPart = (path: FieldPath): keyof SystemConfig['protection'] | undefined =>
  path.startsWith('protection.') ? (path.slice('protection.'.length) as keyof SystemConfig['protection']) : undefined

export function valueAt(draft: Draft, path: FieldPath): unknown {
  const part = protectionPart(path)
  return part === undefined ? draft[path as TopField] : draft.protection[part]
}

export function withValue(draft: Draft, path: FieldPath, value: unknown): Draft {
  const part = protectionPart(path)
  if (part === undefined) return { ...draft, [path]: value }
  return { ...draft, protection: { ...draft.protection, [part]: value } }
}

/** Only what differs is sent, so that two people who change different fields do not meet. */
export function changesOf(before: Draft, after: Draft): Partial<Draft> {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Draft]),
  )
  return Object.fromEntries(changed) as Partial<Draft>
}
