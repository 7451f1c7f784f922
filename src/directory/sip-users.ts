// Finds SIP users by name, and tells from which addresses they may call. What it costs does not depend on whether a user
// of that name exists.
import type { IpAddress } from '../contract/address.ts'
import { findAll, findLongest } from './cidr-trie.ts'
import type { Directory, DirectorySipUser } from './directory.ts'
import { includesAscending } from './number-lists.ts'

/** Exact, in this very case. */
export function findSipUser(
  { sipUsers, sipUsersByName }: Pick<Directory, 'sipUsers' | 'sipUsersByName'>,
  username: string,
): DirectorySipUser | undefined {
  const at = (place: number): DirectorySipUser | undefined => sipUsers[sipUsersByName[place] ?? -1]
  let low = 0
  let high = sipUsersByName.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at(middle) as DirectorySipUser).username < username) low = middle + 1
    else high = middle
  }
  const user = at(low)
  return user?.username === username ? user : undefined
}

const found: number[] = []

/** Whether this user may call from this address: one of its ranges is around it, or it has none. */
export function mayCallFrom({ allowed }: Directory, user: DirectorySipUser | undefined, ip: IpAddress): boolean {
  found.length = 0
  findAll(allowed.trie, ip, found)
  const wanted = user?.index ?? -1
  const listed = found.some((list) => includesAscending(allowed.lists, list, wanted))
  return listed || user?.fromAnywhere === true
}

/** Whether somebody who can sign in may call from this address: then, and only then, a challenge makes sense. */
export const isChallenged = (directory: Directory, ip: IpAddress): boolean =>
  directory.allowsAnywhere || findLongest(directory.allowed.trie, ip) >= 0
