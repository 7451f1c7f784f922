// Rows of the configuration as objects of the store, and back.
import { unreachable } from '../base/assert.ts'
import { carrierInput, customerInput, sipUserInput } from '../contract/account.ts'
import type { AccountConfig, SipUserConfig } from '../contract/account.ts'
import { blockInput } from '../contract/declarative.ts'
import type { BlockConfig } from '../contract/declarative.ts'
import { endpointInput } from '../contract/endpoint.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import type { ConfigObject, ObjectKind } from '../store/config-rows.ts'
import { defaultSystem, emptyConfiguration, parentOf, put, rowName } from './configuration.ts'
import type { Draft, RouteBody, Row, SystemRow } from './configuration.ts'
import { dense, sparse } from './sparse.ts'

const without = (value: object, ...names: string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))

/** The default of every field that has one. */
const defaults: Record<ObjectKind, object> = {
  system: defaultSystem.config,
  carrier: without(carrierInput.parse({ name: 'x' }), 'name'),
  customer: without(customerInput.parse({ name: 'x' }), 'name'),
  endpoint: without(
    endpointInput.parse({ name: 'x', direction: 'receives', addresses: ['192.0.2.1'] }),
    'name',
    'direction',
    'addresses',
  ),
  sipUser: without(sipUserInput.parse({ username: 'x' }), 'username'),
  route: { channelsMax: 0, callsPerSecondMax: 0, enabled: true },
  block: without(blockInput.parse({ address: '192.0.2.1' }), 'address'),
}

/** What a person looks for first; then the fields as the schema orders them. */
const leading = ['name', 'username', 'prefix', 'from', 'direction', 'addresses', 'targets']
const orders = new Map(
  Object.entries(defaults).map(([kind, fields]) => [
    kind,
    new Map([...leading, ...Object.keys(fields)].map((name, i) => [name, i])),
  ]),
)

/** The row's configuration without what equals the default, always in the same order. */
export function documentOf(kind: ObjectKind, config: object): Record<string, unknown> {
  const order = orders.get(kind)
  const place = (name: string): number => order?.get(name) ?? Number.MAX_SAFE_INTEGER
  const fields = Object.entries(sparse(config, defaults[kind]))
  return Object.fromEntries(fields.toSorted(([left], [right]) => place(left) - place(right)))
}

export const toObject = (row: Row): ConfigObject => ({
  id: row.id,
  kind: row.kind,
  parentId: parentOf(row),
  name: rowName(row),
  document: documentOf(row.kind, row.config),
  sealed: 'sealed' in row ? row.sealed : null,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
})

export function fromObject(object: ConfigObject): Row {
  const { kind, id, version, createdAt, updatedAt, parentId: accountId, sealed } = object
  const config: unknown = dense(object.document as object, defaults[kind])
  const base = { id, version, createdAt, updatedAt }
  switch (kind) {
    case 'system':
      return { kind, ...base, config: config as SystemRow['config'] }
    case 'carrier':
    case 'customer':
      return { kind, ...base, config: config as AccountConfig }
    case 'endpoint':
      return { kind, ...base, accountId, sealed, config: config as EndpointConfig }
    case 'sipUser':
      return { kind, ...base, accountId, sealed, config: config as SipUserConfig }
    case 'route':
      return { kind, ...base, config: config as RouteBody }
    case 'block':
      return { kind, ...base, config: config as BlockConfig }
    default:
      return unreachable(kind)
  }
}

export function configurationOf(revision: number, objects: readonly ConfigObject[]): Draft {
  const draft = { ...emptyConfiguration(), revision }
  for (const object of objects) put(draft, fromObject(object))
  return draft
}
