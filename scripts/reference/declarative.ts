// The declarative file: its JSON Schema, and the same as a page for people.
import { z } from 'zod'
import { declarativeFile } from '../../src/contract/declarative.ts'
import { cell, code, page, table } from './markdown.ts'

interface Schema {
  /** Several where null is one of them. */
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

const schema = z.toJSONSchema(declarativeFile, { io: 'input', unrepresentable: 'any' }) as Schema

export const declarativeSchema = (): string =>
  `${JSON.stringify({ ...schema, title: 'Tollgate declarative file' }, null, 2)}\n`

const range = (low: number | undefined, high: number | undefined, unit: string): string => {
  if (low !== undefined && high !== undefined) return ` (${low} to ${high}${unit})`
  if (high !== undefined) return ` (up to ${high}${unit})`
  return low === undefined ? '' : ` (${low}${unit} or more)`
}

function typeText(one: Schema): string {
  if (one.anyOf !== undefined)
    return one.anyOf
      .filter((other) => other.type !== 'null')
      .map(typeText)
      .join(' or ')
  if (one.enum !== undefined) return one.enum.map((value) => code(value)).join(' ')
  if (one.const !== undefined) return code(JSON.stringify(one.const))
  if (one.type === 'array') {
    const items = one.items === undefined ? '' : ` of ${typeText(one.items)}`
    return `list${items}${range(undefined, one.maxItems, '')}`
  }
  if (one.type === 'object') {
    const names = Object.keys(one.properties ?? {})
    return names.length <= 2 ? code(`{ ${names.join(', ')} }`) : 'object'
  }
  if (one.type === 'integer' || one.type === 'number') return `number${range(one.minimum, one.maximum, '')}`
  if (one.type === 'string') return `text${range(undefined, one.maxLength, ' characters')}`
  if (Array.isArray(one.type)) return one.type.filter((name) => name !== 'null').join(' or ')
  return String(one.type ?? 'any')
}

function defaultText(one: Schema, required: boolean): string {
  if (required) return '**required**'
  const nullable = Array.isArray(one.type) || one.anyOf?.some((other) => other.type === 'null') === true
  if (one.default === undefined) return nullable ? 'none' : ''
  if (one.default === '') return 'empty'
  const text = JSON.stringify(one.default)
  return text === '{}' ? '' : code(text)
}

/** The object whose fields get a table of their own: the object itself, or what a list consists of. */
function innerObject(one: Schema): Schema | undefined {
  const inner = one.type === 'array' ? one.items : one
  return inner?.properties !== undefined && Object.keys(inner.properties).length > 2 ? inner : undefined
}

function sections(name: string, one: Schema, seen: Set<string>): string[] {
  const fields = Object.entries(one.properties ?? {})
  const rows = fields.map(([field, inner]) => [
    code(field),
    cell(typeText(inner)),
    defaultText(inner, one.required?.includes(field) === true && inner.default === undefined),
  ])
  const parts = [`## ${name}`, table(['field', 'value', 'default'], rows)]
  for (const [field, inner] of fields) {
    const object = innerObject(inner)
    const key = JSON.stringify(object)
    if (object === undefined || seen.has(key)) continue
    seen.add(key)
    parts.push(...sections(`${name === 'The file' ? '' : `${name} / `}${field}`, object, seen))
  }
  return parts
}

export function declarativePage(): string {
  return page('The declarative file', '`src/contract/`', [
    'YAML or JSON. `tollgate apply` takes it, `tollgate export` gives it. Names are the keys: applying a file twice ' +
      'changes nothing, and objects that it does not name stay as they are unless `--prune` is given. A field or a ' +
      'value that is not listed here is refused, and the answer names its path. Fields that another table has ' +
      'described already (endpoints of customers, for one) are not described again. The same as a JSON Schema: ' +
      '[declarative.schema.json](declarative.schema.json).',
    ...sections('The file', schema, new Set()),
  ])
}
