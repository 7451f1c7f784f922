// The words of the limits page.
import type { LimitItem } from '../../../src/contract/api-live.ts'

const scopeWords: Readonly<Record<LimitItem['scope'], string>> = {
  system: 'whole system',
  account: 'carrier or customer',
  endpoint: 'IP authentication',
  sipUser: 'SIP user',
  route: 'route',
}

/** What has the limit: `carrier`, `SIP user`. */
export const limitOwner = ({ scope, accountKind }: LimitItem): string => accountKind ?? scopeWords[scope]

interface Place {
  readonly to: string
  readonly search?: Readonly<Record<string, string>>
}

/** The page on which it is set. */
export function limitPlace({ scope, id, name, accountKind }: LimitItem): Place | undefined {
  if (scope === 'system') return { to: '/system' }
  if (scope === 'account') return accountKind === null ? undefined : { to: `/${accountKind}s/${id}/main` }
  const lists = { endpoint: '/endpoints', sipUser: '/sip-users', route: '/routes' } as const
  return { to: lists[scope], search: { search: name } }
}

export const limitName = ({ scope, name }: Pick<LimitItem, 'scope' | 'name'>): string =>
  scope === 'system' ? 'Whole system' : scope === 'route' && name === '' ? 'any number' : name

export const kindWord = (kind: LimitItem['kind']): string => (kind === 'channels' ? 'Channels' : 'Calls per second')
