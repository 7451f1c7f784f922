// A gateway that asks for credentials, on the edge rig: challenges it, checks the answers.
import assert from 'node:assert/strict'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { isProof, parseCredentials } from '../../src/sip/digest.ts'
import type { Credentials } from '../../src/sip/digest.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { answerSdp, CallerSide, GatewaySide, standardRig } from './call-rig.ts'
import type { EdgeRig } from './edge-rig.ts'

type Endpoint = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>[number]

export const login = { username: 'tollgate', password: 'Planted-Secret-1' }

export const rigOf = (endpoint: Partial<Endpoint> = {}, carrier: object = {}): EdgeRig =>
  standardRig({ endpoint: { ...login, ...endpoint }, carrier })

export const challengeLine = (nonce: string, more = '', realm = 'acme'): string =>
  `Proxy-Authenticate: Digest realm="${realm}", nonce="${nonce}", qop="auth"${more}`

export const challenge = (gateway: GatewaySide, request: SipMessage, nonce: string, more = ''): void =>
  gateway.answer(request, 407, { lines: [challengeLine(nonce, more)] })

function credentialsOf(request: SipMessage): Credentials | undefined {
  const text = request.value(headerIds.proxyAuthorization)
  const credentials = text === undefined ? undefined : parseCredentials(text)
  if (credentials === undefined) return undefined
  assert.equal(credentials.uri, request.requestUri)
  assert.ok(isProof(credentials, { method: request.method, password: login.password, body: request.body }))
  return credentials
}

export const useOf = (request: SipMessage): string => {
  const credentials = credentialsOf(request)
  return credentials === undefined ? 'none' : `${credentials.nonce} ${credentials.nc}`
}

/** The second INVITE of a call whose first one was challenged. */
export function challenged(
  rig: EdgeRig,
  nonce = 'n1',
): { caller: CallerSide; gateway: GatewaySide; second: SipMessage } {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  challenge(gateway, gateway.one('INVITE'), nonce)
  const [ack, second] = gateway.got()
  assert.equal(ack?.method, 'ACK')
  assert.ok(second !== undefined && second.method === 'INVITE')
  return { caller, gateway, second }
}

/** The call after its challenge, up to the ACK. */
export function connected(rig: EdgeRig): { caller: CallerSide; gateway: GatewaySide; invite: SipMessage } {
  const { caller, gateway, second } = challenged(rig)
  gateway.answer(second, 200, { body: answerSdp })
  gateway.one('ACK')
  assert.deepEqual(caller.statuses(), [100, 200])
  caller.ack()
  return { caller, gateway, invite: second }
}
