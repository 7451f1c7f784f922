// Our registered Contacts by their user part: an open hash table of places in shared memory. The user part itself stands in
// the endpoint.
import type { Directory, DirectoryEndpoint } from './directory.ts'
import { sharedInt32 } from './shared-arrays.ts'

/** FNV-1a over the characters, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Slots hold index + 1; 0 = free. At least half of them are free. */
export function buildContacts(endpoints: readonly DirectoryEndpoint[]): Int32Array {
  const registering = endpoints.filter(({ contactUser }) => contactUser !== null)
  if (registering.length === 0) return sharedInt32(0)
  const slots = sharedInt32(2 ** Math.ceil(Math.log2(registering.length * 2)))
  const mask = slots.length - 1
  for (const { contactUser, index } of registering) {
    let slot = hashOf(contactUser ?? '') & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = index + 1
  }
  return slots
}

/** The entry that registers with this user part, unescaped. */
export function findContact(
  { contacts, endpoints }: Pick<Directory, 'contacts' | 'endpoints'>,
  user: string,
): DirectoryEndpoint | undefined {
  if (contacts.length === 0) return undefined
  const mask = contacts.length - 1
  for (let slot = hashOf(user) & mask; ; slot = (slot + 1) & mask) {
    const index = contacts[slot] as number
    if (index === 0) return undefined
    const endpoint = endpoints[index - 1]
    if (endpoint?.contactUser === user) return endpoint
  }
}
