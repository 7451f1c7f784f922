// The proxies that stand in front of Tollgate: whoever sends from one of their addresses may say where a request comes from.
import { parseCidr, type IpAddress } from '../contract/address.ts'
import { buildCidrTrie, findLongest } from './cidr-trie.ts'
import type { CidrTrie, Directory } from './directory.ts'

type System = Directory['system']

/** Made once for each set of settings, which live as long as their directory. */
const tries = new WeakMap<System, CidrTrie>()

function compile({ frontProxies }: System): CidrTrie {
  return buildCidrTrie(
    frontProxies.flatMap((text) => {
      const cidr = parseCidr(text)
      // A list that names everybody would make everybody's word count; it names nobody.
      return cidr === undefined || cidr.prefixLength === 0 ? [] : [{ cidr, value: 0 }]
    }),
  )
}

/** Costs nothing where none is configured. */
export function isFrontProxy({ system }: Pick<Directory, 'system'>, ip: IpAddress): boolean {
  if (system.frontProxies.length === 0) return false
  let trie = tries.get(system)
  if (trie === undefined) {
    trie = compile(system)
    tries.set(system, trie)
  }
  return findLongest(trie, ip) !== -1
}
