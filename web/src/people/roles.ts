// The roles in words.
import type { Me } from '../../../src/contract/api-people.ts'

export type Role = Me['role']

export const roleOptions: readonly { value: Role; label: string }[] = [
  { value: 'administrator', label: 'Administrator' },
  { value: 'engineer', label: 'Engineer' },
  { value: 'support', label: 'Support' },
]

export const roleWords: Readonly<Record<Role, string>> = {
  administrator: 'Administrator',
  engineer: 'Engineer',
  support: 'Support',
}

export const roleHelp: Readonly<Record<Role, string>> = {
  administrator: 'May do everything, users, API keys and backups included.',
  engineer: 'May change the configuration; no users, API keys and backups.',
  support: 'May look, simulate, read traces and call test numbers; may change nothing and sees no secret.',
}
