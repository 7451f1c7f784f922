// Configurations as short documents: what equals the default is left out when written and put back when read.

type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as JSON: an absent field equals an undefined one, the order of fields does not count. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((value, i) => sameJson(value, right[i]))
  if (!isObject(left) || !isObject(right)) return false
  for (const name of Object.keys(left)) if (!sameJson(left[name], right[name])) return false
  for (const name of Object.keys(right)) if (right[name] !== undefined && left[name] === undefined) return false
  return true
}

/** What `value` says beyond `defaults`. */
export function sparse(value: object, defaults: object): Record<string, unknown> {
  const known = defaults as Json
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    const usual = known[name]
    if (field === undefined || sameJson(field, usual)) continue
    fields[name] = isObject(field) && isObject(usual) ? sparse(field, usual) : field
  }
  return fields
}

/** The inverse of `sparse`. */
export function dense(document: object, defaults: object): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...defaults }
  for (const [name, field] of Object.entries(document)) {
    const usual = fields[name]
    fields[name] = isObject(field) && isObject(usual) ? dense(field, usual) : field
  }
  return fields
}

/** RFC 7396: fields of `patch` replace those of `target`, null removes, objects are merged. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [name, value] of Object.entries(patch))
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  return Object.fromEntries(merged)
}
