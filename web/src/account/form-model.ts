// Forms as tables of fields over a draft: values by path, what a draft changes as a merge patch (RFC 7396), and on which
// tab a path of the API is shown. Pure. A blank field is absent: the server gives it its default.

export type Draft = Readonly<Record<string, unknown>>

interface Common {
  /** As the API names it: `tls.serverName`. */
  readonly path: string
  readonly label: string
  readonly help?: string
  readonly tab: string
  readonly group?: string
  /** Shown only then; absent = always. */
  readonly when?: (draft: Draft) => boolean
}

type Choice = readonly [value: string, label: string]

/** What an absent value means is `usual`; it stands in the field as a hint or as the value. */
export type FieldSpec = Common &
  (
    | { readonly kind: 'text' | 'area'; readonly usual?: string; readonly hint?: string }
    /** `generate` offers to make one. */
    | { readonly kind: 'secret'; readonly hint?: string; readonly generate?: boolean }
    | {
        readonly kind: 'number'
        readonly usual?: number
        readonly unit?: string
        readonly hint?: string
        /** Whole numbers are asked for unless it says so. */
        readonly decimals?: boolean
        /** 0 is shown as a blank field with this word. */
        readonly zero?: string
      }
    | { readonly kind: 'choice'; readonly usual: string; readonly choices: readonly Choice[] }
    | { readonly kind: 'check'; readonly usual: boolean }
    | { readonly kind: 'lines'; readonly usual: readonly string[]; readonly hint?: string }
    | { readonly kind: 'several'; readonly usual: readonly string[]; readonly choices: readonly Choice[] }
    /** Drawn by a part of its own. */
    | { readonly kind: 'own'; readonly usual: unknown }
  )

type Placed<Spec> = Spec extends FieldSpec ? Omit<Spec, 'tab' | 'group'> : never

/** Fields that stand together on a tab. */
export const groupOn = (tab: string, group: string, fields: readonly Placed<FieldSpec>[]): FieldSpec[] =>
  fields.map((field) => Object.assign({ tab, group }, field))

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands in a field; lists and objects have fields of their own. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''

export function valueAt(draft: unknown, path: string): unknown {
  let value = draft
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined
  return value ?? undefined
}

/** A copy with the value; `undefined` takes it away, and an object that holds nothing any more goes too. */
export function withValue(draft: Draft, path: string, value: unknown): Draft {
  const [name = '', ...rest] = path.split('.')
  const copy: Record<string, unknown> = { ...draft }
  if (rest.length === 0) copy[name] = value
  else {
    const inner = withValue(isObject(draft[name]) ? draft[name] : {}, rest.join('.'), value)
    copy[name] = Object.values(inner).every((one) => one === undefined) ? undefined : inner
  }
  return copy
}

export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right || ((left ?? undefined) === undefined && (right ?? undefined) === undefined)) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((one, at) => sameValue(one, right[at]))
  if (!isObject(left) || !isObject(right)) return false
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) => sameValue(left[name], right[name]))
}

/** The merge patch that makes `draft` of `original`: null where a value was taken away. */
export function patchBetween(original: Draft, draft: Draft): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(original), ...Object.keys(draft)])) {
    const [before, after] = [original[name], draft[name]]
    if (sameValue(before, after)) continue
    if (after === undefined || after === null) patch[name] = null
    else patch[name] = isObject(before) && isObject(after) ? patchBetween(before, after) : after
  }
  return patch
}

/** Lists without the blank lines that a person leaves at the end; values that were never set stay absent. */
export function readyToSend(draft: Draft, specs: readonly FieldSpec[]): Draft {
  let ready = draft
  for (const { kind, path } of specs) {
    const value = valueAt(ready, path)
    if (kind === 'lines' && Array.isArray(value))
      ready = withValue(
        ready,
        path,
        value.map((line) => textOf(line).trim()).filter((line) => line !== ''),
      )
  }
  return Object.fromEntries(Object.entries(ready).filter(([, value]) => value !== undefined))
}

const belongsTo = (path: string, field: string): boolean =>
  path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`)

/** The field at which an error of the API is shown: the longest that its path is in. */
function fieldOf(path: string, specs: readonly FieldSpec[]): FieldSpec | undefined {
  return specs.filter((spec) => belongsTo(path, spec.path)).toSorted((a, b) => b.path.length - a.path.length)[0]
}

export interface PlacedError {
  readonly path: string
  readonly message: string
}

export interface PlacedErrors {
  /** How many errors each tab has. */
  readonly byTab: ReadonlyMap<string, number>
  /** Those that no visible field shows. */
  readonly elsewhere: readonly PlacedError[]
}

export function placeErrors(errors: readonly PlacedError[], specs: readonly FieldSpec[], draft: Draft): PlacedErrors {
  const byTab = new Map<string, number>()
  const elsewhere: PlacedError[] = []
  for (const error of errors) {
    const field = fieldOf(error.path, specs)
    if (field === undefined || field.when?.(draft) === false) elsewhere.push(error)
    else byTab.set(field.tab, (byTab.get(field.tab) ?? 0) + 1)
  }
  return { byTab, elsewhere }
}

/** Everything that is said at one field, in one text; undefined when nothing is wrong there. */
export function errorAt(errors: readonly PlacedError[], path: string): string | undefined {
  const found = errors.filter((error) => belongsTo(error.path, path)).map((error) => error.message)
  return found.length === 0 ? undefined : [...new Set(found)].join('. ')
}

/** The groups of a tab in the order of the table, with the fields that are shown. */
export function groupsOf(
  specs: readonly FieldSpec[],
  tab: string,
  draft: Draft,
): readonly (readonly [group: string, fields: readonly FieldSpec[]])[] {
  const shown = specs.filter((spec) => spec.tab === tab && spec.when?.(draft) !== false)
  return [...Map.groupBy(shown, (spec) => spec.group ?? '')]
}

/** Fields of the view that no form changes. */
const readOnly = new Set([
  'id',
  'etag',
  'createdAt',
  'updatedAt',
  'accountId',
  'account',
  'accountKind',
  'hasPassword',
  'warnings',
  'kind',
  'consecutiveFailures',
  'suspension',
  'summary',
])

/** What may be edited of an object as the API gave it. */
export const editable = (view: object): Draft =>
  Object.fromEntries(Object.entries(view).filter(([name]) => !readOnly.has(name)))

/** A copy to be saved as a new entry: everything but its name, and its password, which nobody can read. */
export const duplicateOf = (view: object): Draft => ({
  ...editable(view),
  name: `${textOf((view as { name?: unknown }).name)} copy`.slice(0, 100),
})
