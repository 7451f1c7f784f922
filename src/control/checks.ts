// What has to hold of changed rows beyond the schema and the directory: nothing that this server is not set up for.
import type { InputError } from '../base/fault.ts'
import type { Cidr } from '../contract/address.ts'
import type { Configuration, Row } from './configuration.ts'
import type { RowChange } from './diff.ts'
import { storedPath } from './directory-source.ts'
import type { RowPaths } from './directory-source.ts'
import { joinPath } from './input-errors.ts'
import { findUrlRefusal } from './webhook-guard.ts'

/** What this server is set up for. */
interface SetUp {
  readonly paths: RowPaths
  readonly mediaRelay: boolean
  readonly webhookAllow: readonly Cidr[]
}

/** What is wrong with changed rows. */
export function changeFaults(configuration: Configuration, changes: readonly RowChange[], setUp: SetUp): InputError[] {
  return changes.flatMap(({ after }) => {
    if (after === undefined) return []
    const path = setUp.paths.get(after.id) ?? storedPath(configuration, after)
    return faultsOf(after, setUp).map((fault) => ({ ...fault, path: joinPath(path, fault.path) }))
  })
}

function faultsOf(row: Row, { mediaRelay, webhookAllow }: SetUp): InputError[] {
  if (row.kind === 'endpoint') {
    if (row.config.mediaEncryption === 'none' || mediaRelay) return []
    const message = 'srtp needs a media relay, none is configured (TOLLGATE_RTPENGINE); accepted: none'
    return [{ path: 'mediaEncryption', message }]
  }
  if (row.kind !== 'carrier' && row.kind !== 'customer' && row.kind !== 'system') return []
  return row.config.alerts.flatMap(({ webhook }, i) => {
    const message = webhook === null ? undefined : findUrlRefusal(webhook, webhookAllow)
    return message === undefined ? [] : [{ path: `alerts[${i}].webhook`, message }]
  })
}
