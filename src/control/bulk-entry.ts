// Many endpoints of one account at once: every row is checked by itself, then all of them together, and they are stored
// in one revision or not at all.
import { z } from 'zod'
import type { InputError, Warning } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { AccountKind } from '../contract/account.ts'
import { bulkEntryInput } from '../contract/api-bulk.ts'
import type { BulkEntryInput, BulkEntryResult, BulkEntryRow } from '../contract/api-bulk.ts'
import { endpointInput } from '../contract/endpoint.ts'
import type { EndpointConfig } from '../contract/endpoint.ts'
import { getAccount } from './account-writes.ts'
import { overlapsOf } from './bulk-overlaps.ts'
import { parseCsvRows, parseLines } from './bulk-parse.ts'
import type { PastedRow } from './bulk-parse.ts'
import type { ConfigEngine } from './config-engine.ts'
import { findEndpoint, put, unwritten } from './configuration.ts'
import type { AccountRow, Draft, EndpointRow } from './configuration.ts'
import { inputErrors, invalid, joinPath, parseInput } from './input-errors.ts'
import type { Examined } from './publisher.ts'
import { sealGateway } from './row-secrets.ts'
import { warningsOf } from './row-warnings.ts'
import { resolveSecret } from './secret-input.ts'
import type { WriteOptions } from './services.ts'

/** What every row may have in common: everything but the name and the addresses themselves. */
const { name: _name, addresses: _addresses, ...defaultable } = endpointInput.shape
const defaultFields = z.strictObject(defaultable).partial()

/** A row on its way: what it became, and what is wrong with it. */
interface Candidate {
  readonly pasted: PastedRow
  readonly errors: InputError[]
  row: EndpointRow | undefined
}

class Import {
  readonly #engine: ConfigEngine
  readonly #draft: Draft
  readonly #account: AccountRow
  readonly #defaults: Readonly<Record<string, unknown>>
  /** Names in use, and the line that took them; 0 = stored before. */
  readonly #names = new Map<string, number>()
  /** What is known of a packet or a call's way, so that the same thing twice is told of. */
  readonly #twins = new Map<string, number>()
  #lastNumber = 0

  constructor(engine: ConfigEngine, draft: Draft, account: AccountRow, defaults: Readonly<Record<string, unknown>>) {
    this.#engine = engine
    this.#draft = draft
    this.#account = account
    this.#defaults = defaults
  }

  /** `Acme-1`, `Acme-2`: the first that is free. */
  #freeName(): string {
    const base = this.#account.config.name.slice(0, 90)
    for (;;) {
      this.#lastNumber += 1
      const name = `${base}-${this.#lastNumber}`
      if (!this.#names.has(name) && findEndpoint(this.#draft, this.#account.id, name) === undefined) return name
    }
  }

  /** Names that rows give themselves are taken before any is made. */
  takeNames(rows: readonly Candidate[]): void {
    for (const { pasted, errors } of rows) {
      const name = typeof pasted.fields['name'] === 'string' ? pasted.fields['name'].trim() : undefined
      if (name === undefined) continue
      const line = this.#names.get(name)
      if (line !== undefined) errors.push({ path: 'name', message: `"${name}" is the name of line ${line} too` })
      else if (findEndpoint(this.#draft, this.#account.id, name) !== undefined)
        errors.push({ path: 'name', message: `${this.#account.config.name} has an entry "${name}" already` })
      this.#names.set(name, line ?? pasted.line)
    }
  }

  #twinKeys(config: EndpointConfig): string[] {
    const { direction, port, transport, sourcePort, sourceTransports, listener, dialledPrefix, action } = config
    const rest = [direction, action, port, transport, sourcePort, sourceTransports.join(' '), listener, dialledPrefix]
    return config.addresses.map((address) => JSON.stringify([address, ...rest]))
  }

  #checkTwins(candidate: Candidate, config: EndpointConfig): void {
    for (const [i, key] of this.#twinKeys(config).entries()) {
      const line = this.#twins.get(key)
      if (line === undefined) this.#twins.set(key, candidate.pasted.line)
      else if (line !== candidate.pasted.line)
        candidate.errors.push({ path: `addresses[${i}]`, message: `${config.addresses[i]} is in line ${line} already` })
    }
  }

  #sealed(id: string, password: unknown, errors: InputError[]): string | null {
    if (password === null || password === undefined) return null
    const resolved = resolveSecret(password as Parameters<typeof resolveSecret>[0])
    if (resolved.kind === 'secret') return sealGateway(this.#engine.store.secrets, id, resolved.clear, null)
    errors.push({ path: 'password', message: resolved.message })
    return null
  }

  /** Checks one row by itself and puts it into the draft when it is right. */
  add(candidate: Candidate): void {
    const { pasted, errors } = candidate
    const fields = { ...this.#defaults, ...pasted.fields }
    const parsed = endpointInput.safeParse({ ...fields, name: pasted.fields['name'] ?? this.#freeName() })
    if (!parsed.success) {
      const told = new Set(errors.map(({ path }) => path))
      errors.push(...inputErrors(parsed.error).filter(({ path }) => !told.has(path)))
      return
    }
    const { password, ...config } = parsed.data
    this.#checkTwins(candidate, config)
    const id = this.#engine.newId(this.#draft, 'endpoint')
    const sealed = this.#sealed(id, password, errors)
    if (errors.length > 0) return
    candidate.row = { ...unwritten, kind: 'endpoint', id, accountId: this.#account.id, sealed, config }
    put(this.#draft, candidate.row)
  }
}

const rowPath = (i: number): string => `rows[${i}]`

/** Errors that only all rows together have go to their rows; what belongs to none is an error of the whole. */
function spread(errors: readonly InputError[], candidates: readonly Candidate[]): void {
  const strays: InputError[] = []
  for (const { path, message } of errors) {
    const match = /^rows\[(\d+)\]\.?(.*)$/s.exec(path)
    const candidate = candidates[Number(match?.[1] ?? -1)]
    if (candidate === undefined) strays.push({ path, message })
    else candidate.errors.push({ path: match?.[2] ?? '', message })
  }
  if (strays.length > 0) throw invalid(strays)
}

function viewOf(candidate: Candidate, defaults: object, found: Pick<BulkEntryRow, 'overlaps' | 'warnings'>) {
  const { pasted, errors, row } = candidate
  const said: Record<string, unknown> = { ...defaults, ...pasted.fields }
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
  const list = said['addresses']
  return {
    line: pasted.line,
    input: pasted.input,
    status: errors.length === 0 ? 'ok' : 'error',
    name: row?.config.name ?? textOf(said['name']),
    addresses: row?.config.addresses.slice(0, shownAddressesMax) ?? (Array.isArray(list) ? list.map(String) : []),
    port: row?.config.port ?? (typeof said['port'] === 'number' ? said['port'] : null),
    weight: row?.config.weight ?? (typeof said['weight'] === 'number' ? said['weight'] : 1),
    direction: row?.config.direction ?? textOf(said['direction']),
    errors,
    ...found,
  } satisfies BulkEntryRow
}
const shownAddressesMax = 100

/** What all rows are warned of alike is said once. */
function generalWarnings(draft: Draft, candidates: readonly Candidate[]): Warning[] {
  for (const { row } of candidates) {
    const [general] = row === undefined ? [] : warningsOf(draft, new Map(), row)
    if (general !== undefined) return [{ ...general, path: '' }]
  }
  return []
}

function readRows({ text, csv }: BulkEntryInput): PastedRow[] {
  const rows = text === undefined ? parseCsvRows(csv ?? '') : parseLines(text)
  const path = text === undefined ? 'csv' : 'text'
  const most = bound('bulkRowsMax')
  if (rows.length === 0) throw invalid([{ path, message: 'nothing to enter: no line has an address' }])
  if (rows.length > most)
    throw invalid([{ path, message: `${rows.length} rows; at most ${most} at once, a declarative file takes more` }])
  return rows
}

/** Unknown and unfit defaults are told of once, not at every row. */
function readDefaults(defaults: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const parsed = defaultFields.safeParse(defaults)
  if (parsed.success) return defaults
  throw invalid(inputErrors(parsed.error).map((error) => ({ ...error, path: joinPath('defaults', error.path) })))
}

/** Fault invalid only for what is wrong with the whole; errors of rows are in the result, and then nothing is stored. */
export function importEndpoints(
  engine: ConfigEngine,
  target: { readonly kind: AccountKind; readonly id: string },
  raw: unknown,
  options: WriteOptions,
): Promise<BulkEntryResult> {
  const input = parseInput(bulkEntryInput, raw)
  const defaults = readDefaults(input.defaults)
  const candidates: Candidate[] = readRows(input).map((pasted) => ({
    pasted,
    errors: [...pasted.errors],
    row: undefined,
  }))
  return engine.change(async (draft) => {
    const account = getAccount(draft, target.kind, target.id)
    const work = new Import(engine, draft, account, defaults)
    work.takeNames(candidates)
    for (const candidate of candidates) work.add(candidate)
    const paths = new Map(candidates.flatMap(({ row }, i) => (row === undefined ? [] : [[row.id, rowPath(i)]])))
    const examined = engine.examine({ draft, paths, options })
    spread(examined.errors, candidates)
    const wrong = candidates.filter(({ errors }) => errors.length > 0).length
    const applied = !input.dryRun && wrong === 0
    if (applied) {
      const text = `import of ${candidates.length} endpoints of ${account.kind} ${account.config.name}`
      await engine.commit({ draft, paths, options, whole: { action: 'import', text } })
    }
    return {
      applied,
      dryRun: input.dryRun,
      revision: engine.configuration.revision,
      ok: candidates.length - wrong,
      wrong,
      rows: rowsOf(candidates, defaults, examined),
      warnings: generalWarnings(draft, candidates),
      created: applied ? candidates.flatMap(({ row }) => (row === undefined ? [] : [row.id])) : [],
    }
  })
}

function rowsOf(candidates: readonly Candidate[], defaults: object, examined: Examined): BulkEntryRow[] {
  const lines = new Map(candidates.flatMap(({ row, pasted }) => (row === undefined ? [] : [[row.id, pasted.line]])))
  return candidates.map((candidate) => {
    const { row } = candidate
    if (row === undefined) return viewOf(candidate, defaults, { overlaps: [], warnings: [] })
    const mine = { ...row.config, accountId: row.accountId }
    const overlaps = overlapsOf(examined.directory, row.id, mine, lines)
    // Whose addresses these are too is what `overlaps` says.
    const warnings = (examined.rowWarnings.get(row.id) ?? []).filter(({ code }) => !overlapCodes.has(code))
    return viewOf(candidate, defaults, { overlaps, warnings })
  })
}
const overlapCodes = new Set(['address_shared', 'address_overlap', 'target_shared'])
