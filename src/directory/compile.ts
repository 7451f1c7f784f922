// Rows -> Directory: resolves ids to indexes, builds the tries, and reports what cannot stand (errors) or needs
// attention (warnings), each with the path of its row. The checks themselves are in check-*.ts.
import type { InputError, Warning } from '../base/fault.ts'
import { cidrText, parseCidr, type Cidr } from '../contract/address.ts'
import { checkRows } from './check-rows.ts'
import { checkSources } from './check-sources.ts'
import { buildCidrTrie } from './cidr-trie.ts'
import type {
  CidrTrie,
  Directory,
  DirectoryAccount,
  DirectoryEndpoint,
  DirectoryRoute,
  DirectorySipUser,
  DirectorySource,
  SourceBlock,
  SourceRoute,
} from './directory.ts'
import { Findings } from './findings.ts'
import { compileProtected } from './protected.ts'
import { phoneEntries } from './phones.ts'
import { buildPrefixTrie } from './prefix-trie.ts'
import { checkRegistrations, compileContacts, compileRegistrars } from './registrations.ts'
import { proxiesOf, proxyNamesOf } from './outbound-proxies.ts'
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

function compileEndpoints(source: DirectorySource, accountIndexes: ReadonlyMap<string, number>): DirectoryEndpoint[] {
  return source.endpoints.map((row, index) => ({
    ...withoutPath(row),
    index,
    accountIndex: accountIndexes.get(row.accountId) ?? -1,
    ...targetsOf(row, index, noAnswers),
    proxies: row.outboundProxy.length === 0 ? noProxies : proxiesOf(row, noAnswers),
  }))
}

function compileAccounts(source: DirectorySource, endpoints: readonly DirectoryEndpoint[]): DirectoryAccount[] {
  const gateways: number[][] = source.accounts.map(() => [])
  for (const endpoint of endpoints) if (isGateway(endpoint)) gateways[endpoint.accountIndex]?.push(endpoint.index)
  return source.accounts.map((row, index) => ({ ...withoutPath(row), index, gateways: gateways[index] ?? [] }))
}

/** Ranges as keys, so that entries that list the same range meet. Sets with the same members are one. */
export interface SourceRanges {
  readonly trie: CidrTrie
  readonly sets: readonly (readonly number[])[]
}

function compileRanges(rows: readonly { readonly addresses: readonly string[] }[]): SourceRanges {
  const members = new Map<string, number[]>()
  for (const [index, { addresses }] of rows.entries())
    for (const text of addresses) {
      const known = members.get(text)
      if (known === undefined) members.set(text, [index])
      else if (known.at(-1) !== index) known.push(index)
    }
  const sets: (readonly number[])[] = []
  const setIndexes = new Map<string, number>()
  function* entries(): Generator<{ cidr: Cidr; value: number }> {
    for (const [text, indexes] of members) {
      const cidr = parseCidr(text)
      if (cidr === undefined) continue
      const key = indexes.join(',')
      let value = setIndexes.get(key)
      if (value === undefined) {
        value = sets.push(indexes) - 1
        setIndexes.set(key, value)
      }
      yield { cidr, value }
    }
  }
  const trie = buildCidrTrie(entries())
  return { trie, sets }
}

/** SIP users by name, and the ranges from which those that can sign in may call. */
function compileSipUsers(
  source: DirectorySource,
  accountIndexes: ReadonlyMap<string, number>,
): Pick<Directory, 'sipUsers' | 'allowed' | 'allowedSets' | 'allowsAnywhere'> {
  const sipUsers = source.sipUsers
    .toSorted((a, b) => (a.username < b.username ? -1 : 1))
    .map((row, index) => ({ ...withoutPath(row), index, accountIndex: accountIndexes.get(row.accountId) ?? -1 }))
  const canSignIn = (user: DirectorySipUser): boolean =>
    user.secrets.length > 0 && source.accounts[user.accountIndex]?.status === 'active'
  const { trie, sets } = compileRanges(
    sipUsers.map((user) => ({ addresses: canSignIn(user) ? user.allowedAddresses : [] })),
  )
  const allowsAnywhere = sipUsers.some((user) => user.allowedAddresses.length === 0 && canSignIn(user))
  return { sipUsers, allowed: trie, allowedSets: sets, allowsAnywhere }
}

/** One block for each range: the one that lasts longest. */
function compileBlocks(blocks: readonly SourceBlock[]): CidrTrie {
  const lasting = new Map<string, { cidr: Cidr; value: number; until: number }>()
  for (const [value, block] of blocks.entries()) {
    const cidr = parseCidr(block.address)
    if (cidr === undefined) continue
    const until = block.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(block.expiresAt)
    const known = lasting.get(cidrText(cidr))
    if (known === undefined || known.until < until) lasting.set(cidrText(cidr), { cidr, value, until })
  }
  return buildCidrTrie(lasting.values())
}

interface Places {
  readonly accounts: ReadonlyMap<string, number>
  /** Of the entries that stand for SIP users, by user. */
  readonly phones: ReadonlyMap<string, number>
}

function compileRoute(row: SourceRoute, index: number, { accounts, phones }: Places): DirectoryRoute {
  return {
    ...withoutPath(row),
    index,
    targets: row.targets.map((target) => ({
      ...target,
      accountIndex: accounts.get(target.accountId) ?? -1,
      endpointIndex: phones.get(target.sipUserId ?? '') ?? -1,
    })),
  }
}

function compileNumbers(routes: readonly DirectoryRoute[]): Pick<Directory, 'numbers' | 'routeSets'> {
  const byPrefix = new Map<string, number[]>()
  for (const route of routes) {
    if (!route.enabled) continue
    const known = byPrefix.get(route.prefix)
    if (known === undefined) byPrefix.set(route.prefix, [route.index])
    else known.push(route.index)
  }
  return {
    numbers: buildPrefixTrie([...byPrefix.keys()].map((prefix, value) => ({ prefix, value }))),
    routeSets: [...byPrefix.values()],
  }
}

/**
 * The directory is usable only when there are no errors.
 * @param findingsMax most errors, and warnings, that are listed; absent = the usual bound.
 */
export function compileDirectory(source: DirectorySource, findingsMax?: number): CompileResult {
  const findings = new Findings(findingsMax)
  const accountIndexes = new Map(source.accounts.map((row, index) => [row.id, index]))
  checkRows(source, findings)
  const endpoints = compileEndpoints(source, accountIndexes)
  const sources = compileRanges(source.endpoints)
  checkSources(source, sources, findings)
  checkRegistrations(source, findings)
  const users = compileSipUsers(source, accountIndexes)
  const phones = phoneEntries(users.sipUsers, source.routes, endpoints.length)
  const places = { accounts: accountIndexes, phones: new Map(phones.map(({ id, index }) => [id, index])) }
  const routes = source.routes.map((row, index) => compileRoute(row, index, places))
  const directory: Directory = {
    revision: source.revision,
    nonceKey: source.nonceKey,
    system: source.system,
    accounts: compileAccounts(source, endpoints),
    endpoints: [...endpoints, ...phones],
    named: endpoints.filter(hasNames).map((endpoint) => endpoint.index),
    resolved: new Map(),
    contacts: compileContacts(endpoints),
    registrars: compileRegistrars(endpoints),
    ...users,
    routes,
    blocks: source.blocks.map((row) => withoutPath(row)),
    protected: compileProtected(source),
    sources: sources.trie,
    sourceSets: sources.sets,
    blocked: compileBlocks(source.blocks),
    ...compileNumbers(routes),
  }
  const { errors, warnings, byRow } = findings
  return { directory, errors, warnings, rowWarnings: byRow }
}
