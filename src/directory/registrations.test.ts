// Which entries register, under which Contact, and what is refused on save.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { compileFile, directoryOf } from '../../test/kit/directory.ts'
import { contactUserOf, findRegistered, registrarOf } from './registrations.ts'

type Endpoint = NonNullable<NonNullable<DeclarativeInput['carriers']>[number]['endpoints']>[number]

const entry = (name: string, more: Partial<Endpoint> = {}): Endpoint => ({
  name,
  direction: 'both',
  addresses: [`192.0.2.${name.length}`],
  username: 'u',
  register: { enabled: true },
  ...more,
})

const fileOf = (...endpoints: Endpoint[]): DeclarativeInput => ({ carriers: [{ name: 'Acme', endpoints }] })

const errorsOf = (...endpoints: Endpoint[]): string[] =>
  compileFile(fileOf(...endpoints)).errors.map(({ path }) => path)

test('each entry has a Contact of its own that nobody can guess and that stays the same', () => {
  const users = directoryOf(fileOf(entry('a'), entry('bb'))).endpoints.map((endpoint) => contactUserOf(endpoint))
  assert.equal(new Set(users).size, 2)
  for (const user of users) assert.match(user, /^tg[0-9a-f]{20}$/)
  assert.deepEqual(
    directoryOf(fileOf(entry('a'), entry('bb'))).endpoints.map((endpoint) => contactUserOf(endpoint)),
    users,
  )
})

test('a Contact is found from the addresses of its registrar only', () => {
  const find = (endpoint: Endpoint, address: string, user = 'me'): string | undefined =>
    findRegistered(directoryOf(fileOf(endpoint)), user, address)?.name
  const atGateway = entry('a', { register: { enabled: true, contactUser: 'me' } })
  assert.equal(find(atGateway, '192.0.2.1'), 'a')
  assert.equal(find(atGateway, '192.0.2.2'), undefined)
  assert.equal(find(atGateway, '192.0.2.1', 'you'), undefined)
  const elsewhere = entry('a', { register: { enabled: true, contactUser: 'me', registrar: 'sip:192.0.2.77' } })
  assert.equal(find(elsewhere, '192.0.2.77'), 'a')
  assert.equal(find(elsewhere, '192.0.2.1'), undefined)
  const named = { enabled: true, contactUser: 'me', registrar: 'reg.example' }
  const byProxy = entry('a', { register: named, outboundProxy: [{ uri: 'sip:192.0.2.88;lr' }] })
  assert.equal(find(byProxy, '192.0.2.88'), 'a')
  assert.equal(find(entry('a', { register: { enabled: false, contactUser: 'me' } }), '192.0.2.1'), undefined)
})

test('a registrar is a SIP URI, with or without its scheme', () => {
  const hostOf = (registrar: string): string | undefined =>
    registrarOf({ register: { enabled: true, registrar, expiresSeconds: 60 } })?.host
  assert.equal(hostOf('sip:192.0.2.1:5070'), '192.0.2.1')
  assert.equal(hostOf('reg.example'), 'reg.example')
  assert.equal(hostOf('[2001:db8::1]:5070'), '[2001:db8::1]')
  assert.equal(hostOf('not a uri'), undefined)
})

test('refused on save: two alike Contacts, no name, no address, words that are none', () => {
  const me = { enabled: true, contactUser: 'me' }
  assert.deepEqual(errorsOf(entry('a', { register: me }), entry('bb', { register: { ...me, contactUser: '%6de' } })), [
    'carriers[0].endpoints[1].register.contactUser',
  ])
  assert.deepEqual(errorsOf(entry('a', { username: null })), ['carriers[0].endpoints[0].register.enabled'])
  assert.deepEqual(errorsOf(entry('a', { username: null, register: { enabled: true, fromUser: 'x' } })), [])
  assert.deepEqual(errorsOf(entry('a', { direction: 'sends' })), ['carriers[0].endpoints[0].register.registrar'])
  const bad = { enabled: true, registrar: 'sip:[x]', fromUser: 'a@b', contactUser: 'a@b', fromDomain: 'x@y' }
  assert.deepEqual(errorsOf(entry('a', { register: bad })), [
    'carriers[0].endpoints[0].register.fromUser',
    'carriers[0].endpoints[0].register.contactUser',
    'carriers[0].endpoints[0].register.fromDomain',
    'carriers[0].endpoints[0].register.registrar',
  ])
})
