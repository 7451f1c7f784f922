// From the name of a gateway to its addresses, ports, priorities and weights (RFC 3263 4, RFC 2782). When to ask, and what
// to do with answers that do not come, is decided above.
import type { NaptrRecord, SrvRecord } from 'node:dns'
import { bound } from '../base/limits.ts'
import { parseAddress } from '../contract/address.ts'
import type { Protocol } from '../sip/flow.ts'
import { isMulticastOrNone } from './local-address.ts'
import type { DnsClient } from './name-server.ts'

export interface NameQuestion {
  /** Lower case. */
  readonly name: string
  /** Fixes the service (RFC 3263 4.1). */
  readonly protocol: Protocol
  /** Given: addresses only, no SRV (RFC 3263 4.2). */
  readonly port: number | null
}

export interface LocatedTarget {
  readonly address: string
  readonly port: number
  /** 0 is tried first. */
  readonly tier: number
  /** Chance inside its tier; the sum over the tier is 1. */
  readonly share: number
}

/** `partial`: some look-ups failed, so that an older whole answer may be better. */
export type Located =
  | {
      readonly kind: 'found'
      readonly targets: readonly LocatedTarget[]
      readonly ttlSeconds: number
      readonly partial: boolean
    }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'failed' }

interface Addresses {
  readonly list: readonly string[]
  readonly ttlSeconds: number
  readonly failed: boolean
}

/** Services in NAPTR and prefixes of SRV names (RFC 3263 4.1, 4.2). */
const services = {
  udp: { naptr: 'SIP+D2U', prefix: '_sip._udp.' },
  tcp: { naptr: 'SIP+D2T', prefix: '_sip._tcp.' },
  tls: { naptr: 'SIPS+D2T', prefix: '_sips._tcp.' },
} as const

const defaultPort = (protocol: Protocol): number => (protocol === 'tls' ? 5061 : 5060)

/** A and AAAA; addresses that cannot be a gateway's are left out. */
async function findAddresses(name: string, families: readonly (4 | 6)[], dns: DnsClient): Promise<Addresses> {
  const answers = await Promise.all(families.map((family) => dns.addresses(name, family)))
  const records = answers.flatMap((answer) => (typeof answer === 'string' ? [] : answer))
  const usable = records.filter(({ address }) => {
    const ip = parseAddress(address)
    return ip !== undefined && !isMulticastOrNone(ip)
  })
  const list = [...new Set(usable.map(({ address }) => address))].toSorted().slice(0, bound('dnsTargetsMax'))
  const ttlSeconds = Math.min(...usable.map(({ ttl }) => ttl))
  return { list, ttlSeconds, failed: answers.includes('failed') }
}

/** The name to ask SRV for: the best NAPTR of our service, else the usual one. */
async function findServiceName({ name, protocol }: NameQuestion, dns: DnsClient): Promise<string> {
  const { naptr, prefix } = services[protocol]
  const answer = await dns.naptr(name)
  const byPlace = (a: NaptrRecord, b: NaptrRecord): number => a.order - b.order || a.preference - b.preference
  const best = (typeof answer === 'string' ? [] : answer)
    .filter((one) => one.service.toUpperCase() === naptr && one.flags.toLowerCase() === 's' && one.replacement !== '')
    .toSorted(byPlace)[0]
  return best === undefined ? `${prefix}${name}` : best.replacement
}

/** Chances as RFC 2782 draws them: a weight of 0 has a very small one beside others. */
function chancesOf(weights: readonly number[]): number[] {
  const zeros = weights.filter((weight) => weight === 0).length
  const total = weights.reduce((sum, weight) => sum + weight, zeros === 0 ? 0 : 1)
  return weights.map((weight) => (weight === 0 ? 1 / zeros : weight) / total)
}

interface Server {
  readonly record: SrvRecord
  readonly addresses: Addresses
}

function targetsOf(servers: readonly Server[]): LocatedTarget[] {
  const found = new Map<string, LocatedTarget>()
  const priorities = [...new Set(servers.map(({ record }) => record.priority))].toSorted((a, b) => a - b)
  for (const [tier, priority] of priorities.entries()) {
    const members = servers.filter(({ record }) => record.priority === priority)
    const chances = chancesOf(members.map(({ record }) => record.weight))
    for (const [i, { record, addresses }] of members.entries())
      for (const address of addresses.list) {
        const share = (chances[i] ?? 0) / addresses.list.length
        const key = `${address} ${record.port}`
        const known = found.get(key)
        if (known === undefined) found.set(key, { address, port: record.port, tier, share })
        else if (known.tier === tier) found.set(key, { ...known, share: known.share + share })
      }
  }
  return [...found.values()].slice(0, bound('dnsTargetsMax'))
}

const notFound: Located = { kind: 'none', reason: 'name not found' }

function located(servers: readonly Server[]): Located {
  const failed = servers.some(({ addresses }) => addresses.failed)
  const usable = servers.filter(({ addresses }) => addresses.list.length > 0)
  if (usable.length === 0) return failed ? { kind: 'failed' } : notFound
  const ttlSeconds = Math.min(...usable.map(({ addresses }) => addresses.ttlSeconds))
  return { kind: 'found', targets: targetsOf(usable), ttlSeconds, partial: failed }
}

/**
 * Finds where calls to a name go.
 * @param families of the addresses that we can send to by that protocol
 */
export async function locate(question: NameQuestion, families: readonly (4 | 6)[], dns: DnsClient): Promise<Located> {
  const { name, protocol } = question
  const plain = async (port: number): Promise<Located> => {
    const addresses = await findAddresses(name, families, dns)
    return located([{ record: { name, port, priority: 0, weight: 1 }, addresses }])
  }
  if (question.port !== null) return plain(question.port)
  const records = await dns.srv(await findServiceName(question, dns))
  if (records === 'failed') return { kind: 'failed' }
  if (records === 'none') return plain(defaultPort(protocol))
  // A target of "." says that the service is not offered (RFC 2782).
  const offered = records.filter((record) => record.name !== '' && record.name !== '.' && record.port > 0)
  if (offered.length === 0) return { kind: 'none', reason: `${protocol} is not offered at this name` }
  const nearest = offered.toSorted((a, b) => a.priority - b.priority).slice(0, bound('dnsTargetsMax'))
  return located(
    await Promise.all(
      nearest.map(async (record) => ({ record, addresses: await findAddresses(record.name, families, dns) })),
    ),
  )
}
