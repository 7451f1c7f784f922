// The words of the audit.
import type { AuditItem } from '../../../src/contract/api-people.ts'

const kinds: Readonly<Record<string, string>> = {
  carrier: 'carrier',
  customer: 'customer',
  endpoint: 'IP authentication',
  sipUser: 'SIP user',
  route: 'route',
  block: 'block',
  system: 'system settings',
  configuration: 'configuration',
  user: 'user',
  apiKey: 'API key',
  session: 'session',
  call: 'call',
  payment: 'payment',
  gateway: 'gateway',
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const kindWords = (kind: string): string => kinds[kind] ?? kind

export const kindOptions = [
  { value: '', label: 'Anything' },
  ...Object.entries(kinds).map(([value, label]) => ({ value, label: capital(label) })),
]

/** `Update carrier Acme`. */
export const actionText = ({ action, kind, name }: Pick<AuditItem, 'action' | 'kind' | 'name'>): string =>
  `${capital(action)} ${kindWords(kind)}${name === '' || name === kind ? '' : ` ${name}`}`

/** `from 192.0.2.7`, `API key from 192.0.2.7`, `by itself`. */
export function actorText({ actorKind, address }: Pick<AuditItem, 'actorKind' | 'address'>): string {
  const from = address === null || address === '' ? '' : `from ${address}`
  if (actorKind === 'apiKey') return `API key ${from}`.trim()
  if (actorKind === 'system') return from === '' ? 'by itself' : from
  return from
}
