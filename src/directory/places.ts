// Where rows stand in the tables of a directory. A row keeps its place from one revision to the next, and an object that did
// not change stays the very same: what two directories do not share is what has to be published.

/** Longer ones are hardly ever alike. */
const sharedTextMax = 500

/** The place of each key: where it stood before, else the first free one. Places are 0 ... `keys.length - 1`. */
export function placesOf(keys: readonly string[], before: ReadonlyMap<string, number>): Int32Array {
  const places = new Int32Array(keys.length).fill(-1)
  const taken = new Uint8Array(keys.length)
  for (const [i, key] of keys.entries()) {
    const place = before.get(key) ?? -1
    if (place < 0 || place >= keys.length || taken[place] === 1) continue
    places[i] = place
    taken[place] = 1
  }
  let free = 0
  for (let i = 0; i < keys.length; i++) {
    if ((places[i] as number) >= 0) continue
    while (taken[free] === 1) free += 1
    places[i] = free++
  }
  return places
}

function isSameArray(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, i) => isSame(value, right[i]))
}

/** Whether two values of plain data are alike. */
function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right))
    return Array.isArray(left) && Array.isArray(right) && isSameArray(left, right)
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      isSame((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  )
}

/** Fields of a row that most rows have alike: one object of each kind serves all, in this thread and in a part that is sent. */
export class SharedValues {
  readonly #values = new Map<string, object>()

  /** The same row, with every object and list in it that another row had already. */
  share<Row extends object>(row: Row): Row {
    const lists = Object.entries(row).filter(([, value]) => typeof value === 'object' && value !== null)
    return { ...row, ...Object.fromEntries(lists.map(([field, value]: [string, object]) => [field, this.#one(value)])) }
  }

  #one(value: object): object {
    const text = JSON.stringify(value)
    if (text.length > sharedTextMax) return value
    const known = this.#values.get(text)
    if (known === undefined) this.#values.set(text, value)
    return known ?? value
  }
}

/** The value of before, where the new one is alike. */
export const kept = <Value>(value: Value, before: Value | undefined): Value =>
  before !== undefined && isSame(value, before) ? before : value

type SharedArray = Int32Array | Uint32Array | Uint8Array

const isSharedArray = (value: unknown): value is SharedArray =>
  value instanceof Int32Array || value instanceof Uint32Array || value instanceof Uint8Array

function isSameMemory(left: SharedArray, right: SharedArray): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}

function isSameTable(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (isSharedArray(left)) return isSharedArray(right) && isSameMemory(left, right)
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  return Object.entries(left).every(([key, value]) => isSameTable(value, (right as Record<string, unknown>)[key]))
}

/** The same for a table of typed arrays: the memory of before is used again. */
export const keptTable = <Table extends object>(table: Table, before: Table | undefined): Table =>
  before !== undefined && isSameTable(table, before) ? before : table
