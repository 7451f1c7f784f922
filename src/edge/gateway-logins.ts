// The credentials of all gateways, for as long as the thread runs: nonces and realms survive every change that leaves the
// login itself alone. They go to the gateway's own targets, its outbound proxies and its registrar, and nowhere else.
import type { Random } from '../base/random.ts'
import type { Logins } from '../call/credentials.ts'
import type { DirectoryEndpoint } from '../directory/directory.ts'
import { registrarAddresses } from '../directory/registrations.ts'
import { DigestClient } from '../sip/digest-client.ts'

interface Login {
  /** Everything that makes it another login when it changes. */
  readonly facts: string
  readonly client: DigestClient
}

const isProxy = (endpoint: DirectoryEndpoint, address: string): boolean =>
  endpoint.proxies.some((proxy) => proxy.address === address)

const belongs = (endpoint: DirectoryEndpoint, address: string): boolean =>
  endpoint.targets.some((target) => target.address === address) || isProxy(endpoint, address)

/** Calls and registrations keep nonces of their own: their servers need not share them. */
type Purpose = 'calls' | 'registration'

export class GatewayLogins implements Logins {
  readonly #random: Random
  readonly #logins: Record<Purpose, Map<string, Login>> = { calls: new Map(), registration: new Map() }

  constructor(random: Random) {
    this.#random = random
  }

  /** An endpoint is another one now, or gone: forgets logins that are not its own any more. */
  change(id: string, endpoint: DirectoryEndpoint | undefined): void {
    for (const logins of Object.values(this.#logins)) {
      const known = logins.get(id)
      // Most endpoints have no login: only those that have one are looked at closely.
      if (known === undefined) continue
      if (endpoint === undefined || known.facts !== factsOf(endpoint)) logins.delete(id)
    }
  }

  find(endpoint: DirectoryEndpoint, address: string): DigestClient | undefined {
    return belongs(endpoint, address) ? this.#open(endpoint, 'calls', endpoint.username) : undefined
  }

  /** For REGISTER: at the registrar, or by the proxy that leads there. */
  findRegistrar(endpoint: DirectoryEndpoint, address: string): DigestClient | undefined {
    if (!registrarAddresses(endpoint).includes(address) && !isProxy(endpoint, address)) return undefined
    return this.#open(endpoint, 'registration', endpoint.register?.authUsername ?? endpoint.username)
  }

  #open(endpoint: DirectoryEndpoint, purpose: Purpose, username: string | null): DigestClient | undefined {
    const { password } = endpoint
    if (username === null || password === null) return undefined
    const logins = this.#logins[purpose]
    const known = logins.get(endpoint.id)
    if (known !== undefined) return known.client
    const client = new DigestClient({ username, password, realm: endpoint.register?.realm }, this.#random)
    logins.set(endpoint.id, { facts: factsOf(endpoint), client })
    return client
  }
}

const factsOf = ({ username, password, register, addresses, outboundProxy }: DirectoryEndpoint): string =>
  JSON.stringify([username, password, register, addresses, outboundProxy])
