// Reply management: what the operator wants done with a code from a gateway. The gateway's own rules come before its
// account's; a rule with action default hides the account's rule for that code.
import type { ReplyRule } from '../contract/parts.ts'
import type { DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'

/** The rule for a status of this gateway; undefined = the built-in behaviour (failover.ts). */
export function findReplyRule(
  endpoint: Pick<DirectoryEndpoint, 'replyRules'>,
  account: Pick<DirectoryAccount, 'replyRules'>,
  status: number,
): ReplyRule | undefined {
  const rule =
    endpoint.replyRules.find((row) => row.code === status) ?? account.replyRules.find((row) => row.code === status)
  return rule?.action === 'default' ? undefined : rule
}
