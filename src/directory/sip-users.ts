// Finds SIP users by name, and tells from which addresses they may call. What it costs does not depend on whether a user
// of that name exists.
import type { IpAddress } from '../contract/address.ts'
import { findAll, findLongest } from './cidr-trie.ts'
import type { Directory, DirectorySipUser } from './directory.ts'

/** Exact, in this very case. */
export function findSipUser({ sipUsers }: Directory, username: string): DirectorySipUser | undefined {
  let low = 0
  let high = sipUsers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sipUsers[middle] as DirectorySipUser).username < username) low = middle + 1
    else high = middle
  }
  const user = sipUsers[low]
  return user?.username === username ? user : undefined
}

function includesAscending(list: readonly number[], wanted: number): boolean {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return list[low] === wanted
}

const found: number[] = []

/** Whether this user may call from this address: one of its ranges is around it, or it has none. */
export function mayCallFrom(directory: Directory, user: DirectorySipUser | undefined, ip: IpAddress): boolean {
  found.length = 0
  findAll(directory.allowed, ip, found)
  const wanted = user?.index ?? -1
  const listed = found.some((set) => includesAscending(directory.allowedSets[set] ?? [], wanted))
  return listed || user?.allowedAddresses.length === 0
}

/** Whether somebody who can sign in may call from this address: then, and only then, a challenge makes sense. */
export const isChallenged = (directory: Directory, ip: IpAddress): boolean =>
  directory.allowsAnywhere || findLongest(directory.allowed, ip) >= 0
