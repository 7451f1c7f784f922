import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestOf } from '../../test/kit/sip-message.ts'
import type { Binding } from './binding.ts'
import { applyRegister } from './register.ts'
import type { RegisterOutcome } from './register.ts'

const wallMs = Date.UTC(2026, 0, 1)
const flow = { protocol: 'udp', address: '203.0.113.9', port: 40_000, listener: 'main', connection: 0 } as const
const facts = { userId: 'su_1', username: 'bob', flow, wallMs }
const phone = '<sip:bob@10.0.0.5:5060>'

interface Sent {
  readonly contacts?: readonly string[]
  readonly expires?: string
  readonly callId?: string
  readonly cseq?: number
  readonly lines?: readonly string[]
}

const register = (sent: Sent, present: readonly Binding[] = [], more: Partial<typeof facts> = {}): RegisterOutcome => {
  const { contacts = [], expires, callId = 'reg-1', cseq = 1, lines = [] } = sent
  const request = requestOf({
    method: 'REGISTER',
    requestUri: 'sip:example.com',
    callId,
    cseq,
    lines: [
      ...contacts.map((value) => `Contact: ${value}`),
      ...(expires === undefined ? [] : [`Expires: ${expires}`]),
      ...lines,
    ],
  })
  return applyRegister(request, { ...facts, ...more }, present)
}

const registered = (sent: Sent, present: readonly Binding[] = []): readonly Binding[] => {
  const { status, bindings } = register(sent, present)
  assert.equal(status, 200)
  return bindings ?? []
}

const secondsOf = (bindings: readonly Binding[]): number[] =>
  bindings.map(({ expiresAt }) => (expiresAt - wallMs) / 1_000)
const contactsOf = ({ headers }: RegisterOutcome): string[] =>
  headers.filter(([name]) => name === 'Contact').map(([, value]) => value)

test('RFC3261-10.3: a contact is kept with its flow and told back with its time', () => {
  const outcome = register({ contacts: [phone], lines: ['User-Agent: test phone'] })
  assert.equal(outcome.status, 200)
  assert.deepEqual(contactsOf(outcome), ['<sip:bob@10.0.0.5:5060>;expires=3600'])
  const [binding] = outcome.bindings ?? []
  assert.partialDeepStrictEqual(binding, {
    userId: 'su_1',
    contact: 'sip:bob@10.0.0.5:5060',
    userAgent: 'test phone',
    flow,
  })
})

test('RFC3261-10.3: the time of the contact, else of Expires, else an hour; two hours at most', () => {
  assert.deepEqual(secondsOf(registered({ contacts: [`${phone};expires=90`], expires: '600' })), [90])
  assert.deepEqual(secondsOf(registered({ contacts: [phone], expires: '600' })), [600])
  assert.deepEqual(secondsOf(registered({ contacts: [phone], expires: 'soon' })), [3_600])
  assert.deepEqual(secondsOf(registered({ contacts: [phone], expires: '99999999' })), [7_200])
})

test('RFC3261-10.3: less than a minute is 423 with Min-Expires and changes nothing, 0 removes', () => {
  const present = registered({ contacts: [phone] })
  const brief = register({ contacts: [phone], expires: '59', cseq: 2 }, present)
  assert.deepEqual([brief.status, brief.headers, brief.bindings], [423, [['Min-Expires', '60']], undefined])
  assert.deepEqual(registered({ contacts: [phone], expires: '60', cseq: 2 }, present).length, 1)
  assert.deepEqual(registered({ contacts: [phone], expires: '0', cseq: 2 }, present), [])
})

test('RFC3261-10.3: without a Contact the present ones are told', () => {
  const present = registered({ contacts: [phone] })
  const outcome = register({ cseq: 2 }, present)
  assert.deepEqual(contactsOf(outcome), ['<sip:bob@10.0.0.5:5060>;expires=3600'])
})

test('RFC3261-10.2.2: * removes everything, with Expires 0 only', () => {
  const present = registered({ contacts: [phone, '<sip:bob@10.0.0.6>'] })
  assert.deepEqual(registered({ contacts: ['*'], expires: '0', cseq: 2 }, present), [])
  assert.equal(register({ contacts: ['*'], cseq: 2 }, present).status, 400)
  assert.equal(register({ contacts: ['*'], expires: '60', cseq: 2 }, present).status, 400)
})

test('RFC3261-10.3: an older CSeq of the same Call-ID fails as a whole, another Call-ID does not', () => {
  const present = registered({ contacts: [phone], cseq: 5 })
  const late = register({ contacts: ['<sip:bob@10.0.0.7>', `${phone};expires=0`], cseq: 5 }, present)
  assert.deepEqual([late.status, late.bindings], [500, undefined])
  assert.equal(register({ contacts: ['*'], expires: '0', cseq: 4 }, present).status, 500)
  assert.equal(register({ contacts: [phone], cseq: 6 }, present).status, 200)
  assert.equal(register({ contacts: [phone], cseq: 1, callId: 'reg-2' }, present).status, 200)
})

test('RFC3261-10.2.4: the same contact in another spelling is refreshed, not doubled, and keeps its beginning', () => {
  const [first] = registered({ contacts: [phone] })
  assert.ok(first !== undefined)
  const later = applyRegister(
    requestOf({ method: 'REGISTER', cseq: 2, callId: 'reg-1', lines: ['Contact: <sip:bob@10.0.0.5:5060;ob>'] }),
    { ...facts, wallMs: wallMs + 60_000, flow: { ...flow, port: 40_001 } },
    [first],
  )
  assert.deepEqual(
    later.bindings?.map(({ registeredAt, flow: { port } }) => [registeredAt, port]),
    [[wallMs, 40_001]],
  )
})

test('five contacts are kept, a sixth is refused and removes none; expired ones do not count', () => {
  const five = [1, 2, 3, 4, 5].map((i) => `<sip:bob@10.0.1.${i}>`)
  const present = registered({ contacts: five })
  const sixth = register({ contacts: ['<sip:bob@10.0.1.6>'], cseq: 2 }, present)
  assert.deepEqual([sixth.status, sixth.bindings], [403, undefined])
  const expired = present.map((binding) => ({ ...binding, expiresAt: wallMs }))
  assert.equal(registered({ contacts: ['<sip:bob@10.0.1.6>'], cseq: 2 }, expired).length, 1)
})

test('B5: a user registers its own address of record only', () => {
  assert.equal(register({ contacts: [phone] }, [], { username: 'alice' }).status, 403)
  assert.equal(register({ contacts: [phone] }, [], { username: 'BOB' }).status, 403)
})

test('a contact that is no SIP URI is 400', () => {
  for (const contact of ['<tel:+441782>', '<http://example.com>'])
    assert.equal(register({ contacts: [contact] }).status, 400, contact)
})

test('RFC3327-5.3: Path is kept, and told back to who supports it', () => {
  const lines = ['Path: <sip:edge1.example;lr>, <sip:edge2.example;lr>', 'Supported: path']
  const outcome = register({ contacts: [phone], lines })
  assert.deepEqual(outcome.bindings?.[0]?.path, ['<sip:edge1.example;lr>', '<sip:edge2.example;lr>'])
  const paths = (told: RegisterOutcome): number => told.headers.filter(([name]) => name === 'Path').length
  assert.equal(paths(outcome), 2)
  assert.equal(paths(register({ contacts: [phone], lines: lines.slice(0, 1) })), 0)
})
