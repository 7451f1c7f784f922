// What a REGISTER does to the contacts of the SIP user that proved its password (RFC 3261 10.3, RFC 3327): all of it or
// nothing. Keeping them is left to bindings.ts, sending the answer to the edge.
import { bound } from '../base/limits.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerParameter, parseNameAddr } from '../sip/name-addr.ts'
import { parseUri, unescapeUser } from '../sip/uri.ts'
import { contactKey } from './binding.ts'
import type { Binding, BindingFlow } from './binding.ts'

export interface RegisterFacts {
  readonly userId: string
  readonly username: string
  readonly flow: BindingFlow
  readonly wallMs: number
}

export interface RegisterOutcome {
  readonly status: number
  readonly reasonPhrase: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** All contacts of the user from now on; undefined = as before. */
  readonly bindings?: readonly Binding[]
}

interface Asked {
  readonly contact: string
  readonly seconds: number
}

const refuse = (status: number, reasonPhrase: string, headers: RegisterOutcome['headers'] = []): RegisterOutcome => ({
  status,
  reasonPhrase,
  headers,
})

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Math.min(Number(text), bound('bindingSecondsMax')) : undefined

/** What each Contact asks for; undefined = one of them is no SIP URI. */
function readContacts(request: SipMessage, values: readonly string[]): Asked[] | undefined {
  const general = secondsOf(request.value(headerIds.expires)) ?? bound('bindingSecondsDefault')
  const asked: Asked[] = []
  for (const value of values) {
    const parsed = parseNameAddr(value)
    if (parsed === undefined || parseUri(parsed.uri) === undefined) return undefined
    const own = secondsOf(headerParameter(parsed.parameters, 'expires'))
    asked.push({ contact: parsed.uri, seconds: own ?? general })
  }
  return asked
}

/** The same dialog of registrations must count upwards, or an old REGISTER would undo a new one. */
const isLate = (request: SipMessage, binding: Binding): boolean =>
  binding.callId === request.callId && request.cseq.number <= binding.cseq

function accept(request: SipMessage, bindings: readonly Binding[], wallMs: number): RegisterOutcome {
  const headers: [string, string][] = bindings.map(({ contact, expiresAt }) => [
    'Contact',
    `<${contact}>;expires=${Math.max(1, Math.ceil((expiresAt - wallMs) / 1_000))}`,
  ])
  headers.push(['Date', new Date(wallMs).toUTCString()])
  const knowsPath = request.values(headerIds.supported).some((option) => option.toLowerCase() === 'path')
  if (knowsPath) for (const path of request.values(headerIds.path)) headers.push(['Path', path])
  return { status: 200, reasonPhrase: 'OK', headers, bindings }
}

function removeAll(request: SipMessage, live: readonly Binding[], wallMs: number): RegisterOutcome {
  if (secondsOf(request.value(headerIds.expires)) !== 0) return refuse(400, 'Contact * Needs Expires 0')
  if (live.some((binding) => isLate(request, binding))) return refuse(500, 'CSeq Out Of Order')
  return accept(request, [], wallMs)
}

export function applyRegister(
  request: SipMessage,
  { userId, username, flow, wallMs }: RegisterFacts,
  present: readonly Binding[],
): RegisterOutcome {
  if (unescapeUser(parseUri(request.to.uri)?.user ?? '') !== username) return refuse(403, 'Forbidden')
  const live = present.filter((binding) => binding.expiresAt > wallMs)
  const values = request.values(headerIds.contact)
  // The parser has seen to it that * stands alone.
  if (values.includes('*')) return removeAll(request, live, wallMs)
  const asked = readContacts(request, values)
  if (asked === undefined) return refuse(400, 'Bad Contact')
  const least = bound('bindingSecondsMin')
  if (asked.some(({ seconds }) => seconds > 0 && seconds < least))
    return refuse(423, 'Interval Too Brief', [['Min-Expires', String(least)]])
  const changed = new Set(asked.map(({ contact }) => contactKey(contact)))
  const touched = live.filter((binding) => changed.has(contactKey(binding.contact)))
  if (touched.some((binding) => isLate(request, binding))) return refuse(500, 'CSeq Out Of Order')
  const since = new Map(touched.map((binding) => [contactKey(binding.contact), binding.registeredAt]))
  const common = { userId, callId: request.callId, cseq: request.cseq.number, flow }
  const path = request.values(headerIds.path)
  const userAgent = request.value(headerIds.userAgent) ?? ''
  const added = asked
    .filter(({ seconds }) => seconds > 0)
    .map(({ contact, seconds }) => ({
      ...common,
      contact,
      path,
      userAgent,
      registeredAt: since.get(contactKey(contact)) ?? wallMs,
      expiresAt: wallMs + seconds * 1_000,
    }))
  const unique = [...new Map(added.map((binding) => [contactKey(binding.contact), binding])).values()]
  const bindings = [...live.filter((binding) => !touched.includes(binding)), ...unique]
  if (bindings.length > bound('contactsPerUserMax')) return refuse(403, 'Too Many Contacts')
  return accept(request, bindings, wallMs)
}
