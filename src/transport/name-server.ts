// Single questions to DNS with a time limit, and answers as values. What is asked, and in which order, is in resolve.ts.
import type { NaptrRecord, SrvRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { addressText, parseAddress } from '../contract/address.ts'
import { errorCode } from './peer-errors.ts'

/** `none`: there is no such record. `failed`: nobody can say, now. */
export type DnsAnswer<Record> = readonly Record[] | 'none' | 'failed'

export interface AddressRecord {
  readonly address: string
  /** Seconds. */
  readonly ttl: number
}

/** The questions of RFC 3263; tests have another one. */
export interface DnsClient {
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>>
  srv(name: string): Promise<DnsAnswer<SrvRecord>>
  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<AddressRecord>>
}

/** For each question, whatever the number of servers. */
const answerMs = 2_000

/** A server said so; everything else means that none said anything. */
const noRecord = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

export class NameServer implements DnsClient {
  readonly #servers: readonly string[]

  /** @param servers `address:port`; empty = those of the system */
  constructor(servers: readonly string[]) {
    this.#servers = servers
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#ask((resolver) => resolver.resolveNaptr(name))
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#ask((resolver) => resolver.resolveSrv(name))
  }

  async addresses(name: string, family: 4 | 6): Promise<DnsAnswer<AddressRecord>> {
    const answer = await this.#ask((resolver) =>
      family === 4 ? resolver.resolve4(name, { ttl: true }) : resolver.resolve6(name, { ttl: true }),
    )
    return typeof answer === 'string'
      ? answer
      : answer.map(({ address, ttl }) => ({ address: canonical(address), ttl }))
  }

  /** A resolver of its own, because giving up on one question gives up on all questions of a resolver. */
  async #ask<Record>(question: (resolver: Resolver) => Promise<Record[]>): Promise<DnsAnswer<Record>> {
    const resolver = new Resolver({ timeout: answerMs, tries: 1 })
    if (this.#servers.length > 0) resolver.setServers(this.#servers)
    const timer = setTimeout(() => resolver.cancel(), answerMs)
    try {
      const records = await question(resolver)
      return records.length === 0 ? 'none' : records
    } catch (error) {
      return error instanceof Error && noRecord.has(errorCode(error)) ? 'none' : 'failed'
    } finally {
      clearTimeout(timer)
    }
  }
}

function canonical(text: string): string {
  const address = parseAddress(text)
  return address === undefined ? text : addressText(address)
}
