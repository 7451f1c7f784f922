// The first look at a packet: is its source blocked? Runs before any state exists.
import { findAll } from '../directory/cidr-trie.ts'
import type { Directory } from '../directory/directory.ts'
import type { Explanation } from './explanation.ts'
import { refuse } from './refusals.ts'
import type { Refusal, SourceFacts } from './verdict.ts'

const found: number[] = []

/** The most specific block in force refuses; expired ones do not count. `wallMs` = milliseconds since 1970. */
export function screen(
  directory: Directory,
  facts: SourceFacts,
  wallMs: number,
  explanation?: Explanation,
): Refusal | undefined {
  found.length = 0
  findAll(directory.blocked, facts.ip, found)
  for (const index of found) {
    const block = directory.blocks[index]
    if (block === undefined) continue
    if (block.expiresAt !== null && Date.parse(block.expiresAt) <= wallMs) {
      explanation?.add('screen', `block ${block.address} around ${facts.address} expired at ${block.expiresAt}`)
      continue
    }
    const until = block.expiresAt === null ? 'without end' : `until ${block.expiresAt}`
    const detail = `source ${facts.address} is blocked by ${block.address} ${until}${block.reason === '' ? '' : `: ${block.reason}`}`
    explanation?.add('screen', detail)
    return refuse('source_blocked', { reasonPhrase: 'Forbidden', detail })
  }
  explanation?.add('screen', `no block in force contains ${facts.address}`)
  return undefined
}
