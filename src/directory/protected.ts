// Addresses that an operator wrote down without making them callers or gateways: whitelists of SIP users, outbound
// proxies, front proxies. Nobody there is a stranger.
import { parseCidr, type Cidr } from '../contract/address.ts'
import { parseUri } from '../sip/uri.ts'
import { buildCidrTrie } from './cidr-trie.ts'
import type { CidrTrie, DirectorySource } from './directory.ts'

/** `sip:192.0.2.1;lr` or `<sip:192.0.2.1>` -> `192.0.2.1`; a name protects nobody. */
const hostOf = (proxy: string): string => parseUri(proxy.replace(/^[^<]*<([^>]*)>.*$/, '$1'))?.host ?? ''

function* textsOf({ system, endpoints, sipUsers }: DirectorySource): Generator<string> {
  yield* system.frontProxies
  for (const endpoint of endpoints)
    if (endpoint.state !== 'off' && endpoint.action === 'allow')
      for (const { uri } of endpoint.outboundProxy) yield hostOf(uri).replaceAll(/[[\]]/g, '')
  for (const user of sipUsers) yield* user.allowedAddresses
}

export function compileProtected(source: DirectorySource): CidrTrie {
  const ranges: { cidr: Cidr; value: number }[] = []
  for (const text of new Set(textsOf(source))) {
    const cidr = parseCidr(text)
    // "Any address" names nobody.
    if (cidr !== undefined && cidr.prefixLength > 0) ranges.push({ cidr, value: 0 })
  }
  return buildCidrTrie(ranges)
}
