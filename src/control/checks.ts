// What has to hold of changed rows beyond the schema and the directory: nothing that this server is not set up for.
import type { InputError } from '../base/fault.ts'
import type { Configuration } from './configuration.ts'
import type { RowChange } from './diff.ts'
import { storedPath } from './directory-source.ts'
import type { RowPaths } from './directory-source.ts'
import { joinPath } from './input-errors.ts'

/** What is wrong with changed rows. */
export function changeFaults(
  configuration: Configuration,
  changes: readonly RowChange[],
  { paths, mediaRelay }: { readonly paths: RowPaths; readonly mediaRelay: boolean },
): InputError[] {
  const errors: InputError[] = []
  for (const { after } of changes) {
    if (after?.kind !== 'endpoint' || after.config.mediaEncryption === 'none' || mediaRelay) continue
    const path = joinPath(paths.get(after.id) ?? storedPath(configuration, after), 'mediaEncryption')
    errors.push({ path, message: 'srtp needs a media relay, none is configured (TOLLGATE_RTPENGINE); accepted: none' })
  }
  return errors
}
