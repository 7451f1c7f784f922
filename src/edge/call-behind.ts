// Which call a timer, a transaction or its user belongs to: after a bug of ours that one is ended, and no other.
import { Call } from '../call/call.ts'

/** Users and timer owners that belong to a call say so by `call`; transactions by their user. */
export function callBehind(owner: unknown): Call | undefined {
  if (owner instanceof Call || owner === undefined || owner === null) return owner ?? undefined
  if (typeof owner !== 'object') return undefined
  if ('call' in owner) return owner.call instanceof Call ? owner.call : undefined
  return 'user' in owner ? callBehind(owner.user) : undefined
}
