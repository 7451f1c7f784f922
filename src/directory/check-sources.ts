// Checks on the ranges that entries list: a packet must never fit two entries alike (error), and an account whose range
// lies inside another account's is worth a word (warning).
import { parseAddress } from '../contract/address.ts'
import { gatewayPort } from '../contract/endpoint.ts'
import { bareNumber } from './bare-number.ts'
import type { SourceRanges } from './cidr-lists.ts'
import { rangeText } from './cidr-trie.ts'
import type { CidrFamily, DirectorySource, SourceAccount, SourceEndpoint } from './directory.ts'
import type { Findings } from './findings.ts'
import { isGateway } from './targets.ts'

const isSource = (endpoint: SourceEndpoint): boolean => endpoint.direction !== 'receives' && endpoint.state !== 'off'

const transportsMeet = (a: SourceEndpoint, b: SourceEndpoint): boolean =>
  a.sourceTransports.length === 0
    ? b.sourceTransports.length === 0
    : a.sourceTransports.some((name) => b.sourceTransports.includes(name))

/** True when some packet would fit both and neither would be the more specific one. */
function isAlike(a: SourceEndpoint, b: SourceEndpoint): boolean {
  return (
    a.tls?.peerName?.toLowerCase() === b.tls?.peerName?.toLowerCase() &&
    a.sourcePort === b.sourcePort &&
    transportsMeet(a, b) &&
    a.listener === b.listener &&
    bareNumber(a.dialledPrefix) === bareNumber(b.dialledPrefix)
  )
}

type Accounts = ReadonlyMap<string, SourceAccount>

const nameOf = (endpoint: SourceEndpoint, accounts: Accounts): string => {
  const account = accounts.get(endpoint.accountId)
  return `entry "${endpoint.name}" of ${account?.kind ?? 'account'} "${account?.name ?? endpoint.accountId}"`
}

/** Why these two cannot list the same range; undefined = they can be told apart. */
function findTie(a: SourceEndpoint, b: SourceEndpoint, accounts: Accounts): string | undefined {
  if (!isAlike(a, b)) return undefined
  if (a.action !== b.action) return `one of them allows and the other denies`
  if (a.action === 'deny') return undefined
  const sameAccount = a.accountId === b.accountId
  if (sameAccount) return a.cliAuthentication === b.cliAuthentication ? 'nothing tells the two apart' : undefined
  if (!a.cliAuthentication || !b.cliAuthentication)
    return 'nothing tells the two apart: set sourcePort, sourceTransports, listener or dialledPrefix, or cliAuthentication on both'
  const rules = new Set(accounts.get(a.accountId)?.cliRules)
  const shared = accounts.get(b.accountId)?.cliRules.find((rule) => rules.has(rule))
  return shared === undefined ? undefined : `both accounts have the CLI rule "${shared}"`
}

const fieldOf = (endpoint: SourceEndpoint, range: string): string => `addresses[${endpoint.addresses.indexOf(range)}]`

function checkTies(source: DirectorySource, sources: SourceRanges, findings: Findings): void {
  const accounts: Accounts = new Map(source.accounts.map((account) => [account.id, account]))
  for (const set of sources.sets) {
    if (findings.full) return
    const members = set.map((index) => source.endpoints[index] as SourceEndpoint).filter((row) => isSource(row))
    for (const [i, later] of members.entries())
      for (const earlier of members.slice(0, i)) {
        const why = findTie(earlier, later, accounts)
        if (why === undefined) continue
        const listed = new Set(earlier.addresses)
        for (const range of later.addresses)
          if (listed.has(range))
            findings.error(
              `${later.path}.${fieldOf(later, range)}`,
              `${range} is also listed by ${nameOf(earlier, accounts)} (${earlier.path}): ${why}`,
            )
      }
  }
}

interface Overlap {
  readonly narrow: SourceEndpoint
  readonly wide: SourceEndpoint
  readonly narrowRange: string
  readonly wideRange: string
}

function* overlapsOf(family: CidrFamily, source: DirectorySource, sources: SourceRanges): Generator<Overlap> {
  const seen = new Set<number>()
  for (let range = 0; range < family.values.length; range++) {
    const inner = family.values[range] as number
    for (let outer = range; outer >= 0; outer = family.parents[outer] as number) {
      const around = family.values[outer] as number
      // Sets are shared by ranges with the same entries: one line for each pair of sets is enough.
      const pair = inner * sources.sets.length + around
      if (seen.has(pair)) continue
      seen.add(pair)
      for (const narrow of sources.sets[inner] ?? [])
        for (const wide of sources.sets[around] ?? []) {
          if (inner === around && narrow <= wide) continue
          yield {
            narrow: source.endpoints[narrow] as SourceEndpoint,
            wide: source.endpoints[wide] as SourceEndpoint,
            narrowRange: rangeText(family, range),
            wideRange: rangeText(family, outer),
          }
        }
    }
  }
}

/** The wider entry is told as well, but only where it is looked at alone. */
function noteWide({ narrow, wide, narrowRange, wideRange }: Overlap, accounts: Accounts, findings: Findings): void {
  if (!findings.hasRoom(wide)) return
  const [code, text] =
    narrowRange === wideRange
      ? (['address_shared', `${narrowRange} is also listed by ${nameOf(narrow, accounts)}`] as const)
      : (['address_overlap', `${narrowRange} of ${nameOf(narrow, accounts)} lies inside, and wins there`] as const)
  findings.note(wide, fieldOf(wide, wideRange), code, text)
}

function checkOverlaps(source: DirectorySource, sources: SourceRanges, findings: Findings): void {
  const accounts: Accounts = new Map(source.accounts.map((account) => [account.id, account]))
  for (const family of [sources.trie.v4, sources.trie.v6])
    for (const overlap of overlapsOf(family, source, sources)) {
      const { narrow, wide, narrowRange, wideRange } = overlap
      if (narrow.accountId === wide.accountId || !isSource(narrow) || !isSource(wide)) continue
      const where =
        narrowRange === wideRange ? `${narrowRange} is also listed by` : `${narrowRange} lies inside ${wideRange} of`
      const wins =
        narrowRange === wideRange ? 'the entry with the tighter conditions wins' : 'the more specific range wins'
      const code = narrowRange === wideRange ? 'address_shared' : 'address_overlap'
      findings.warn(narrow, fieldOf(narrow, narrowRange), code, `${where} ${nameOf(wide, accounts)}; ${wins}`)
      noteWide(overlap, accounts, findings)
    }
}

/** The same address, port and protocol called through two entries: their limits and health do not know of each other. */
function checkTargets(source: DirectorySource, sources: SourceRanges, findings: Findings): void {
  const accounts: Accounts = new Map(source.accounts.map((account) => [account.id, account]))
  for (const set of sources.sets) {
    if (set.length < 2) continue
    const members = set.map((index) => source.endpoints[index] as SourceEndpoint).filter((row) => isGateway(row))
    const first = new Map<string, SourceEndpoint>()
    for (const row of members) {
      const place = `${row.transport} ${gatewayPort(row)}`
      const known = first.get(place)
      if (known === undefined) first.set(place, row)
      else if (findings.hasRoom(row)) warnShared(row, known, accounts, findings)
    }
  }
}

function warnShared(row: SourceEndpoint, known: SourceEndpoint, accounts: Accounts, findings: Findings): void {
  const listed = new Set(known.addresses)
  const address = row.addresses.find((text) => listed.has(text) && parseAddress(text) !== undefined)
  if (address === undefined) return
  const target = `${address} port ${gatewayPort(row)} (${row.transport})`
  findings.warn(
    row,
    fieldOf(row, address),
    'target_shared',
    `${target} is also called through ${nameOf(known, accounts)}; each counts its own channels and health`,
  )
  findings.note(
    known,
    fieldOf(known, address),
    'target_shared',
    `${target} is also called through ${nameOf(row, accounts)}; each counts its own channels and health`,
  )
}

function checkLists(source: DirectorySource, findings: Findings): void {
  const accounts: Accounts = new Map(source.accounts.map((account) => [account.id, account]))
  for (const row of source.endpoints) {
    const seen = new Set<string>()
    for (const [i, range] of row.addresses.entries()) {
      if (seen.has(range)) findings.warn(row, `addresses[${i}]`, 'address_twice', `${range} is listed twice`)
      seen.add(range)
    }
    if (row.cliAuthentication && isSource(row) && accounts.get(row.accountId)?.cliRules.length === 0)
      findings.warn(
        row,
        'cliAuthentication',
        'cli_rules_missing',
        'the account has no CLI rules, so that no call fits this entry',
      )
  }
}

export function checkSources(source: DirectorySource, sources: SourceRanges, findings: Findings): void {
  checkTies(source, sources, findings)
  checkOverlaps(source, sources, findings)
  checkTargets(source, sources, findings)
  checkLists(source, findings)
}
