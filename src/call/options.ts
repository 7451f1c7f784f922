// The SIP extensions we take on ourselves (option tags of Require, Proxy-Require and Supported; RFC 3261 19.2).
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'

/** Said in Supported to both sides. */
export const supportedOptions = 'timer'

const known = new Set(supportedOptions.split(', '))

/** What a request requires of us and we do not know: it is refused with 420 and these in Unsupported (8.2.2.3). */
export const unknownOptions = (request: SipMessage): string[] => [
  ...request.values(headerIds.require).filter((option) => !known.has(option.toLowerCase())),
  ...request.values(headerIds.proxyRequire),
]
