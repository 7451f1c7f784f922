// Values that many hold at once: one copy for all of them. A table of fixed size in which a newer value takes the place of an
// older one, so that values that nobody has in common cost their own memory and nothing else.

/** Power of two. */
const slotCount = 4_096

/** Of texts and of whole numbers, for `SharedValues`. */
export function hashOf(parts: string | readonly number[]): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < parts.length; i++) {
    const part = typeof parts === 'string' ? parts.charCodeAt(i) : (parts[i] as number)
    hash = Math.imul(hash ^ part, 0x01000193)
  }
  return hash ^ (hash >>> 15)
}

export class SharedValues<Value> {
  readonly #slots: (Value | undefined)[] = Array.from({ length: slotCount }, () => undefined)
  readonly #isSame: (one: Value, other: Value) => boolean

  constructor(isSame: (one: Value, other: Value) => boolean) {
    this.#isSame = isSame
  }

  /** The copy that others hold, if one of them was here lately; else this value. Same values have the same `hash`. */
  share(hash: number, value: Value): Value {
    const slot = hash & (slotCount - 1)
    const known = this.#slots[slot]
    if (known !== undefined && this.#isSame(known, value)) return known
    this.#slots[slot] = value
    return value
  }
}
