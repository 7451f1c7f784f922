// Every field that is accepted or known but that this version does not act on: a warning where ignoring it is harmless,
// a refusal where ignoring it would be unsafe or a lie. The one list; a feature that arrives takes its row out.
import type { InputError } from '../base/fault.ts'
import { isObject } from './sparse.ts'
import { joinPath } from './input-errors.ts'

type Part = 'system' | 'account' | 'endpoint' | 'sipUser' | 'routeTarget'

interface UnenforcedRow {
  readonly part: Part
  readonly field: string
  readonly effect: 'warn' | 'refuse'
  readonly message: string
  /** Whether this value asks for what is missing. */
  readonly asks: (value: unknown) => boolean
}

const isOn = (value: unknown): boolean => value === true
const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== ''
const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0
const notActedOn = 'is stored, but this version does not act on it'

const warn = (part: Part, field: string, asks: UnenforcedRow['asks'], message = `${field} ${notActedOn}`) =>
  ({ part, field, effect: 'warn', message, asks }) as const
const refuse = (part: Part, field: string, asks: UnenforcedRow['asks'], message: string) =>
  ({ part, field, effect: 'refuse', message, asks }) as const

export const unenforced: readonly UnenforcedRow[] = [
  warn('system', 'frontProxies', hasItems),
  warn('sipUser', 'ping', (value) => isGiven(value) && value !== 'off', 'registrations are not in this version'),
  warn('sipUser', 'retainDid', isOn, 'registrations are not in this version'),
  warn('routeTarget', 'sipUser', isGiven, 'registrations are not in this version: no call goes to SIP users yet'),
  refuse(
    'endpoint',
    'mediaEncryption',
    (value) => value === 'srtp',
    'srtp needs a media relay, none is configured; accepted: none',
  ),
]

function find(part: Part, effect: UnenforcedRow['effect'], value: unknown, path: string): InputError[] {
  if (!isObject(value)) return []
  return unenforced.flatMap((row) =>
    row.part === part && row.effect === effect && row.asks(value[row.field])
      ? [{ path: joinPath(path, row.field), message: row.message }]
      : [],
  )
}

/** What must be refused in one parsed object. */
export const refusals = (part: Part, config: object, path: string): InputError[] => find(part, 'refuse', config, path)

const list = (value: unknown, name: string): unknown[] => {
  const field = isObject(value) ? value[name] : undefined
  return Array.isArray(field) ? field : []
}

/** What a file asks for, as it is written, that nothing will act on. */
export function fileWarnings(file: unknown): InputError[] {
  if (!isObject(file)) return []
  const warnings = find('system', 'warn', file['system'], 'system')
  for (const section of ['carriers', 'customers'])
    for (const [i, account] of list(file, section).entries()) {
      const path = `${section}[${i}]`
      warnings.push(...find('account', 'warn', account, path))
      for (const [j, endpoint] of list(account, 'endpoints').entries())
        warnings.push(...find('endpoint', 'warn', endpoint, `${path}.endpoints[${j}]`))
      for (const [j, user] of list(account, 'sipUsers').entries())
        warnings.push(...find('sipUser', 'warn', user, `${path}.sipUsers[${j}]`))
    }
  for (const [i, route] of list(file, 'routes').entries())
    for (const [j, target] of list(route, 'targets').entries())
      warnings.push(...find('routeTarget', 'warn', target, `routes[${i}].targets[${j}]`))
  return warnings
}
