// Configuration -> rows that compileDirectory takes, with the secrets of gateways in clear for the signalling thread.
import { unreachable } from '../base/assert.ts'
import type { AccountKind } from '../contract/account.ts'
import type { DirectorySource, SourceEndpoint } from '../directory/directory.ts'
import { secretField } from '../store/config-rows.ts'
import type { SecretBox } from '../store/secrets.ts'
import { displayName, rowName } from './configuration.ts'
import type { Configuration, EndpointRow, Row } from './configuration.ts'

/** Where errors of a row are reported, by row id; rows that are not in it get a readable path. */
export type RowPaths = ReadonlyMap<string, string>

const section = (kind: AccountKind): string => (kind === 'carrier' ? 'carriers' : 'customers')

/** `carriers[Acme].endpoints[acme-1]`: for rows that are stored but not part of the input. */
export function storedPath(configuration: Configuration, row: Row): string {
  switch (row.kind) {
    case 'system':
      return 'system'
    case 'carrier':
    case 'customer':
      return `${section(row.kind)}[${row.config.name}]`
    case 'endpoint':
    case 'sipUser': {
      const account = configuration.accounts.get(row.accountId)
      const owner = account === undefined ? row.accountId : storedPath(configuration, account)
      return row.kind === 'endpoint'
        ? `${owner}.endpoints[${row.config.name}]`
        : `${owner}.sipUsers[${row.config.username}]`
    }
    case 'route':
      return `routes[${displayName(configuration, row)}]`
    case 'block':
      return `blocks[${row.config.address}]`
    default:
      return unreachable(row)
  }
}

/** The same configuration gives the same directory, whatever the order in which its rows were written. */
function sorted<Any extends Row>(rows: ReadonlyMap<string, Any>, keyOf: (row: Any) => string): Any[] {
  const keyed = [...rows.values()].map((row) => ({ row, key: keyOf(row) }))
  keyed.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
  return keyed.map(({ row }) => row)
}

export class DirectorySources {
  readonly #secrets: SecretBox
  /** Rows never change, so what was decrypted once stays with them. */
  readonly #passwords = new WeakMap<EndpointRow, string>()

  constructor(secrets: SecretBox) {
    this.#secrets = secrets
  }

  /** The clear password of a gateway, or null. */
  password(row: EndpointRow): string | null {
    if (row.sealed === null) return null
    const known = this.#passwords.get(row)
    if (known !== undefined) return known
    const clear = this.#secrets.unseal(row.id, secretField, row.sealed)
    this.#passwords.set(row, clear)
    return clear
  }

  sourceOf(configuration: Configuration, revision: number, paths: RowPaths): DirectorySource {
    const base = (row: Row): { id: string; path: string } => ({
      id: row.id,
      path: paths.get(row.id) ?? storedPath(configuration, row),
    })
    const endpoint = (row: EndpointRow): SourceEndpoint => ({
      ...row.config,
      ...base(row),
      accountId: row.accountId,
      password: this.password(row),
    })
    const { realmFixed: _, ...system } = configuration.system.config
    return {
      revision,
      system,
      accounts: sorted(configuration.accounts, (row) => `${row.kind}\n${row.config.name}`).map((row) => ({
        ...row.config,
        ...base(row),
        kind: row.kind,
        penaltyUntil: null,
      })),
      endpoints: sorted(configuration.endpoints, (row) => `${row.accountId}\n${row.config.name}`).map(endpoint),
      sipUsers: sorted(configuration.sipUsers, (row) => row.config.username).map((row) => ({
        ...row.config,
        ...base(row),
        accountId: row.accountId,
      })),
      routes: sorted(configuration.routes, rowName).map((row) => ({ ...row.config, ...base(row) })),
      blocks: sorted(configuration.blocks, rowName).map((row) => ({ ...row.config, ...base(row) })),
    }
  }
}

/** Paths of the members of a row follow the row's own: used for writes of a single object. */
export const rootPath = (row: Row): RowPaths => new Map([[row.id, '']])
