// Bencode (BEP 3), as rtpengine's ng protocol uses it: integers, byte strings, lists, dictionaries. Strings are latin1,
// one character for one byte. What cannot be read is undefined, never a throw.

export type Bencoded = number | string | readonly Bencoded[] | { readonly [key: string]: Bencoded }

/** Lists and dictionaries inside each other; an answer of the relay has three. */
const depthMax = 16

export function encodeBencode(value: Bencoded): string {
  if (typeof value === 'number') return `i${Math.trunc(value)}e`
  if (typeof value === 'string') return `${value.length}:${value}`
  if (Array.isArray(value)) return `l${value.map((one: Bencoded) => encodeBencode(one)).join('')}e`
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `d${pairs.map(([key, one]) => encodeBencode(key) + encodeBencode(one)).join('')}e`
}

class Reader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(depth = 0): Bencoded | undefined {
    const kind = this.#text[this.at]
    if (kind === undefined || depth > depthMax) return undefined
    if (kind === 'i') return this.#number()
    if (kind === 'l') return this.#list(depth)
    return kind === 'd' ? this.#dictionary(depth) : this.#string()
  }

  #number(): number | undefined {
    const end = this.#text.indexOf('e', this.at)
    const digits = end === -1 ? '' : this.#text.slice(this.at + 1, end)
    if (!/^-?\d{1,15}$/.test(digits)) return undefined
    this.at = end + 1
    return Number(digits)
  }

  #string(): string | undefined {
    const colon = this.#text.indexOf(':', this.at)
    const digits = colon === -1 ? '' : this.#text.slice(this.at, colon)
    if (!/^\d{1,7}$/.test(digits)) return undefined
    const end = colon + 1 + Number(digits)
    if (end > this.#text.length) return undefined
    this.at = end
    return this.#text.slice(colon + 1, end)
  }

  #list(depth: number): Bencoded[] | undefined {
    this.at += 1
    const list: Bencoded[] = []
    while (this.#text[this.at] !== 'e') {
      const one = this.read(depth + 1)
      if (one === undefined) return undefined
      list.push(one)
    }
    this.at += 1
    return list
  }

  #dictionary(depth: number): Record<string, Bencoded> | undefined {
    this.at += 1
    const pairs: [string, Bencoded][] = []
    while (this.#text[this.at] !== 'e') {
      const key = this.#string()
      const one = key === undefined ? undefined : this.read(depth + 1)
      if (key === undefined || one === undefined) return undefined
      pairs.push([key, one])
    }
    this.at += 1
    return Object.fromEntries(pairs)
  }
}

/** The one value that `text` is. */
export function decodeBencode(text: string): Bencoded | undefined {
  const reader = new Reader(text)
  const value = reader.read()
  return reader.at === text.length ? value : undefined
}
