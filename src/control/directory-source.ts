// Configuration -> rows that compileDirectory takes, with the secrets of gateways in clear for the signalling thread.
import { unreachable } from '../base/assert.ts'
import type { AccountKind } from '../contract/account.ts'
import type { DigestSecret, DirectorySource } from '../directory/directory.ts'
import { secretField } from '../store/config-rows.ts'
import type { SecretBox } from '../store/secrets.ts'
import { displayName } from './configuration.ts'
import type { Configuration, EndpointRow, Row, SipUserRow } from './configuration.ts'
import { digestSecrets } from './row-secrets.ts'

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

/**
 * `canonical`: the same configuration gives the same directory, whatever the order in which its rows were written.
 * `input last`: rows of the input come last, in its order, so that of two that clash the one just written is told of.
 */
export type RowOrder = 'canonical' | 'input last'

interface Placed<Any extends Row> {
  readonly row: Any
  /** What every source row has. */
  readonly base: { readonly id: string; readonly path: string }
}

type Place = <Any extends Row>(rows: ReadonlyMap<string, Any>) => Placed<Any>[]

function placer(configuration: Configuration, paths: RowPaths, order: RowOrder): Place {
  const places = new Map(order === 'canonical' ? [] : [...paths.keys()].map((id, i) => [id, i]))
  return (rows) => {
    const keyed = [...rows.values()].map((row) => {
      const stored = storedPath(configuration, row)
      return { row, base: { id: row.id, path: paths.get(row.id) ?? stored }, stored, place: places.get(row.id) ?? -1 }
    })
    return keyed.toSorted((left, right) => left.place - right.place || (left.stored < right.stored ? -1 : 1))
  }
}

export class DirectorySources {
  readonly #secrets: SecretBox
  /** Rows never change, so what was decrypted once stays with them. */
  readonly #passwords = new WeakMap<EndpointRow, string>()

  readonly #hashes = new WeakMap<SipUserRow, readonly DigestSecret[]>()
  readonly #nonceKey: string

  constructor(secrets: SecretBox, nonceKey: string) {
    this.#secrets = secrets
    this.#nonceKey = nonceKey
  }

  #digestSecrets(row: SipUserRow): readonly DigestSecret[] {
    const known = this.#hashes.get(row)
    if (known !== undefined) return known
    const hashes = digestSecrets(this.#secrets, row.id, row.sealed)
    this.#hashes.set(row, hashes)
    return hashes
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

  sourceOf(configuration: Configuration, revision: number, paths: RowPaths, order: RowOrder): DirectorySource {
    const place = placer(configuration, paths, order)
    const { realmFixed: _, ...system } = configuration.system.config
    return {
      revision,
      nonceKey: this.#nonceKey,
      system,
      accounts: place(configuration.accounts).map(({ row, base }) => {
        const { rates: _rates, creditStop: _creditStop, contacts: _contacts, ...config } = row.config
        return { ...config, ...base, kind: row.kind }
      }),
      endpoints: place(configuration.endpoints).map(({ row, base }) => ({
        ...row.config,
        ...base,
        accountId: row.accountId,
        password: this.password(row),
      })),
      sipUsers: place(configuration.sipUsers).map(({ row, base }) => ({
        ...row.config,
        ...base,
        accountId: row.accountId,
        secrets: this.#digestSecrets(row),
      })),
      routes: place(configuration.routes).map(({ row, base }) => ({ ...row.config, ...base })),
      blocks: place(configuration.blocks).map(({ row, base }) => ({ ...row.config, ...base })),
    }
  }
}

/** Paths of the members of a row follow the row's own: used for writes of a single object. */
export const rootPath = (row: Row): RowPaths => new Map([[row.id, '']])
