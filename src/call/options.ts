// The SIP extensions we take on ourselves (option tags of Require, Proxy-Require and Supported; RFC 3261 19.2).
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'

/** Said in Supported to both sides. */
export const supportedOptions = '100rel, timer'

const known = new Set(supportedOptions.split(', '))

/** 100rel is about the INVITE that opens the dialog: answers to a re-INVITE are never sent reliably. */
const isTaken = (option: string, request: SipMessage): boolean =>
  known.has(option) && (option !== '100rel' || (request.method === 'INVITE' && request.toTag === undefined))

/** What a request requires of us and we do not know: it is refused with 420 and these in Unsupported (8.2.2.3). */
export const unknownOptions = (request: SipMessage): string[] => [
  ...request.values(headerIds.require).filter((option) => !isTaken(option.toLowerCase(), request)),
  ...request.values(headerIds.proxyRequire),
]
