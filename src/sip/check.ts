// What every request and response must have (RFC 3261 8.1.1, 20) and what must stand only once, as RFC 4475 asks.
// Values that are only echoed or forwarded are not judged here.
import { bound } from '../base/limits.ts'
import { numberIn } from './byte-text.ts'
import { type HeaderId, headerIds, headerName } from './header.ts'
import type { SipMessage } from './message.ts'
import { isNameAddr } from './name-addr.ts'
import { parseVia } from './via.ts'

export interface CheckFault {
  readonly reason:
    | 'missing_header'
    | 'duplicate_header'
    | 'too_many_vias'
    | 'via'
    | 'from'
    | 'to'
    | 'call_id'
    | 'cseq'
    | 'cseq_method'
    | 'max_forwards'
    | 'contact'
    | 'route'
    | 'record_route'
  readonly detail: string
}

const viaMax = bound('viaMax')
const mandatory: readonly HeaderId[] = [headerIds.via, headerIds.from, headerIds.to, headerIds.callId, headerIds.cseq]

/** Fields that may stand only once (RFC 4475 3.3.8). Content-Length was judged by the scanner. */
const single = new Uint8Array(256)
for (const id of [
  headerIds.from,
  headerIds.to,
  headerIds.callId,
  headerIds.cseq,
  headerIds.maxForwards,
  headerIds.contentType,
  headerIds.expires,
  headerIds.sessionExpires,
  headerIds.minSe,
  headerIds.rseq,
  headerIds.rack,
  headerIds.referTo,
  headerIds.replaces,
  headerIds.event,
])
  single[id] = 1

/** The number of the message in which a field was seen last. */
const seen = new Float64Array(256)
let messageNumber = 0

/** The first thing wrong with the message, or undefined. */
export function checkMessage(message: SipMessage): CheckFault | undefined {
  return checkPresence(message) ?? checkVias(message) ?? checkIdentity(message) ?? checkAddresses(message)
}

function checkPresence(message: SipMessage): CheckFault | undefined {
  messageNumber += 1
  for (let i = 0; i < message.headerCount; i++) {
    const id = message.headerIdAt(i)
    if (single[id] === 1 && seen[id] === messageNumber)
      return { reason: 'duplicate_header', detail: `${headerName(id)} stands more than once` }
    seen[id] = messageNumber
  }
  for (const id of mandatory)
    if (!message.has(id)) return { reason: 'missing_header', detail: `${headerName(id)} is missing` }
  return undefined
}

/** The top one is parsed once, for the shortcut; of the others only that they are well formed matters. */
function checkVias(message: SipMessage): CheckFault | undefined {
  if (message.topVia.host === '') return { reason: 'via', detail: 'malformed Via' }
  if (message.isSingle(headerIds.via)) return undefined
  const values = message.values(headerIds.via)
  if (values.length > viaMax) return { reason: 'too_many_vias', detail: `more than ${viaMax} Via values` }
  for (let i = 1; i < values.length; i++)
    if (parseVia(values[i] ?? '') === undefined) return { reason: 'via', detail: 'malformed Via' }
  return undefined
}

function checkIdentity(message: SipMessage): CheckFault | undefined {
  if (!hasPrintableCallId(message)) return { reason: 'call_id', detail: 'malformed Call-ID' }
  const { cseq } = message
  if (cseq.method === '') return { reason: 'cseq', detail: 'malformed CSeq or its number is out of range' }
  if (message.kind === 'request' && cseq.method !== message.method)
    return { reason: 'cseq_method', detail: 'the method of CSeq is not the method of the request' }
  // A dialog must not be looked up by one of two tags, or by an empty one.
  if (!message.readTags(headerIds.from)) return { reason: 'from', detail: 'malformed From' }
  if (!message.readTags(headerIds.to)) return { reason: 'to', detail: 'malformed To' }
  const index = message.find(headerIds.maxForwards)
  if (index !== -1 && numberIn(message.bytes, message.valueStartAt(index), message.valueEndAt(index), Infinity) === -1)
    return { reason: 'max_forwards', detail: 'Max-Forwards is no number' }
  return undefined
}

function hasPrintableCallId(message: SipMessage): boolean {
  const { bytes } = message
  const index = message.find(headerIds.callId)
  const end = message.valueEndAt(index)
  for (let i = message.valueStartAt(index); i < end; i++)
    if ((bytes[i] as number) <= 0x20 || bytes[i] === 0x7f) return false
  return end > message.valueStartAt(index)
}

/** Requests only: a malformed Contact in a response must not keep the call from being ended. */
function checkAddresses(message: SipMessage): CheckFault | undefined {
  if (message.kind === 'response') return undefined
  if (message.has(headerIds.contact) && !hasSoundContacts(message))
    return { reason: 'contact', detail: 'malformed Contact' }
  if (!message.values(headerIds.route).every(isNameAddr)) return { reason: 'route', detail: 'malformed Route' }
  if (!message.values(headerIds.recordRoute).every(isNameAddr))
    return { reason: 'record_route', detail: 'malformed Record-Route' }
  return undefined
}

function hasSoundContacts(message: SipMessage): boolean {
  if (message.isSingle(headerIds.contact) && message.isNameAddrAt(message.find(headerIds.contact))) return true
  const contacts = message.values(headerIds.contact)
  return (contacts.length === 1 && contacts[0] === '*') || contacts.every(isNameAddr)
}
