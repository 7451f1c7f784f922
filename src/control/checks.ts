// What has to hold of changed rows beyond the schema and the directory: no field that it would be unsafe to ignore.
import type { InputError } from '../base/fault.ts'
import type { Configuration } from './configuration.ts'
import type { RowChange } from './diff.ts'
import { storedPath } from './directory-source.ts'
import type { RowPaths } from './directory-source.ts'
import { invalid } from './input-errors.ts'
import { refusals } from './unenforced.ts'

/** Fault invalid when a changed row cannot stand. */
export function checkChanges(configuration: Configuration, changes: readonly RowChange[], paths: RowPaths): void {
  const errors: InputError[] = []
  for (const { after } of changes) {
    if (after?.kind !== 'endpoint' && after?.kind !== 'sipUser') continue
    const path = paths.get(after.id) ?? storedPath(configuration, after)
    errors.push(...refusals(after.kind, after.config, path))
  }
  if (errors.length > 0) throw invalid(errors)
}
