// What fields of an entry depend on, and choices that several of them share.
import type { Draft } from './form-model.ts'

export const sends = (draft: Draft): boolean => draft['direction'] !== 'receives'
export const receives = (draft: Draft): boolean => draft['direction'] !== 'sends'

export const transports = [
  ['udp', 'UDP'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
] as const
