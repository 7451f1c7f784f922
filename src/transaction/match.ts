// Which transaction a message belongs to: RFC 3261 17.1.3 and 17.2.3, with the RFC 2543 rules for branches without the
// magic cookie. Keys are texts; two messages belong together when their keys are equal.
import { flat } from '../base/flat.ts'
import type { SipMessage } from '../sip/message.ts'
import { inLowerCase } from '../sip/uri.ts'
import type { Via } from '../sip/via.ts'

const cookie = 'z9hG4bK'

/** A branch that is unique by RFC 3261 8.1.1.7. The cookie alone says nothing and counts as none. */
export const hasCookie = (branch: string | undefined): branch is string =>
  branch !== undefined && branch.length > cookie.length && branch.startsWith(cookie)

const defaultPort = (via: Via): number => (via.transport === 'TLS' ? 5061 : 5060)

/**
 * The key of the server transaction that `request` would belong to if its method were `method`: branch, sent-by and
 * method. The Call-ID is compared as well: two clients behind one private address that repeat a branch stay apart.
 */
export function serverKey(request: SipMessage, method: string): string {
  if (lastRequest === request && lastMethod === method) return lastKey
  const via = request.topVia
  lastKey = flat(hasCookie(via.branch) ? branchKey(method, via, request.callId) : legacyKey(request, method))
  lastRequest = request
  lastMethod = method
  return lastKey
}

/** The same key, of a request of which only this is known; its branch must have the cookie. */
export const branchKey = (method: string, via: Via, callId: string): string =>
  `${method} ${via.branch} ${inLowerCase(via.host)}:${via.port ?? defaultPort(via)} ${callId}`

// What is not found is opened: the same key is asked for twice.
let lastRequest: SipMessage | undefined
let lastMethod = ''
let lastKey = ''

/** RFC 2543: no To tag in the key, because the ACK of a failure carries that of the response. */
function legacyKey(request: SipMessage, method: string): string {
  return `${method} ${request.cseq.number} ${request.callId} ${request.fromTag ?? ''} ${request.requestUri} ${request.topVia.text}`
}

/** A branch of ours is used by one request, and by the CANCEL of that request. */
export const clientKey = (method: string, branch: string): string => (method === 'CANCEL' ? `CANCEL ${branch}` : branch)
