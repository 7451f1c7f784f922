// The secret that signs webhooks: made by itself when it is first needed, encrypted in the store, shown once to whoever makes
// a new one.
import { randomBytes } from 'node:crypto'
import type { Store } from '../store/store.ts'

const metaKey = 'webhookSecret'
const [owner, field] = ['system', 'webhook']

export class WebhookSecret {
  readonly #store: Store
  #clear: string | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** The one in force. */
  async get(): Promise<string> {
    if (this.#clear !== undefined) return this.#clear
    const sealed = await this.#store.findMeta(metaKey)
    if (sealed === undefined) return this.make()
    this.#clear = this.#store.secrets.unseal(owner, field, sealed)
    return this.#clear
  }

  /** A new one; the one before is void at once. */
  async make(): Promise<string> {
    const clear = `whsec_${randomBytes(32).toString('base64url')}`
    await this.#store.setMeta(metaKey, this.#store.secrets.seal(owner, field, clear))
    this.#clear = clear
    return clear
  }
}
