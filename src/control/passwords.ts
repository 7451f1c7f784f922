// Passwords of people: argon2id (RFC 9106) on the thread pool, in the usual text form, so that parameters may grow.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { InputError } from '../base/fault.ts'

const parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
const waitingMax = 32
const common = new Set(['password', 'password1', '12345678', '123456789', '1234567890', 'qwertyuiop', 'iloveyou'])

/** Why this is no password, or undefined. Length counts, not the mix of characters. */
export function passwordFault(password: string, username: string): InputError | undefined {
  const path = 'password'
  if (password.length < 8 || password.length > 256) return { path, message: '8 to 256 characters' }
  if (common.has(password.toLowerCase())) return { path, message: 'too common' }
  if (password.toLowerCase() === username.toLowerCase()) return { path, message: 'not the name itself' }
  return undefined
}

interface Parsed {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
  readonly tag: Buffer
}

const pattern = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function parseHash(text: string): Parsed | undefined {
  const [, memory, passes, parallelism, salt, tag] = pattern.exec(text) ?? []
  if (memory === undefined || salt === undefined || tag === undefined) return undefined
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

const bare = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** Hashes one password after the other, because each takes 19 MiB; more than 32 waiting are refused. */
export class Passwords {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  #derive(password: string, salt: Buffer, cost: Pick<Parsed, 'memory' | 'passes' | 'parallelism'>, length: number) {
    if (this.#waiting >= waitingMax) throw new Fault('too_many_requests', 'too many people sign in at once')
    this.#waiting += 1
    const { memory, passes, parallelism } = cost
    const work = (): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const options = { message: password, nonce: salt, memory, passes, parallelism, tagLength: length }
        argon2('argon2id', options, (error, tag) => {
          this.#waiting -= 1
          if (error === null) resolve(tag)
          else reject(error)
        })
      })
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const tag = await this.#derive(password, salt, parameters, parameters.tagLength)
    const { memory, passes, parallelism } = parameters
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${bare(salt)}$${bare(tag)}`
  }

  /** `stored` undefined = nobody has that name: the same work is done, the answer is no. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const known = stored === undefined ? undefined : parseHash(stored)
    const salt = known?.salt ?? Buffer.alloc(16)
    const tag = await this.#derive(password, salt, known ?? parameters, known?.tag.length ?? parameters.tagLength)
    return known !== undefined && timingSafeEqual(tag, known.tag)
  }

  /** True when the hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean {
    const known = parseHash(stored)
    return known?.memory !== parameters.memory || known.passes !== parameters.passes
  }
}
