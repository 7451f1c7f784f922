// How what happens to people, sessions and keys stands in the audit.
import type { AuditRow } from '../store/audit-rows.ts'
import type { Actor, WriteOptions } from './services.ts'

interface What {
  readonly kind: 'user' | 'apiKey'
  readonly name: string
  readonly objectId?: string | undefined
  readonly before?: unknown
  readonly after?: unknown
}

export type Author = Pick<WriteOptions, 'actor' | 'reason'>

/** @param at milliseconds since 1970 */
export function peopleAudit(at: number, author: Actor | Author, action: string, what: What): AuditRow {
  const { actor, reason } = 'actor' in author ? author : { actor: author, reason: undefined }
  return {
    at,
    actor: actor.name,
    actorKind: actor.kind,
    actorId: actor.id,
    address: actor.address,
    action,
    kind: what.kind,
    objectId: what.objectId ?? null,
    name: what.name,
    reason: reason ?? null,
    before: what.before ?? null,
    after: what.after ?? null,
  }
}
