// Rows -> Directory: resolves ids to indexes, builds the tries, and reports what cannot stand (errors) or needs
// attention (warnings), each with the path of its row. The checks themselves are in check-*.ts.
import type { InputError, Warning } from '../base/fault.ts'
import { cidrText, parseCidr, type Cidr } from '../contract/address.ts'
import { unescapeUser } from '../sip/uri.ts'
import { checkRows } from './check-rows.ts'
import { checkSources } from './check-sources.ts'
import { buildCidrLists, compileRanges } from './cidr-lists.ts'
import type { SourceRanges } from './cidr-lists.ts'
import { buildCidrTrie } from './cidr-trie.ts'
import { buildContacts } from './contacts.ts'
import type {
  CidrLists,
  CidrTrie,
  Directory,
  DirectoryAccount,
  DirectoryEndpoint,
  DirectoryFrame,
  DirectoryRoute,
  DirectorySipUser,
  DirectorySource,
  DirectoryTables,
  SourceAccount,
  SourceBlock,
  SourceEndpoint,
  SourceRoute,
} from './directory.ts'
import { Findings } from './findings.ts'
import { buildNumberLists } from './number-lists.ts'
import { phoneEntry, routedUsers } from './phones.ts'
import { kept, keptTable, placesOf, SharedValues } from './places.ts'
import { buildPrefixTrie } from './prefix-trie.ts'
import { compileProtected } from './protected.ts'
import { checkRegistrations, compileRegistrars, contactUserOf, registers } from './registrations.ts'
import { proxiesOf, proxyNamesOf } from './outbound-proxies.ts'
import { sharedInt32From } from './shared-arrays.ts'
import { isGateway, namesOf, targetsOf } from './targets.ts'

export interface CompileResult {
  readonly directory: Directory
  readonly errors: readonly InputError[]
  readonly warnings: readonly Warning[]
  /** The warnings of each row, by its id, with paths that start at the row. */
  readonly rowWarnings: ReadonlyMap<string, readonly Warning[]>
}

/** A row as the directory holds it: where it came from is of no use to the signalling thread. */
function withoutPath<Row extends { readonly path: string }>(row: Row): Omit<Row, 'path'> {
  const { path: _, ...rest } = row
  return rest
}

/** DNS is asked when the directory is in force; see `withNames`. */
const noAnswers = new Map()
const noProxies: readonly never[] = []

const hasNames = (endpoint: DirectoryEndpoint): boolean =>
  namesOf(endpoint).length > 0 || (endpoint.outboundProxy.length > 0 && proxyNamesOf(endpoint).length > 0)

/** What is known before the rows are made: where each one stands, by its id. */
interface Compiling {
  readonly source: DirectorySource
  readonly before: Directory | undefined
  readonly places: Places
}

/** The rows of one table at their places; those that are as before are the same objects. */
function tableOf<Source, Row extends object>(
  rows: readonly Source[],
  { at }: Placing,
  make: (row: Source, index: number) => Row,
  before: readonly Row[] | undefined,
): Row[] {
  const table = Array.from<Row>({ length: rows.length })
  const shared = new SharedValues()
  for (const [i, row] of rows.entries()) {
    const index = at[i] as number
    const made = make(row, index)
    const known = kept(made, before?.[index])
    table[index] = known === made ? shared.share(made) : known
  }
  return table
}

function endpointOf(row: SourceEndpoint, index: number, { places }: Compiling): DirectoryEndpoint {
  return {
    ...withoutPath(row),
    // An address with a prefix length is a range, to which nobody calls.
    addresses: isGateway(row) ? row.addresses.filter((text) => !text.includes('/')) : [],
    namesAnybody: row.addresses.includes('0.0.0.0/0') || row.addresses.includes('::/0'),
    contactUser: registers(row) ? unescapeUser(contactUserOf(row)) : null,
    index,
    accountIndex: places.accounts.byId.get(row.accountId) ?? -1,
    ...targetsOf(row, index, noAnswers),
    proxies: row.outboundProxy.length === 0 ? noProxies : proxiesOf(row, noAnswers),
  }
}

function compileAccounts(
  { source, before, places }: Compiling,
  endpoints: readonly DirectoryEndpoint[],
): DirectoryAccount[] {
  const gateways: number[][] = source.accounts.map(() => [])
  for (const i of source.endpoints.keys()) {
    const endpoint = endpoints[places.endpoints.at[i] as number] as DirectoryEndpoint
    if (isGateway(endpoint)) gateways[endpoint.accountIndex]?.push(endpoint.index)
  }
  const make = (row: SourceAccount, index: number): DirectoryAccount => ({
    ...withoutPath(row),
    index,
    gateways: gateways[index] ?? [],
  })
  return tableOf(source.accounts, places.accounts, make, before?.accounts)
}

type Users = Pick<Directory, 'sipUsers' | 'sipUsersByName' | 'allowed' | 'allowsAnywhere'>

/** SIP users by name, and the ranges from which those that can sign in may call. */
function compileSipUsers({ source, before, places }: Compiling): Users {
  const sipUsers = tableOf(
    source.sipUsers,
    places.sipUsers,
    ({ allowedAddresses, ...row }, index): DirectorySipUser => ({
      ...withoutPath(row),
      index,
      accountIndex: places.accounts.byId.get(row.accountId) ?? -1,
      fromAnywhere: allowedAddresses.length === 0,
    }),
    before?.sipUsers,
  )
  const active = new Set(source.accounts.filter(({ status }) => status === 'active').map(({ id }) => id))
  const welcome = source.sipUsers.filter(({ secrets, accountId }) => secrets.length > 0 && active.has(accountId))
  const listings = welcome.map(({ id, allowedAddresses }) => ({
    addresses: allowedAddresses,
    member: places.sipUsers.byId.get(id) as number,
  }))
  const byName = sipUsers.toSorted((a, b) => (a.username < b.username ? -1 : 1)).map(({ index }) => index)
  return {
    sipUsers,
    sipUsersByName: sharedInt32From(byName),
    allowed: buildCidrLists(listings.toSorted((a, b) => a.member - b.member)),
    allowsAnywhere: welcome.some(({ allowedAddresses }) => allowedAddresses.length === 0),
  }
}

/** One block for each range: the one that lasts longest. */
function compileBlocks(blocks: readonly SourceBlock[], { at }: Placing): CidrTrie {
  const lasting = new Map<string, { cidr: Cidr; value: number; until: number }>()
  for (const [i, block] of blocks.entries()) {
    const cidr = parseCidr(block.address)
    if (cidr === undefined) continue
    const until = block.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(block.expiresAt)
    const known = lasting.get(cidrText(cidr))
    const value = at[i] as number
    if (known === undefined || known.until < until) lasting.set(cidrText(cidr), { cidr, value, until })
  }
  return buildCidrTrie(lasting.values())
}

/** Where the rows of one table stand: in the order of the source, and by id. */
interface Placing {
  readonly at: Int32Array
  readonly byId: ReadonlyMap<string, number>
}

/** `phones` stand behind the endpoints of the source, in the same table. */
type Places = Readonly<Record<keyof DirectoryTables | 'phones', Placing>>

const phoneKey = (id: string): string => `phone ${id}`
const endpointKey = ({ id, sipUser }: DirectoryEndpoint): string => (sipUser === undefined ? id : phoneKey(id))
const idOf = ({ id }: { readonly id: string }): string => id
const placing = (ids: readonly string[], at: Int32Array): Placing => ({
  at,
  byId: new Map(ids.map((id, i) => [id, at[i] as number])),
})

function placeRows(
  rows: readonly { readonly id: string }[],
  before: readonly { readonly id: string }[] | undefined,
): Placing {
  const ids = rows.map(idOf)
  return placing(ids, placesOf(ids, new Map(before?.map(({ id }, index) => [id, index]))))
}

function compilePlaces(source: DirectorySource, before: Directory | undefined): Places {
  const phoneIds = routedUsers(source.sipUsers, source.routes).map(idOf)
  const ids = source.endpoints.map(idOf)
  const known = new Map(before?.endpoints.map((row, index) => [endpointKey(row), index]))
  const at = placesOf([...ids, ...phoneIds.map(phoneKey)], known)
  return {
    accounts: placeRows(source.accounts, before?.accounts),
    endpoints: placing(ids, at.subarray(0, ids.length)),
    phones: placing(phoneIds, at.subarray(ids.length)),
    sipUsers: placeRows(source.sipUsers, before?.sipUsers),
    routes: placeRows(source.routes, before?.routes),
    blocks: placeRows(source.blocks, before?.blocks),
  }
}

function compileRoute(row: SourceRoute, index: number, { accounts, phones }: Places): DirectoryRoute {
  return {
    ...withoutPath(row),
    index,
    targets: row.targets.map((target) => ({
      ...target,
      accountIndex: accounts.byId.get(target.accountId) ?? -1,
      endpointIndex: phones.byId.get(target.sipUserId ?? '') ?? -1,
    })),
  }
}

function compileNumbers({ source, places }: Compiling): Pick<Directory, 'numbers' | 'routeLists'> {
  const byPrefix = new Map<string, number[]>()
  for (const [i, { enabled, prefix }] of source.routes.entries()) {
    if (!enabled) continue
    const index = places.routes.at[i] as number
    const known = byPrefix.get(prefix)
    if (known === undefined) byPrefix.set(prefix, [index])
    else known.push(index)
  }
  return {
    numbers: buildPrefixTrie([...byPrefix.keys()].map((prefix, value) => ({ prefix, value }))),
    routeLists: buildNumberLists([...byPrefix.values()]),
  }
}

/** Rows of the configuration, and those that stand for SIP users that a route names. */
function compileEndpoints(compiling: Compiling, sipUsers: readonly DirectorySipUser[]): DirectoryEndpoint[] {
  const { source, before, places } = compiling
  const userOf = (id: string): DirectorySipUser => sipUsers[places.sipUsers.byId.get(id) as number] as DirectorySipUser
  const rows = [...source.endpoints, ...[...places.phones.byId.keys()].map(userOf)]
  const at = new Int32Array(rows.length)
  at.set(places.endpoints.at)
  at.set(places.phones.at, source.endpoints.length)
  const make = (row: SourceEndpoint | DirectorySipUser, index: number): DirectoryEndpoint =>
    'path' in row ? endpointOf(row, index, compiling) : phoneEntry(row, index)
  return tableOf(rows, { ...places.endpoints, at }, make, before?.endpoints)
}

/** Where entries stand among the rows -> where they stand in the directory. */
function placedSources({ trie, sets }: SourceRanges, { places }: Compiling): CidrLists {
  const { at } = places.endpoints
  return { trie, lists: buildNumberLists(sets.map((set) => set.map((row) => at[row] as number))) }
}

function compileTables(compiling: Compiling, { sipUsers }: Users): DirectoryTables {
  const { source, before, places } = compiling
  const endpoints = compileEndpoints(compiling, sipUsers)
  return {
    accounts: compileAccounts(compiling, endpoints),
    endpoints,
    sipUsers,
    routes: tableOf(source.routes, places.routes, (row, index) => compileRoute(row, index, places), before?.routes),
    blocks: tableOf(source.blocks, places.blocks, withoutPath, before?.blocks),
  }
}

type Shared = Omit<DirectoryFrame, 'revision' | 'nonceKey' | 'system' | 'allowsAnywhere'>

/** What lies in shared memory stays there as long as it is alike. */
function keptShared(shared: Shared, before: Directory | undefined): Shared {
  if (before === undefined) return shared
  const entries = Object.entries(shared).map(([name, table]: [string, object]) => [
    name,
    keptTable(table, before[name as keyof Shared]),
  ])
  return Object.fromEntries(entries) as Shared
}

function compileFrame(compiling: Compiling, tables: DirectoryTables, users: Users, sources: SourceRanges): Shared {
  const { source, before, places } = compiling
  // Phones never register at a carrier and have no names.
  const endpoints = tables.endpoints.filter(({ sipUser }) => sipUser === undefined)
  const shared = {
    named: sharedInt32From(endpoints.filter(hasNames).map(({ index }) => index)),
    resolved: buildCidrLists([]),
    contacts: buildContacts(endpoints),
    registrars: compileRegistrars(endpoints),
    sipUsersByName: users.sipUsersByName,
    allowed: users.allowed,
    protected: compileProtected(source),
    sources: placedSources(sources, compiling),
    blocked: compileBlocks(source.blocks, places.blocks),
    ...compileNumbers(compiling),
  }
  return keptShared(shared, before)
}

export interface CompileOptions {
  /** Most errors, and warnings, that are listed; absent = the usual bound. */
  readonly findingsMax?: number
  /** The directory that this one comes after: what did not change stays where and what it was. */
  readonly before?: Directory
}

/** The directory is usable only when there are no errors. */
export function compileDirectory(source: DirectorySource, options: CompileOptions = {}): CompileResult {
  const { before } = options
  const findings = new Findings(options.findingsMax)
  checkRows(source, findings)
  const sources = compileRanges(source.endpoints.map(({ addresses }, member) => ({ addresses, member })))
  checkSources(source, sources, findings)
  checkRegistrations(source, findings)
  const compiling = { source, before, places: compilePlaces(source, before) }
  const users = compileSipUsers(compiling)
  const tables = compileTables(compiling, users)
  const directory: Directory = {
    revision: source.revision,
    nonceKey: source.nonceKey,
    system: kept(source.system, before?.system),
    allowsAnywhere: users.allowsAnywhere,
    ...tables,
    ...compileFrame(compiling, tables, users, sources),
  }
  const { errors, warnings, byRow } = findings
  return { directory, errors, warnings, rowWarnings: byRow }
}
