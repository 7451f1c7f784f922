// Endpoints, one at a time. The password is write-only: absent keeps it, null removes it.
import { endpointInput } from '../contract/endpoint.ts'
import { remove, unwritten } from './configuration.ts'
import type { Configuration, Draft, EndpointRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { commitRow, found, patched, putUnique } from './config-writes.ts'
import { checkEtag } from './conflicts.ts'
import { invalid, parseInput } from './input-errors.ts'
import { sealGateway } from './row-secrets.ts'
import { resolveSecret } from './secret-input.ts'
import type { SecretInput } from './secret-input.ts'
import type { WriteOptions } from './services.ts'
import { isObject } from './sparse.ts'

export const getEndpoint = (configuration: Configuration, id: string): EndpointRow =>
  found(configuration.endpoints.get(id), `endpoint ${id}`)

function sealed(engine: ConfigEngine, id: string, input: SecretInput, present: string | null): string {
  const resolved = resolveSecret(input)
  if (resolved.kind === 'missing') throw invalid([{ path: 'password', message: resolved.message }])
  return sealGateway(engine.store.secrets, id, resolved.clear, present)
}

export function createEndpoint(
  engine: ConfigEngine,
  accountId: string,
  input: unknown,
  options: WriteOptions,
): Promise<EndpointRow> {
  return engine.change(async (draft) => {
    const account = found(draft.accounts.get(accountId), `account ${accountId}`)
    const { password, ...config } = parseInput(endpointInput, input)
    const id = engine.newId(draft, 'endpoint')
    const secret = password === null || password === undefined ? null : sealed(engine, id, password, null)
    const row: EndpointRow = { ...unwritten, kind: 'endpoint', id, accountId: account.id, sealed: secret, config }
    putUnique(draft, row)
    await commitRow(engine, draft, row, options)
    return getEndpoint(engine.configuration, id)
  })
}

/** Puts the endpoint with these changes into the draft. */
export function changeEndpoint(engine: ConfigEngine, draft: Draft, old: EndpointRow, input: unknown): EndpointRow {
  const { password, ...config } = patched(endpointInput, old.config, input)
  const removes = isObject(input) && input['password'] === null
  const kept = removes ? null : old.sealed
  const secret = password === null || password === undefined ? kept : sealed(engine, old.id, password, old.sealed)
  const row: EndpointRow = { ...old, sealed: secret, config }
  putUnique(draft, row)
  return row
}

export function updateEndpoint(
  engine: ConfigEngine,
  id: string,
  input: unknown,
  options: WriteOptions,
): Promise<EndpointRow> {
  return engine.change(async (draft) => {
    const old = getEndpoint(draft, id)
    await checkEtag(engine, old, options, input)
    await commitRow(engine, draft, changeEndpoint(engine, draft, old, input), options)
    return getEndpoint(engine.configuration, id)
  })
}

export function removeEndpoint(engine: ConfigEngine, id: string, options: WriteOptions): Promise<void> {
  return engine.change(async (draft) => {
    const row = getEndpoint(draft, id)
    await checkEtag(engine, row, options)
    remove(draft, row)
    await commitRow(engine, draft, row, options)
  })
}
