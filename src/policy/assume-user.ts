// The dry run of digest: what would be asked of this source, and whether the SIP user that is named could answer, with its
// password taken as right. Nothing is counted.
import { findSipUser } from '../directory/sip-users.ts'
import type { Directory } from '../directory/directory.ts'
import { challengeStatus, findUserFault } from './authenticate.ts'
import type { Explanation } from './explanation.ts'
import { identify } from './identify.ts'
import { refuse } from './refusals.ts'
import type { SuspensionView } from './suspensions.ts'
import type { Caller, Refusal, SourceFacts } from './verdict.ts'

const phrases = { 407: 'Proxy Authentication Required', 401: 'Unauthorized' } as const

/** What becomes of a source that identify refused, when it signs in as `username` (undefined = not at all). */
export function assumeUser(
  directory: Directory,
  packet: {
    readonly facts: SourceFacts
    readonly suspensions: SuspensionView
    readonly username: string | undefined
  },
  refusal: Refusal,
  explanation: Explanation,
): Caller | Refusal {
  const { facts, suspensions, username } = packet
  const status = challengeStatus(directory, refusal, facts.ip)
  if (status === undefined) return refusal
  explanation.add('authenticate', `the source is challenged with ${status}`)
  const challenged = (detail: string): Refusal => ({
    ...refuse('digest_required', { reasonPhrase: phrases[status], detail }),
    status,
  })
  if (username === undefined) return challenged('the source is challenged, and no SIP user was named')
  const user = findSipUser(directory, username)
  const fault = findUserFault(directory, user, { facts, suspensions, accountId: refusal.accountId })
  if (user === undefined || fault !== undefined) {
    const detail = `SIP user ${username} cannot sign in: ${fault ?? ''}`
    explanation.add('authenticate', detail)
    return challenged(detail)
  }
  explanation.add('authenticate', `SIP user ${username} may sign in from here; its password is taken as right`)
  return identify(directory, { ...facts, sipUser: user }, explanation, suspensions)
}
