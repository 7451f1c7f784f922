// The only door through which chance enters: cryptographic in production, seeded in tests and simulations.
import { randomFillSync } from 'node:crypto'

export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number
}

const poolWords = 4096

/** Cryptographic randomness from a pool, because one call per message is dear. */
export function secureRandom(): Random {
  const pool = new Uint32Array(poolWords)
  let next = poolWords
  return {
    uint32() {
      if (next === poolWords) {
        randomFillSync(pool)
        next = 0
      }
      const word = pool[next] as number
      pool[next] = 0
      next += 1
      return word
    },
  }
}

/** Repeats from its seed (splitmix32); for tests and simulations only. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    uint32() {
      state = (state + 0x9e3779b9) >>> 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    },
  }
}

/** A whole number from 0 to `bound` - 1, without modulo bias for bounds far below 2^32. */
export function randomBelow(random: Random, bound: number): number {
  const limit = Math.floor(0x1_0000_0000 / bound) * bound
  for (;;) {
    const word = random.uint32()
    if (word < limit) return word % bound
  }
}

/** A fraction from 0 (included) to 1 (excluded), with 32 bits. */
export function randomFraction(random: Random): number {
  return random.uint32() / 0x1_0000_0000
}

const alphabet = Array.from('0123456789abcdefghijklmnopqrstuv', (character) => character.charCodeAt(0))
const codes: number[] = []

/** `length` characters of 5 random bits each: 16 characters are 80 bits (RFC 3261 19.3 asks for 32 at least). */
export function randomToken(random: Random, length: number): string {
  // Made in one piece: a text that grows by single characters is a chain of objects until somebody compares it.
  let bits = 0
  let left = 0
  codes.length = 0
  for (let i = 0; i < length; i++) {
    if (left < 5) {
      bits = random.uint32()
      left = 30
    }
    codes.push(alphabet[bits & 31] as number)
    bits >>>= 5
    left -= 5
  }
  return String.fromCharCode(...codes)
}

/**
 * 9 characters of the time (milliseconds since 1970) and 10 of chance (50 bits): what was made later sorts later, so that an
 * index of a million of them grows at its end, where the pages are in memory.
 */
export function timedToken(random: Random, wallMs: number): string {
  return Math.floor(wallMs).toString(32).padStart(9, '0') + randomToken(random, 10)
}
