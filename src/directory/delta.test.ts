// A directory that is patched by what changed equals the one that is compiled whole; the one in force is never touched; and
// how much one part holds is bounded, whatever is configured.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { rowsOf } from '../../test/kit/rows.ts'
import { randomBelow, seededRandom } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { DirectoryAssembly } from './assembly.ts'
import type { Assembled } from './assembly.ts'
import { rangeText } from './cidr-trie.ts'
import { compileDirectory } from './compile.ts'
import { findContact } from './contacts.ts'
import { frameBetween, partsBetween, unitsOf } from './delta.ts'
import type { CidrLists, CidrTrie, Directory, DirectoryEndpoint, DirectorySource } from './directory.ts'
import { emptyDirectory } from './empty.ts'
import { listAt } from './number-lists.ts'
import { findAllPrefixes } from './prefix-trie.ts'
import { findSipUser } from './sip-users.ts'
import { withNames } from './targets.ts'

type Account = NonNullable<DeclarativeInput['carriers']>[number]
type Entry = NonNullable<Account['endpoints']>[number]
type User = NonNullable<Account['sipUsers']>[number]

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[randomBelow(random, items.length)] as Item
const some = <Item>(random: Random, items: readonly Item[]): Item[] => items.filter(() => randomBelow(random, 3) > 0)
const prefixes = ['', '4', '44', '441', '49', '4930', '7']

function randomEntry(random: Random, name: string): Entry {
  const direction = pick(random, ['sends', 'receives', 'both'] as const)
  const own = `10.${randomBelow(random, 3)}.${randomBelow(random, 4)}.${randomBelow(random, 6)}`
  const plain = [own, `2001:db8::${randomBelow(random, 4)}`]
  if (direction === 'receives')
    return {
      name,
      direction,
      addresses: [pick(random, [own, 'gw.example', 'other.example'])],
      weight: pick(random, [1, 2]),
    }
  const register = randomBelow(random, 4) === 0 ? { enabled: true, contactUser: `c${name}`, fromUser: 'x' } : undefined
  return {
    name,
    direction,
    addresses: [...plain, `10.${randomBelow(random, 3)}.0.0/16`],
    state: pick(random, ['on', 'off', 'drain'] as const),
    outboundProxy: randomBelow(random, 4) === 0 ? [{ uri: 'sip:proxy.example', weight: 1 }] : [],
    ...(register === undefined ? {} : { register }),
  }
}

function randomAccount(random: Random, name: string, users: readonly string[]): Account {
  return {
    name,
    status: pick(random, ['active', 'active', 'inactive'] as const),
    cliRules: some(random, ['1', '2', '3']),
    endpoints: some(random, ['a', 'b', 'c', 'd']).map((entry) => randomEntry(random, `${name}-${entry}`)),
    sipUsers: some(random, users).map((username): User => ({
      username,
      password: 'S3cret!pw',
      allowedAddresses: some(random, ['10.9.0.0/16', '10.9.1.1', '2001:db8:9::/48']),
    })),
  }
}

/** Names come and go, so that places in the tables are freed, taken again and moved into. */
function randomFile(random: Random): DeclarativeInput {
  const pbxUsers = some(random, ['441', '442', '443'])
  return {
    carriers: some(random, ['A', 'B', 'C']).map((name) => randomAccount(random, name, [])),
    customers: [randomAccount(random, 'PBX', pbxUsers)],
    routes: some(random, prefixes).map((prefix) => ({
      prefix,
      from: 'any' as const,
      targets: [pick(random, [{ customer: 'PBX' }, { sipUser: pick(random, ['441', '442']) }])],
    })),
    blocks: some(random, ['10.66.0.0/16', '10.66.1.1', '2001:db8:66::/48']).map((address) => ({
      address,
      reason: 'x',
    })),
  }
}

/** Half of the sections stay as they were. */
const changed = (random: Random, file: DeclarativeInput): DeclarativeInput => {
  const next = randomFile(random)
  const keep = (): boolean => randomBelow(random, 2) === 0
  const carriers = next.carriers?.map((one) => (keep() && file.carriers?.find(({ name }) => name === one.name)) || one)
  return {
    ...next,
    carriers,
    customers: keep() ? file.customers : next.customers,
    routes: keep() ? file.routes : next.routes,
    blocks: keep() ? file.blocks : next.blocks,
  }
}

const sorted = (texts: readonly (string | undefined)[]): string[] =>
  texts.map((text) => text ?? '').toSorted((a, b) => (a < b ? -1 : 1))

const byId = <Row extends { readonly id: string }>(rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))

function rangesOf({ v4, v6 }: CidrTrie, told: (value: number) => unknown): unknown[] {
  return [v4, v6].flatMap((family) =>
    Array.from(family.values, (value, range) => [rangeText(family, range), told(value)]),
  )
}

/** What a directory says, without the places that its rows happen to have. */
function meaningOf(directory: Directory): unknown {
  const { accounts, endpoints, sipUsers, routes, blocks } = directory
  const accountId = (index: number): string | undefined => accounts[index]?.id
  const endpointId = (index: number): string | undefined => endpoints[index]?.id
  const listed = ({ trie, lists }: CidrLists): unknown[] =>
    rangesOf(trie, (list) => listAt(lists, list).map((index) => endpointId(index)))
  // Nobody asks for the order of these.
  const listedAnyhow = ({ trie, lists }: CidrLists): unknown[] =>
    rangesOf(trie, (list) => sorted(listAt(lists, list).map(endpointId)))
  const told = (row: DirectoryEndpoint): unknown => ({
    ...row,
    index: -1,
    accountIndex: accountId(row.accountIndex),
    targets: row.targets.map((target) => ({ ...target, endpointIndex: endpointId(target.endpointIndex) })),
    sipUser: row.sipUser?.id,
  })
  const isPlaced = (row: { readonly index: number }, place: number): boolean => row.index === place
  assert.ok([accounts, endpoints, sipUsers, routes].every((table) => table.every(isPlaced)))
  return {
    accounts: byId(accounts).map((row) => ({ ...row, index: -1, gateways: row.gateways.map(endpointId) })),
    endpoints: byId(endpoints).map(told),
    sipUsers: byId(sipUsers).map((row) => ({ ...row, index: -1, accountIndex: accountId(row.accountIndex) })),
    found: sorted(sipUsers.map(({ username }) => findSipUser(directory, username)?.username)),
    routes: byId(routes).map((row) => ({
      ...row,
      index: -1,
      targets: row.targets.map((target) => ({
        ...target,
        accountIndex: accountId(target.accountIndex),
        endpointIndex: endpointId(target.endpointIndex),
      })),
    })),
    blocks: byId(blocks),
    sources: listed(directory.sources),
    resolved: listedAnyhow(directory.resolved),
    registrars: listedAnyhow(directory.registrars),
    allowed: rangesOf(directory.allowed.trie, (list) =>
      sorted(listAt(directory.allowed.lists, list).map((index) => sipUsers[index]?.id)),
    ),
    allowsAnywhere: directory.allowsAnywhere,
    protected: rangesOf(directory.protected, (value) => value),
    blocked: rangesOf(directory.blocked, (index) => blocks[index]?.id),
    named: sorted(Array.from(directory.named, endpointId)),
    contacts: sorted(endpoints.map(({ contactUser }) => findContact(directory, contactUser ?? '')?.id)),
    numbers: ['441', '49301', '7', '0'].map((digits) => {
      const found: number[] = []
      findAllPrefixes(directory.numbers, digits, found)
      return found.map((list) => listAt(directory.routeLists, list).map((index) => routes[index]?.id))
    }),
    rest: [directory.revision, directory.system, directory.nonceKey],
  }
}

function freezeAll(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) freezeAll(member)
}

/** As it goes to another thread, which has its own copy of `before`. */
function publish(before: Directory, after: Directory, most: number, inForce = before): Assembled {
  const assembly = new DirectoryAssembly(inForce)
  for (const part of partsBetween(before, after, most)) {
    const [first] = part
    const units = part.reduce((sum, entry) => sum + unitsOf(entry), 0)
    assert.ok(units <= most || (part.length === 1 && first !== undefined), `${units} units in one part`)
    assembly.take(structuredClone(part))
  }
  return assembly.finish(structuredClone(frameBetween(before, after)))
}

test(`${counts.publications} random changes: the patched directory equals the one compiled whole, and what was in force stays as it was`, () => {
  const random = seededRandom(seeds.publications)
  let file = randomFile(random)
  let control = emptyDirectory()
  let signalling = emptyDirectory()
  for (let revision = 1; revision <= counts.publications; revision++) {
    const source = { ...rowsOf(file), revision }
    const answers = new Map(
      randomBelow(random, 2) === 0
        ? []
        : [['udp:gw.example:any', [{ address: `192.0.2.${revision % 3}`, port: 5060, tier: 0, share: 1 }]] as const],
    )
    const whole = withNames(compileDirectory(source).directory, answers)
    const next = withNames(compileDirectory(source, { before: control }).directory, answers, control)
    assert.deepEqual(meaningOf(next), meaningOf(whole), `revision ${revision}`)
    freezeAll(signalling)
    const { directory } = publish(control, next, 1 + randomBelow(random, 40), signalling)
    assert.deepEqual(directory, next)
    control = next
    signalling = directory
    file = changed(random, file)
  }
})

const entries = (count: number, more: Partial<Entry> = {}): Entry[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `gw-${i}`,
    direction: 'both',
    addresses: [`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`],
    ...more,
  }))

const sourceWith = (endpoints: Entry[]): DirectorySource => rowsOf({ carriers: [{ name: 'A', endpoints }] })

test('one change among 3,000 entries sends one row; an entry in the middle that goes moves one other', () => {
  const all = entries(3_000)
  const before = compileDirectory(sourceWith(all)).directory
  const rowsSent = (endpoints: Entry[]): string[] => {
    const { directory } = compileDirectory(sourceWith(endpoints), { before })
    return [...partsBetween(before, directory, 256)].flat().flatMap((entry) => ('row' in entry ? [entry.table] : []))
  }
  assert.deepEqual(rowsSent(all), [])
  assert.deepEqual(rowsSent(all.with(1_500, { ...(all[1_500] as Entry), weight: 7 })), ['endpoints'])
  assert.deepEqual(rowsSent(all.toSpliced(1_500, 1)).toSorted(), ['accounts', 'endpoints', 'endpoints'])
  assert.deepEqual(rowsSent([...entries(1, { name: 'first', addresses: ['11.0.0.1'] }), ...all]).toSorted(), [
    'accounts',
    'endpoints',
  ])
})

test('what did not change lies in the same memory: another weight sends no table', () => {
  const all = entries(50)
  const before = compileDirectory(sourceWith(all)).directory
  const source = { ...sourceWith(all.with(7, { ...(all[7] as Entry), weight: 7 })), revision: 2 }
  const { directory } = compileDirectory(source, { before })
  assert.deepEqual(Object.keys(frameBetween(before, directory).fields), ['revision'])
})

test('no part holds more than the bound: 5,000 new entries, and one of 5,000 addresses, whose lists come in pieces', () => {
  const most = 256
  const addresses = Array.from({ length: 5_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`)
  for (const source of [sourceWith(entries(5_000)), sourceWith([{ name: 'big', direction: 'both', addresses }])]) {
    const after = compileDirectory(source).directory
    const parts = [...partsBetween(emptyDirectory(), after, most)]
    const units = parts.map((part) => part.reduce((sum, entry) => sum + unitsOf(entry), 0))
    assert.ok(Math.max(...units) <= most, `${Math.max(...units)} units`)
    assert.ok(parts.length > 5_000 / most)
    assert.deepEqual(publish(emptyDirectory(), after, most).directory, after)
  }
})

test('a row that moves is no row that goes', () => {
  const before = compileDirectory(sourceWith(entries(3))).directory
  const { directory } = compileDirectory(sourceWith(entries(3).slice(1)), { before })
  const { gone, come } = publish(before, directory, 100).changes.endpoints
  assert.deepEqual([...gone.keys()].toSorted(), ['carrier:A/gw-0', 'carrier:A/gw-2'])
  assert.deepEqual([...come.keys()], ['carrier:A/gw-2'])
})
