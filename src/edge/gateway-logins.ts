// The credentials of all gateways, for as long as the thread runs: nonces and realms survive every change that leaves the
// login itself alone. They go to the gateway's own targets and outbound proxies and nowhere else.
import { parseAddress, addressText } from '../contract/address.ts'
import type { Random } from '../base/random.ts'
import type { Logins } from '../call/credentials.ts'
import type { Directory, DirectoryEndpoint } from '../directory/directory.ts'
import { DigestClient } from '../sip/digest-client.ts'
import { parseNameAddr } from '../sip/name-addr.ts'
import { parseUri } from '../sip/uri.ts'

interface Login {
  /** Everything that makes it another login when it changes. */
  readonly facts: string
  readonly client: DigestClient
}

function hostOf(text: string): string {
  const host = parseUri(parseNameAddr(text)?.uri ?? text)?.host ?? ''
  const address = parseAddress(host)
  return address === undefined ? host : addressText(address)
}

const belongs = (endpoint: DirectoryEndpoint, address: string): boolean =>
  endpoint.targets.some((target) => target.address === address) ||
  endpoint.outboundProxy.some((proxy) => hostOf(proxy.uri) === address)

export class GatewayLogins implements Logins {
  readonly #random: Random
  readonly #logins = new Map<string, Login>()

  constructor(random: Random) {
    this.#random = random
  }

  /** Forgets the logins of endpoints that are gone or have others now. */
  use(directory: Directory): void {
    const facts = new Map(directory.endpoints.map((endpoint) => [endpoint.id, factsOf(endpoint)]))
    for (const [id, login] of this.#logins) if (facts.get(id) !== login.facts) this.#logins.delete(id)
  }

  find(endpoint: DirectoryEndpoint, address: string): DigestClient | undefined {
    const { username, password } = endpoint
    if (username === null || password === null || !belongs(endpoint, address)) return undefined
    const known = this.#logins.get(endpoint.id)
    if (known !== undefined) return known.client
    const client = new DigestClient({ username, password, realm: endpoint.register?.realm }, this.#random)
    this.#logins.set(endpoint.id, { facts: factsOf(endpoint), client })
    return client
  }
}

const factsOf = ({ username, password, register, targets, outboundProxy }: DirectoryEndpoint): string =>
  JSON.stringify([username, password, register?.realm, targets.map(({ key }) => key), outboundProxy])
