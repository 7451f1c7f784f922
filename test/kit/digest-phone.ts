// SIP users' phones on the edge rig: an edge with users, requests of theirs, and the challenges that come back.
import assert from 'node:assert/strict'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { edgeAddress, standardFile } from './call-rig.ts'
import { answerTo, readChallenge } from './digest-caller.ts'
import type { AnswerParts, TestChallenge } from './digest-caller.ts'
import { EdgeRig } from './edge-rig.ts'

export const phone = '10.7.0.1'
export const password = 'S3cret!pw'
const uri = `sip:441782000001@${edgeAddress}:5060`
type SipUsers = NonNullable<NonNullable<DeclarativeInput['customers']>[number]['sipUsers']>

export const users: SipUsers = [
  { username: '441', password },
  { username: '442', password: 'An0ther!pw', allowedAddresses: ['10.7.0.0/24'] },
]

export function rigWith(
  sipUsers: SipUsers = users,
  more: { system?: object; customer?: object; seed?: number } = {},
): EdgeRig {
  const file = standardFile({ customer: { sipUsers, ...more.customer }, system: more.system ?? {} })
  return new EdgeRig(file, more.seed ?? 1)
}

let counter = 0

/** An INVITE (or other request) from a phone; gives back what the edge answered to it. */
export function ask(
  rig: EdgeRig,
  parts: {
    authorization?: string
    method?: string
    from?: string
    source?: string
    requestUri?: string
    field?: string
  } = {},
): SipMessage | undefined {
  const { method = 'INVITE', from = '441', source = phone, requestUri = uri, field = 'Proxy-Authorization' } = parts
  counter += 1
  const lines = [
    `${method} ${requestUri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${source}:5060;branch=z9hG4bKphone${counter}`,
    'Max-Forwards: 70',
    `From: <sip:${from}@${source}>;tag=phone`,
    `To: <${requestUri}>`,
    `Call-ID: phone-${counter}`,
    `CSeq: ${counter} ${method}`,
    `Contact: <sip:phone@${source}>`,
    ...(parts.authorization === undefined ? [] : [`${field}: ${parts.authorization}`]),
    'Content-Length: 0',
    '',
    '',
  ]
  rig.receive(lines.join('\r\n'), source)
  return rig.takeTo(source).find((message) => message.cseq.number === counter)
}

export const statusOf = (message: SipMessage | undefined): number => message?.status ?? 0

export function challengesOf(
  message: SipMessage | undefined,
  id: number = headerIds.proxyAuthenticate,
): TestChallenge[] {
  assert.ok(message !== undefined)
  const values: string[] = []
  for (let at = message.find(id); at !== -1; at = message.find(id, at + 1)) values.push(message.headerValueAt(at))
  return values.map((value) => readChallenge(value))
}

export function challenged(rig: EdgeRig, parts: Parameters<typeof ask>[1] = {}): TestChallenge {
  const answer = ask(rig, parts)
  assert.equal(statusOf(answer), 407)
  return challengesOf(answer)[0] as TestChallenge
}

export const right: AnswerParts = { username: '441', password, uri }

export const replies = (rig: EdgeRig, challenge: TestChallenge, parts: Partial<AnswerParts>, request = {}) =>
  ask(rig, { authorization: answerTo(challenge, { ...right, ...parts }), ...request })
