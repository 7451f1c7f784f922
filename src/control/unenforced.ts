// Every field that is accepted but that this version does not act on: a warning says so. The one list; a feature that
// arrives takes its row out.
import type { Warning } from '../base/fault.ts'
import { isObject } from './sparse.ts'
import { joinPath } from './input-errors.ts'

type Part = 'system' | 'account' | 'endpoint' | 'sipUser' | 'routeTarget'

interface UnenforcedRow {
  readonly part: Part
  readonly field: string
  readonly message: string
  /** Whether this value asks for what is missing. */
  readonly asks: (value: unknown) => boolean
}

const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0
const notActedOn = 'is stored, but this version does not act on it'

const warn = (part: Part, field: string, asks: UnenforcedRow['asks'], message = `${field} ${notActedOn}`) =>
  ({ part, field, message, asks }) as const

export const unenforced: readonly UnenforcedRow[] = [
  warn('system', 'frontProxies', hasItems, 'front proxies are never blocked, but none of their header fields is read'),
]

function find(part: Part, value: unknown, path: string): Warning[] {
  if (!isObject(value)) return []
  return unenforced.flatMap((row) =>
    row.part === part && row.asks(value[row.field])
      ? [{ path: joinPath(path, row.field), message: row.message, code: 'not_enforced' as const }]
      : [],
  )
}

const list = (value: unknown, name: string): unknown[] => {
  const field = isObject(value) ? value[name] : undefined
  return Array.isArray(field) ? field : []
}

/** The same of the settings alone; paths start at the field. */
export const systemWarnings = (system: object): Warning[] => find('system', system, '')

/** What a file asks for, as it is written, that nothing will act on. */
export function fileWarnings(file: unknown): Warning[] {
  if (!isObject(file)) return []
  const warnings = find('system', file['system'], 'system')
  for (const section of ['carriers', 'customers'])
    for (const [i, account] of list(file, section).entries()) {
      const path = `${section}[${i}]`
      warnings.push(...find('account', account, path))
      for (const [j, endpoint] of list(account, 'endpoints').entries())
        warnings.push(...find('endpoint', endpoint, `${path}.endpoints[${j}]`))
      for (const [j, user] of list(account, 'sipUsers').entries())
        warnings.push(...find('sipUser', user, `${path}.sipUsers[${j}]`))
    }
  for (const [i, route] of list(file, 'routes').entries())
    for (const [j, target] of list(route, 'targets').entries())
      warnings.push(...find('routeTarget', target, `routes[${i}].targets[${j}]`))
  return warnings
}
