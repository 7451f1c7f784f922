// What callers ask to be kept from others: Privacy (RFC 3323, RFC 3325) and an anonymous From.
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseUri, splitUser, unescapeUser } from '../sip/uri.ts'

/** RFC 3323 4.2, RFC 3325 7: the asserted identity is not shown outside the trust domain. */
export const asksPrivacy = (request: SipMessage): boolean =>
  request.values(headerIds.privacy).some((value) => /(?:^|[;,\s])id(?:$|[;,\s])/i.test(value))

/** A From that must not be filled in: whose user and host stay as they came, and its display name with them. */
export interface HiddenFrom {
  /** Raw, with a blank behind it, or ''. */
  readonly display: string
  readonly user: string
  /** undefined = the host is that of the leg. */
  readonly host: string | undefined
}

/**
 * The From of a caller that hides: anonymous (RFC 3323 4.1.1.3), or any From beside `Privacy: id`. Its number is never
 * replaced by that of a P-Asserted-Identity, which would tell what the caller keeps back.
 */
export function findHiddenFrom(request: SipMessage): HiddenFrom | undefined {
  const { uri: text, displayName } = request.from
  const uri = parseUri(text)
  const user = uri?.user ?? ''
  const invalid = uri?.host === 'anonymous.invalid'
  const anonymous = invalid || unescapeUser(splitUser(user).number).toLowerCase() === 'anonymous'
  if (!anonymous && !asksPrivacy(request)) return undefined
  return {
    display: anonymous && displayName !== '' ? `${displayName} ` : '',
    user,
    host: invalid ? 'anonymous.invalid' : undefined,
  }
}
