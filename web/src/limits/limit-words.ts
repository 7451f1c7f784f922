// The words of the limits page.
import type { LimitItem } from '../../../src/contract/api-live.ts'

export const scopeWords: Readonly<Record<LimitItem['scope'], string>> = {
  system: 'whole system',
  account: 'carrier or customer',
  endpoint: 'IP authentication',
  sipUser: 'SIP user',
  route: 'route',
}

export const limitName = ({ scope, name }: Pick<LimitItem, 'scope' | 'name'>): string =>
  scope === 'system' ? 'Whole system' : scope === 'route' && name === '' ? 'any number' : name

export const kindWord = (kind: LimitItem['kind']): string => (kind === 'channels' ? 'Channels' : 'Calls per second')
