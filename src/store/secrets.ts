// Secrets at rest: AES-256-GCM under a key that lies beside the database, never in it. Each ciphertext is bound to its
// owner and field, so that rows cannot be swapped. The key comes from the operating system, never from a seed.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Fault } from '../base/fault.ts'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** Reads the key file, or makes it once with mode 0600 when `mayCreate`. */
export function openKeyFile(file: string, mayCreate: boolean): Buffer {
  if (!existsSync(file)) {
    if (!mayCreate)
      throw new Fault('store_unavailable', `${file} is missing: without it the secrets in the database cannot be read`)
    const descriptor = openSync(file, 'wx', 0o600)
    writeSync(descriptor, `${randomBytes(32).toString('base64')}\n`)
    fsyncSync(descriptor)
    closeSync(descriptor)
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== 32) throw new Fault('store_unavailable', `${file} is no key file: 32 bytes in base64 expected`)
  return key
}

export class SecretBox {
  readonly #key: KeyObject

  constructor(key: Buffer) {
    this.#key = createSecretKey(key)
  }

  /** Ciphertext as text: `1.` (format), then IV, tag and ciphertext in base64. */
  seal(owner: string, field: string, clear: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv(algorithm, this.#key, iv).setAAD(Buffer.from(`${owner}/${field}`))
    const sealed = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()])
    return `1.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
  }

  /** Fault store_unavailable when the key, the owner or the field is another one, or the text was changed. */
  unseal(owner: string, field: string, sealed: string): string {
    try {
      const bytes = Buffer.from(sealed.slice(2), 'base64')
      const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(`${owner}/${field}`))
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    } catch (cause) {
      throw new Fault('store_unavailable', `the secret ${field} of ${owner} cannot be read with this key`, { cause })
    }
  }
}
