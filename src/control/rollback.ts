// Back to an earlier revision: the revisions after it are undone one by one, newest first. Ids and encrypted secrets
// come back as they were; the result is a new revision.
import { Fault } from '../base/fault.ts'
import type { ConfigObject } from '../store/config-rows.ts'
import { loadRevisions, loadUndo } from '../store/revision-rows.ts'
import { findRow, put, remove } from './configuration.ts'
import type { Draft, Row } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { fromObject } from './row-codec.ts'
import type { ApplyResult, WriteOptions } from './services.ts'

function rowById(draft: Draft, id: string): Row | undefined {
  for (const kind of ['carrier', 'endpoint', 'sipUser', 'route', 'block'] as const) {
    const row = findRow(draft, kind, id)
    if (row !== undefined) return row
  }
  return undefined
}

/** Removals first and then all rows again, because names may have been exchanged meanwhile. */
function undo(draft: Draft, steps: readonly { id: string; before: ConfigObject | null }[]): void {
  const oldest = new Map(steps.map(({ id, before }) => [id, before]))
  for (const id of oldest.keys()) {
    const row = rowById(draft, id)
    if (row !== undefined && row.kind !== 'system') remove(draft, row)
  }
  for (const before of oldest.values()) if (before !== null) put(draft, fromObject(before))
}

export function rollback(
  engine: ConfigEngine,
  wanted: number | undefined,
  options: WriteOptions & { dryRun?: boolean },
): Promise<ApplyResult> {
  return engine.change(async (draft) => {
    const present = engine.configuration.revision
    const revision = wanted ?? present - 1
    const kept = await engine.store.read((database) => loadRevisions(database))
    const oldest = (kept.at(-1)?.revision ?? present + 1) - 1
    if (!Number.isInteger(revision) || revision < oldest || revision >= present)
      throw new Fault(
        'not_found',
        present <= oldest
          ? 'there is no earlier revision'
          : `revision ${revision} cannot be restored; accepted: ${oldest} to ${present - 1}`,
      )
    undo(draft, await engine.store.read((database) => loadUndo(database, revision)))
    const whole = { action: 'rollback', text: `rollback to ${revision}` } as const
    const { dryRun = false } = options
    const { plan, warnings } = await engine.commit({ draft, paths: new Map(), options, whole, dryRun })
    return { applied: !dryRun && plan.length > 0, dryRun, revision: engine.configuration.revision, plan, warnings }
  })
}
