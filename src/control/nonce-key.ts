// The key of digest nonces: made once by the operating system, kept encrypted in the database, so that a nonce from before
// a restart is known as ours.
import { randomBytes } from 'node:crypto'
import type { Store } from '../store/store.ts'

const metaKey = 'nonceKey'

export async function openNonceKey(store: Store): Promise<string> {
  const sealed = await store.findMeta(metaKey)
  if (sealed !== undefined) return store.secrets.unseal('meta', metaKey, sealed)
  const key = randomBytes(32).toString('base64')
  await store.setMeta(metaKey, store.secrets.seal('meta', metaKey, key))
  return key
}
