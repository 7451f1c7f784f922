// Pasted lines and CSV -> fields of endpoints, row by row. Says what cannot be read; what the fields mean is checked by
// the schema of an endpoint.
import type { InputError } from '../base/fault.ts'
import { isHostName, parseAddress, parseCidr } from '../contract/address.ts'
import { parseCsv, separatorOf } from './csv.ts'
import { invalid } from './input-errors.ts'

export interface PastedRow {
  /** As an editor counts, from 1. */
  readonly line: number
  /** As it was pasted, without a password, cut. */
  readonly input: string
  /** As the schema of an endpoint takes them; what the row does not say is absent. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly errors: readonly InputError[]
}

const inputLengthMax = 200
const shown = (text: string): string => text.trim().slice(0, inputLengthMax)

type Value = string | number | boolean | unknown[]
type Reading = { readonly value: Value } | { readonly fault: string }

const asText = (text: string): Reading => ({ value: text })
const asNumber = (text: string): Reading =>
  /^\d{1,10}$/.test(text) ? { value: Number(text) } : { fault: `"${text}" is no whole number` }
const asList = (text: string): Reading => ({ value: text.split(/[\s,;|]+/).filter((part) => part !== '') })
const asProxies = (text: string): Reading => ({
  value: text
    .split(/[\s,|]+/)
    .filter((part) => part !== '')
    .map((uri) => ({ uri })),
})

const truths = new Map([
  ...['true', 'yes', 'on', '1', 'x'].map((text) => [text, true] as const),
  ...['false', 'no', 'off', '0'].map((text) => [text, false] as const),
])
function asTruth(text: string): Reading {
  const value = truths.get(text.toLowerCase())
  return value === undefined ? { fault: `"${text}" is neither true nor false` } : { value }
}

/** `192.0.2.10:5060`, `[2001:db8::1]:5060`, `gw.example.net:5060`. */
function splitPort(text: string): { address: string; port?: number } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text)
  if (match === null) return { address: text }
  return { address: match[1] as string, port: Number(match[2]) }
}

type Read = (text: string) => Reading
const named = (read: Read, names: string) => names.split(' ').map((name) => [name, read] as const)

/** Columns of a CSV by the field they fill, and how a cell is read. */
const columns: ReadonlyMap<string, Read> = new Map([
  ...named(asText, 'name'),
  ...named(asList, 'address addresses'),
  ...named(asNumber, 'port weight'),
  ...named(asText, 'direction transport state action username password dialledPrefix listener mediaEncryption'),
  ...named(asNumber, 'priority channelsMax callsPerSecondMax sourcePort'),
  ...named(asList, 'sourceTransports restrictedCodecs'),
  ...named(asProxies, 'outboundProxy'),
  ...named(asTruth, 'largeToTcp forceNat disableNat interceptReinvite cliAuthentication alsoRequireDigest dialogPing'),
  ...named(asText, 'manufacturer version notes'),
])
const aliases = [
  ...['ip', 'ipaddress', 'host', 'cidr'].map((title) => [title, 'address'] as const),
  ['channels', 'channelsMax'],
  ['cps', 'callsPerSecondMax'],
  ['callspersecond', 'callsPerSecondMax'],
  ['proxy', 'outboundProxy'],
  ['user', 'username'],
] as const

const bareTitle = (title: string): string => title.toLowerCase().replaceAll(/[\s_-]/g, '')
const titles: ReadonlyMap<string, string> = new Map([
  ...[...columns.keys()].map((name) => [bareTitle(name), name] as const),
  ...aliases,
])
const columnOf = (title: string): string | undefined => titles.get(bareTitle(title))

/** Columns of the same field add to one list. */
const joined = (before: Value | undefined, value: Value): Value =>
  Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value

/** The fields of one CSV record; cells that are empty say nothing. */
function recordFields(header: readonly string[], cells: readonly string[]): Pick<PastedRow, 'fields' | 'errors'> {
  const fields: Record<string, Value> = {}
  const errors: InputError[] = []
  for (const [i, cell] of cells.entries()) {
    const column = header[i]
    const read = columns.get(column ?? '')
    if (cell === '') continue
    if (column === undefined || read === undefined) {
      errors.push({ path: '', message: `"${shown(cell)}" stands in no column: the header has ${header.length}` })
      continue
    }
    const reading = read(cell)
    const field = column === 'address' ? 'addresses' : column
    if ('fault' in reading) errors.push({ path: field, message: reading.fault })
    else fields[field] = joined(fields[field], reading.value)
  }
  return { fields: withPort(fields), errors }
}

/** A port that stands at the only address counts where no column says one. */
function withPort(fields: Record<string, unknown>): Record<string, unknown> {
  const addresses = fields['addresses'] as string[] | undefined
  if (addresses === undefined) return fields
  const split = addresses.map((text) => splitPort(text))
  const port = split.length === 1 ? split[0]?.port : undefined
  if (port === undefined || fields['port'] !== undefined) return fields
  return { ...fields, addresses: split.map(({ address }) => address), port }
}

function headerOf(cells: readonly string[], line: number): string[] {
  const errors: InputError[] = []
  const fault = (message: string): void => void errors.push({ path: 'csv', message: `line ${line}: ${message}` })
  const header = cells.map((title) => {
    const column = columnOf(title)
    if (column === undefined) fault(`unknown column "${shown(title)}"; accepted: ${[...columns.keys()].join(', ')}`)
    return column ?? ''
  })
  if (errors.length === 0 && !header.includes('address') && !header.includes('addresses'))
    fault('the header names no column address or addresses')
  const twice = header.find((column, i) => header.indexOf(column) !== i)
  if (errors.length === 0 && twice !== undefined) fault(`the column ${twice} is there twice`)
  if (errors.length > 0) throw invalid(errors)
  return header
}

/** Fault invalid when the header cannot be read. */
export function parseCsvRows(csv: string): PastedRow[] {
  const [first, ...records] = parseCsv(csv)
  if (first === undefined) return []
  const header = headerOf(first.cells, first.line)
  const secret = header.indexOf('password')
  return records.map(({ line, cells }) => ({
    line,
    input: shown(cells.map((cell, i) => (i === secret && cell !== '' ? '(secret)' : cell)).join(', ')),
    ...recordFields(header, cells),
  }))
}

/** Digits and signs of addresses only, also where they make none: then the schema says why. */
const looksNumeric = (text: string): boolean =>
  /^[[\d][\d.:a-f\]/-]*$/i.test(text) ? /[.:]/.test(text) : /^[\da-f]*::?[\da-f:.]*(?:\/\d+)?$/i.test(text)

function looksLikeAddress(token: string): boolean {
  const { address } = splitPort(token)
  if (parseAddress(address) !== undefined || parseCidr(address, true) !== undefined) return true
  return looksNumeric(token) || (address.includes('.') && isHostName(address) && /[a-z]/i.test(address))
}

const accepted = 'accepted: address, CIDR, or name address [port [weight]]'

function numbersOf(tokens: readonly string[]): Pick<PastedRow, 'fields' | 'errors'> {
  const fields: Record<string, unknown> = {}
  const errors: InputError[] = []
  for (const [i, token] of tokens.entries()) {
    const field = (['port', 'weight'] as const)[i]
    if (field === undefined) errors.push({ path: '', message: `"${token}" stands behind the weight; ${accepted}` })
    else if (/^\d{1,10}$/.test(token)) fields[field] = Number(token)
    else errors.push({ path: field, message: `"${token}" is no ${field}; ${accepted}` })
  }
  return { fields, errors }
}

function lineFields(text: string): Pick<PastedRow, 'fields' | 'errors'> {
  const tokens = text.split(/[\s,;]+/).filter((token) => token !== '')
  const start = tokens.findIndex((token) => looksLikeAddress(token))
  if (start < 0) return { fields: {}, errors: [{ path: 'addresses', message: `no address; ${accepted}` }] }
  const behind = tokens.findIndex((token, i) => i > start && !looksLikeAddress(token))
  const end = behind < 0 ? tokens.length : behind
  const { fields, errors } = numbersOf(tokens.slice(end))
  const name = start === 0 ? {} : { name: tokens.slice(0, start).join(' ') }
  return { fields: withPort({ ...name, addresses: tokens.slice(start, end), ...fields }), errors }
}

/** A first line that names columns makes a paste a CSV. */
function isHeader(line: string): boolean {
  const cells = line.split(separatorOf(line)).map((cell) => columnOf(cell.trim()))
  return cells.every((column) => column !== undefined) && (cells.includes('address') || cells.includes('addresses'))
}

/** Empty lines and what stands behind `#` are left out. */
export function parseLines(written: string): PastedRow[] {
  const text = written.replace(/^\uFEFF/, '')
  const lines = text.split(/\r\n|\n|\r/)
  if (isHeader(lines.find((line) => line.trim() !== '') ?? '')) return parseCsvRows(text)
  return lines.flatMap((whole, i) => {
    const line = whole.replace(/(?:^|\s)#.*$/, '').trim()
    return line === '' ? [] : [{ line: i + 1, input: shown(whole), ...lineFields(line) }]
  })
}
