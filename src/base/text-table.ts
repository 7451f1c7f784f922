// Values by texts, for what comes and goes with every call. A Map that entries are put into and taken out of all the time is
// rehashed again and again, and each time leaves its old table behind: dead, but old, so that until the next full
// collection everything young that stood in it is kept and moved as if it lived. In bench/replay.ts that was 5 MB promoted
// at each scavenge of 6 MB, pauses of 18 ms and a full collection every 3 s; with tables whose places are used again it is 25 KB,
// 4.5 ms, and 12 % less time in all.
import { secureRandom } from './random.ts'

const least = 64

/** Nobody outside can choose texts that fall on one place: where they fall is not the same in two processes. */
const seed = secureRandom().uint32()

/** FNV-1a, stirred at the end because the low bits choose the place. */
function hashOf(text: string): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

const emptyPlaces = (length: number): undefined[] => Array.from({ length }, () => undefined)

/** Open addressing: whatever falls on a taken place stands in the next free one, and moves up when that is left. */
export class TextTable<Value> {
  #keys: (string | undefined)[] = emptyPlaces(least)
  #values: (Value | undefined)[] = emptyPlaces(least)
  #hashes = new Int32Array(least)
  /** When it was set first, among the others; undefined = nobody asks for the order, 8 bytes less for each place. */
  #orders: Float64Array | undefined
  #nextOrder = 0
  #size = 0

  constructor(options: { readonly keepsOrder?: boolean } = {}) {
    if (options.keepsOrder === true) this.#orders = new Float64Array(least)
  }

  get size(): number {
    return this.#size
  }

  get(key: string): Value | undefined {
    const place = this.#find(key, hashOf(key))
    return place < 0 ? undefined : this.#values[place]
  }

  has(key: string): boolean {
    return this.#find(key, hashOf(key)) >= 0
  }

  set(key: string, value: Value): void {
    const hash = hashOf(key)
    const place = this.#find(key, hash)
    if (place >= 0) {
      this.#values[place] = value
      return
    }
    if (this.#size * 2 >= this.#keys.length) this.#resize(this.#keys.length * 2)
    this.#put(key, value, { hash, order: this.#nextOrder++ })
    this.#size += 1
  }

  /** Says whether it was there. */
  delete(key: string): boolean {
    const place = this.#find(key, hashOf(key))
    if (place < 0) return false
    this.#close(place)
    this.#size -= 1
    if (this.#size * 8 < this.#keys.length && this.#keys.length > least) this.#resize(this.#keys.length / 2)
    return true
  }

  /** Any one that fits. */
  findValue(fits: (value: Value) => boolean): Value | undefined {
    for (const [place, value] of this.#values.entries())
      if (this.#keys[place] !== undefined && fits(value as Value)) return value
    return undefined
  }

  /** All as they are now, in the order in which they came if that is kept. */
  values(): Value[] {
    const places: number[] = []
    for (const [place, key] of this.#keys.entries()) if (key !== undefined) places.push(place)
    const orders = this.#orders
    if (orders !== undefined) places.sort((a, b) => (orders[a] as number) - (orders[b] as number))
    return places.map((place) => this.#values[place] as Value)
  }

  /** Where it stands; less than 0 when it is not there. */
  #find(key: string, hash: number): number {
    const mask = this.#keys.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const known = this.#keys[place]
      if (known === undefined) return -1
      if (this.#hashes[place] === hash && known === key) return place
    }
  }

  #put(key: string, value: Value, { hash, order }: { readonly hash: number; readonly order: number }): void {
    const mask = this.#keys.length - 1
    let place = hash & mask
    while (this.#keys[place] !== undefined) place = (place + 1) & mask
    this.#keys[place] = key
    this.#values[place] = value
    this.#hashes[place] = hash
    if (this.#orders !== undefined) this.#orders[place] = order
  }

  /** Moves up what stands behind the place that is left and could not be found any more. */
  #close(left: number): void {
    const mask = this.#keys.length - 1
    let gap = left
    for (let place = (gap + 1) & mask; this.#keys[place] !== undefined; place = (place + 1) & mask) {
      const home = (this.#hashes[place] as number) & mask
      if (((place - home) & mask) < ((place - gap) & mask)) continue
      this.#keys[gap] = this.#keys[place]
      this.#values[gap] = this.#values[place]
      this.#hashes[gap] = this.#hashes[place] as number
      if (this.#orders !== undefined) this.#orders[gap] = this.#orders[place] as number
      gap = place
    }
    this.#keys[gap] = undefined
    this.#values[gap] = undefined
  }

  #resize(length: number): void {
    const keys = this.#keys
    const values = this.#values
    const hashes = this.#hashes
    const orders = this.#orders
    this.#keys = emptyPlaces(length)
    this.#values = emptyPlaces(length)
    this.#hashes = new Int32Array(length)
    if (orders !== undefined) this.#orders = new Float64Array(length)
    for (const [place, key] of keys.entries())
      if (key !== undefined)
        this.#put(key, values[place] as Value, { hash: hashes[place] as number, order: orders?.[place] ?? 0 })
  }
}
