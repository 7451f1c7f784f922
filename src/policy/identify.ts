// Who is calling? The most specific range wins; inside it the entry with the tighter conditions; a tie is refused.
// Runs before any state exists, so it must be cheap and must never throw.
import { bareNumber } from '../directory/bare-number.ts'
import { someAround } from '../directory/cidr-lists.ts'
import { findAll, findLongest, findNear, rangeCount, rangeTexts } from '../directory/cidr-trie.ts'
import { listAt } from '../directory/number-lists.ts'
import type { IpAddress } from '../contract/address.ts'
import type { Directory, DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import { matchesCliRules } from './cli-rules.ts'
import type { Explanation } from './explanation.ts'
import { refuse } from './refusals.ts'
import { noSuspensions, suspensionText, type SuspensionView } from './suspensions.ts'
import type { Caller, Refusal, SourceFacts } from './verdict.ts'

/** What callers hear when nothing fits; word for word, because their support looks for it. */
const notAuthorised = 'IP Not Authorised'
const closestShown = 5
/** Addresses whose ranges are kept as texts. */
const rangesKept = 1_000

/** Why an entry that lists the source is no candidate. */
type Misfit =
  | 'receives'
  | 'off'
  | 'inactive'
  | 'suspended'
  | 'certificate'
  | 'port'
  | 'transport'
  | 'listener'
  | 'prefix'
  | 'cli'

/** Trusted P-Asserted-Identity, else From (RFC 3325). */
const cliOf = (account: DirectoryAccount, facts: SourceFacts): string =>
  account.trustIdentity ? (facts.assertedUser ?? facts.fromUser) : facts.fromUser

interface Question {
  readonly directory: Directory
  readonly facts: SourceFacts
  readonly suspensions: SuspensionView
}

function findMisfit(
  { facts, suspensions }: Question,
  endpoint: DirectoryEndpoint,
  account: DirectoryAccount,
): Misfit | undefined {
  if (endpoint.direction === 'receives') return 'receives'
  if (endpoint.state === 'off') return 'off'
  if (account.status !== 'active') return 'inactive'
  if (suspensions.findPenalty(account.id) !== undefined) return 'suspended'
  const wanted = endpoint.tls?.peerName?.toLowerCase()
  if (wanted !== undefined && facts.peerNames?.includes(wanted) !== true) return 'certificate'
  if (endpoint.sourcePort !== null && endpoint.sourcePort !== facts.port) return 'port'
  if (endpoint.sourceTransports.length > 0 && !endpoint.sourceTransports.includes(facts.transport)) return 'transport'
  if (endpoint.listener !== null && endpoint.listener !== facts.listener) return 'listener'
  if (endpoint.dialledPrefix !== '' && !bareNumber(facts.dialled).startsWith(bareNumber(endpoint.dialledPrefix)))
    return 'prefix'
  if (endpoint.cliAuthentication && !matchesCliRules(account, cliOf(account, facts))) return 'cli'
  return undefined
}

type MisfitText = (endpoint: DirectoryEndpoint, account: DirectoryAccount, question: Question) => string

const misfitTexts: Record<Misfit, MisfitText> = {
  receives: () => 'it only receives calls and authorises none',
  off: () => 'its state is off',
  inactive: (_, account) => `the account is ${account.status}`,
  suspended: (_, account, { suspensions }) => {
    const penalty = suspensions.findPenalty(account.id)
    return `the account is ${penalty === undefined ? 'suspended' : suspensionText(penalty)}`
  },
  certificate: (endpoint, _, { facts: { peerNames = [] } }) =>
    `it wants a TLS certificate for ${endpoint.tls?.peerName ?? ''}, this ${peerNames.length === 0 ? 'proved no name' : `proved ${peerNames.slice(0, 4).join(', ')}`}`,
  port: (endpoint, _, { facts }) => `it wants source port ${String(endpoint.sourcePort)}, this is ${facts.port}`,
  transport: (endpoint, _, { facts }) =>
    `it wants transport ${endpoint.sourceTransports.join(' or ')}, this came by ${facts.transport}`,
  listener: (endpoint, _, { facts }) =>
    `it wants listener ${endpoint.listener ?? ''}, this came in by ${facts.listener}`,
  prefix: (endpoint, _, { facts }) => `it wants dialled prefix ${endpoint.dialledPrefix}, dialled is ${facts.dialled}`,
  cli: (_, account, { facts }) => `no CLI rule of the account matches ${cliOf(account, facts)}`,
}

/** The tighter the conditions, the higher: certificate, port, transport, listener, dialled prefix, CLI, in this order. */
const tightness = (endpoint: DirectoryEndpoint): number =>
  (endpoint.tls?.peerName === undefined ? 0 : 1_024) +
  (endpoint.sourcePort === null ? 0 : 512) +
  (endpoint.sourceTransports.length === 0 ? 0 : 256) +
  (endpoint.listener === null ? 0 : 128) +
  bareNumber(endpoint.dialledPrefix).length * 2 +
  (endpoint.cliAuthentication ? 1 : 0)

const entryName = (directory: Directory, endpoint: DirectoryEndpoint): string => {
  const account = directory.accounts[endpoint.accountIndex]
  return `${endpoint.name} of ${account?.kind ?? 'account'} ${account?.name ?? ''}`
}

/** What one range came to. */
interface Contest {
  winner: DirectoryEndpoint | undefined
  rival: DirectoryEndpoint | undefined
}

/** What was in the way, for the refusal when nothing fits at all. */
interface Missed {
  cli: string | undefined
  inactive: string | undefined
  other: string | undefined
}

function noteMiss(missed: Missed, misfit: Misfit, text: string): void {
  if (misfit === 'cli') missed.cli ??= text
  else if (misfit === 'inactive' || misfit === 'suspended') missed.inactive ??= text
  else missed.other ??= text
}

interface Round {
  readonly members: readonly number[]
  /** `192.0.2.0/28 around 192.0.2.5`; just the address when nobody asks for an explanation. */
  readonly range: string
  readonly missed: Missed
}

function compareEntries(question: Question, round: Round, explanation?: Explanation): Contest {
  const { directory } = question
  const contest: Contest = { winner: undefined, rival: undefined }
  for (const index of round.members) {
    const endpoint = directory.endpoints[index] as DirectoryEndpoint
    const account = directory.accounts[endpoint.accountIndex] as DirectoryAccount
    const misfit = findMisfit(question, endpoint, account)
    if (misfit !== undefined) {
      const text = `${entryName(directory, endpoint)} lists ${round.range}, but ${misfitTexts[misfit](endpoint, account, question)}`
      noteMiss(round.missed, misfit, text)
      explanation?.add('identify', text)
      continue
    }
    const order = contest.winner === undefined ? 1 : tightness(endpoint) - tightness(contest.winner)
    explanation?.add('identify', `${entryName(directory, endpoint)} lists ${round.range} and fits`)
    if (order > 0) {
      contest.winner = endpoint
      contest.rival = undefined
    } else if (order === 0) contest.rival = endpoint
  }
  return contest
}

function explainClosest({ directory, facts }: Question, explanation: Explanation): void {
  for (const { range, value } of findNear(directory.sources.trie, facts.ip, closestShown)) {
    const [index] = listAt(directory.sources.lists, value)
    const endpoint = index === undefined ? undefined : directory.endpoints[index]
    if (endpoint !== undefined)
      explanation.add(
        'identify',
        `${entryName(directory, endpoint)} lists ${range}, source ${facts.address} is outside`,
      )
  }
}

function refuseUnknown(question: Question, missed: Missed, explanation?: Explanation): Refusal {
  const { directory, facts } = question
  const entry = missed.cli ?? missed.inactive ?? missed.other
  if (explanation !== undefined && entry === undefined) explainClosest(question, explanation)
  const nothing = `no entry ${entry === undefined ? 'lists' : 'fits'} ${facts.address}`
  const count = `${rangeCount(directory.sources.trie)} ranges are configured`
  explanation?.add('identify', entry === undefined ? `${nothing}; ${count}` : nothing)
  const detail = entry ?? `${nothing}; ${count}`
  if (missed.cli !== undefined) return refuse('cli_restricted', { reasonPhrase: 'CLI restriction in effect', detail })
  const code = missed.inactive === undefined ? 'source_unknown' : 'account_inactive'
  return refuse(code, { reasonPhrase: notAuthorised, detail })
}

/** The winner of a range may still be unable to call: it denies, drains, or asks for what cannot be checked here. */
function judge(
  question: Question,
  { winner, rival }: Contest,
  explanation?: Explanation,
): Caller | Refusal | undefined {
  if (winner === undefined) return undefined
  const { directory, facts } = question
  const name = entryName(directory, winner)
  const say = (detail: string): string => {
    explanation?.add('identify', detail)
    return detail
  }
  if (winner.action === 'deny' || rival?.action === 'deny')
    return refuse('source_denied', {
      reasonPhrase: notAuthorised,
      detail: say(`${winner.action === 'deny' ? name : entryName(directory, rival ?? winner)} denies ${facts.address}`),
    })
  if (rival !== undefined)
    return refuse('source_ambiguous', {
      reasonPhrase: notAuthorised,
      detail: say(`${name} and ${entryName(directory, rival)} fit ${facts.address} alike`),
    })
  if (winner.state === 'drain')
    return refuse('source_draining', {
      reasonPhrase: 'Service Unavailable',
      detail: say(`${name} is draining and takes no new calls`),
    })
  const sipUser = winner.alsoRequireDigest ? facts.sipUser : undefined
  if (winner.alsoRequireDigest && sipUser?.accountId !== winner.accountId)
    return refuse('digest_required', {
      reasonPhrase: 'Proxy Authentication Required',
      detail: say(`${name} also requires the digest of a SIP user of its account`),
      accountId: winner.accountId,
    })
  const account = directory.accounts[winner.accountIndex] as DirectoryAccount
  say(`caller is ${name}${sipUser === undefined ? '' : ` as SIP user ${sipUser.username}`}`)
  return callerOf(account, facts, { endpoint: winner, sipUser })
}

const callerOf = (
  account: DirectoryAccount,
  facts: SourceFacts,
  known: Pick<Caller, 'endpoint' | 'sipUser'>,
): Caller => ({
  account,
  ...known,
  cli: cliOf(account, facts),
  identityAsserted: account.trustIdentity && facts.assertedUser !== undefined,
  identityHidden: facts.identityHidden === true,
})

/** No entry fits, but the source proved to be a SIP user; an entry that names the source and is shut still refuses. */
function identifySipUser({ directory, facts }: Question, explanation?: Explanation): Caller | undefined {
  const { sipUser } = facts
  const account = sipUser === undefined ? undefined : directory.accounts[sipUser.accountIndex]
  if (sipUser === undefined || account === undefined) return undefined
  explanation?.add('identify', `caller is SIP user ${sipUser.username} of ${account.kind} ${account.name}`)
  return callerOf(account, facts, { endpoint: undefined, sipUser })
}

/** A call to our registered Contact, from the registrar: its user part says which entry, whatever others share the address. */
function identifyTrunk(question: Question, missed: Missed, explanation?: Explanation): Caller | Refusal | undefined {
  const { registered } = question.facts
  if (registered === undefined) return undefined
  const round = { members: [registered.index], range: `its registration for ${question.facts.address}`, missed }
  return judge(question, compareEntries(question, round, explanation), explanation)
}

/** Texts of the ranges around addresses that called, for each directory, and gone with it. */
const ranges = new WeakMap<Directory, Map<string, readonly string[]>>()

function rangesAround(directory: Directory, { address, ip }: SourceFacts): readonly string[] {
  const known = ranges.get(directory) ?? new Map<string, readonly string[]>()
  if (known.size === 0) ranges.set(directory, known)
  let texts = known.get(address)
  if (texts === undefined) {
    texts = rangeTexts(directory.sources.trie, ip)
    if (known.size >= rangesKept) known.clear()
    known.set(address, texts)
  }
  return texts
}

const aroundText = (range: string | undefined, address: string): string =>
  range === undefined || range === address ? address : `${range} around ${address}`

const found: number[] = []

/**
 * Tells `'kind' in result` = refusal from a caller. A refusal with the code `source_unknown` or `digest_required` may
 * still be lifted by `facts.sipUser` (authenticate.ts).
 */
export function identify(
  directory: Directory,
  facts: SourceFacts,
  explanation?: Explanation,
  suspensions: SuspensionView = noSuspensions,
): Caller | Refusal {
  const question = { directory, facts, suspensions }
  const missed: Missed = { cli: undefined, inactive: undefined, other: undefined }
  const trunk = identifyTrunk(question, missed, explanation)
  if (trunk !== undefined) return trunk
  found.length = 0
  findAll(directory.sources.trie, facts.ip, found)
  const texts = explanation === undefined ? undefined : rangesAround(directory, facts)
  for (const [i, set] of found.entries()) {
    const round = {
      members: listAt(directory.sources.lists, set),
      range: aroundText(texts?.[i], facts.address),
      missed,
    }
    const verdict = judge(question, compareEntries(question, round, explanation), explanation)
    if (verdict !== undefined) return verdict
  }
  const refusal = refuseUnknown(question, missed, explanation)
  return (refusal.code === 'source_unknown' ? identifySipUser(question, explanation) : undefined) ?? refusal
}

/** Whether an operator wrote this address down anywhere: it is never blocked automatically and never limited as a stranger. */
export const isConfiguredAddress = (directory: Directory, ip: IpAddress): boolean =>
  isListed(directory, ip, (endpoint) => isEnabled(endpoint) && !wantsProofOfAnybody(endpoint)) ||
  findLongest(directory.protected, ip) !== -1

/** Whether OPTIONS from this address is answered with 200: an enabled entry lists it, or a name of it, or registers there. */
export const isKnownSource = (directory: Directory, ip: IpAddress): boolean => isListed(directory, ip, isEnabled)

const isEnabled = ({ state, action }: DirectoryEndpoint): boolean => state !== 'off' && action === 'allow'

/** "Any address, with a certificate or password" makes nobody known before the proof. */
const wantsProofOfAnybody = ({ namesAnybody, alsoRequireDigest, tls }: DirectoryEndpoint): boolean =>
  (alsoRequireDigest || tls?.peerName !== undefined) && namesAnybody

function isListed(directory: Directory, ip: IpAddress, counts: (endpoint: DirectoryEndpoint) => boolean): boolean {
  const { endpoints, sources, resolved, registrars } = directory
  const isOne = (index: number): boolean => {
    const endpoint = endpoints[index]
    return endpoint !== undefined && counts(endpoint)
  }
  return [sources, resolved, registrars].some((lists) => someAround(lists, ip, isOne))
}
