// What one configuration has that another has not: as changes to store, as lines of a plan and as audit entries.
import type { ConfigObject, ObjectChange } from '../store/config-rows.ts'
import { allRows, displayName, findRow, parentOf, routeConfig } from './configuration.ts'
import type { Configuration, Row } from './configuration.ts'
import { documentOf, toObject } from './row-codec.ts'
import type { PlanLine } from './services.ts'
import { sameJson } from './sparse.ts'

type FieldChange = PlanLine['changes'][number]

export interface RowChange {
  readonly before: Row | undefined
  readonly after: Row | undefined
}

const secretMask = '(secret)'
const sealedOf = (row: Row): string | null => ('sealed' in row ? row.sealed : null)

const sameRow = (left: Row, right: Row): boolean =>
  left.kind === right.kind &&
  sealedOf(left) === sealedOf(right) &&
  parentOf(left) === parentOf(right) &&
  sameJson(left.config, right.config)

/** Creations and updates in the order of `allRows`, then removals in the opposite order. */
export function changesBetween(before: Configuration, after: Configuration): RowChange[] {
  const changes: RowChange[] = []
  for (const row of allRows(after)) {
    const old = findRow(before, row.kind, row.id)
    if (old === row) continue
    if (old === undefined || !sameRow(old, row)) changes.push({ before: old, after: row })
  }
  const gone = [...allRows(before)].filter((row) => findRow(after, row.kind, row.id) === undefined)
  for (const row of gone.toReversed()) changes.push({ before: row, after: undefined })
  return changes
}

function named(configuration: Configuration, row: Row): Record<string, unknown> {
  const config = row.kind === 'route' ? routeConfig(configuration, row.config) : row.config
  const fields: Record<string, unknown> = { ...config }
  delete fields['realmFixed']
  if (sealedOf(row) !== null) fields['password'] = secretMask
  return fields
}

/** What people read of a row: names instead of ids, the secret masked, defaults left out. */
export const readable = (configuration: Configuration, row: Row): Record<string, unknown> =>
  documentOf(row.kind, named(configuration, row))

function fieldChanges(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names]
    .filter((name) => !sameJson(before[name], after[name]))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
}

/** One change as people read it. */
export function planLine(from: Configuration, to: Configuration, change: RowChange): PlanLine {
  const { before, after } = change
  if (after === undefined) {
    const row = before as Row
    return { action: 'delete', kind: row.kind, name: displayName(from, row), changes: [] }
  }
  const changes =
    before === undefined ? fieldChanges({}, readable(to, after)) : fieldChanges(named(from, before), named(to, after))
  const kept = before === undefined ? null : sealedOf(before)
  if (kept !== null && sealedOf(after) !== null && kept !== sealedOf(after))
    changes.push({ field: 'password', before: secretMask, after: secretMask })
  const action = before === undefined ? 'create' : 'update'
  return { action, kind: after.kind, name: displayName(to, after), changes }
}

const objectOf = (row: Row | undefined): ConfigObject | null => (row === undefined ? null : toObject(row))

export const objectChange = ({ before, after }: RowChange): ObjectChange => ({
  id: after?.id ?? before?.id ?? '',
  before: objectOf(before),
  after: objectOf(after),
})
