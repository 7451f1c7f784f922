// What differs between two states of an object, field by field, as people read it.

export interface Difference {
  /** `rewrites[0].pattern`; '' = the value is no object. */
  readonly field: string
  /** undefined: it was not there. */
  readonly before: unknown
  readonly after: unknown
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPlainList = (value: unknown): boolean =>
  Array.isArray(value) && !value.some((one) => typeof one === 'object' && one !== null)

/** Objects and lists of objects are taken apart; a list of texts or numbers is one value. */
function addLeaves(into: Map<string, unknown>, path: string, value: unknown): void {
  if (isRecord(value) && Object.keys(value).length > 0)
    for (const [name, part] of Object.entries(value)) addLeaves(into, path === '' ? name : `${path}.${name}`, part)
  else if (Array.isArray(value) && value.length > 0 && !isPlainList(value))
    for (const [at, part] of value.entries()) addLeaves(into, `${path}[${at}]`, part)
  else into.set(path, value)
}

function leavesOf(value: unknown): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>()
  if (value !== null && value !== undefined) addLeaves(leaves, '', value)
  return leaves
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

/** In the order of the fields; those of `before` that are gone come where they stood. */
export function differencesOf(before: unknown, after: unknown): Difference[] {
  const old = leavesOf(before)
  const present = leavesOf(after)
  const fields = new Set([...old.keys(), ...present.keys()])
  return [...fields]
    .map((field): Difference => ({ field, before: old.get(field), after: present.get(field) }))
    .filter((one) => !same(one.before, one.after))
}
