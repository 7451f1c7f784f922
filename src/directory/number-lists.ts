// Many short lists of numbers in two typed arrays in shared memory: publishing them to another thread copies nothing, however
// many there are.
import { sharedInt32 } from './shared-arrays.ts'

/** List `i` is `members` from `offsets[i]` on, up to `offsets[i + 1]`. */
export interface NumberLists {
  readonly offsets: Int32Array
  readonly members: Int32Array
}

export function buildNumberLists(lists: readonly (readonly number[])[]): NumberLists {
  const offsets = sharedInt32(lists.length + 1)
  let count = 0
  for (const [i, list] of lists.entries()) offsets[i + 1] = count += list.length
  const members = sharedInt32(count)
  for (const [i, list] of lists.entries()) members.set(list, offsets[i])
  return { offsets, members }
}

/** How many lists there are. */
export const listCount = ({ offsets }: NumberLists): number => offsets.length - 1

/** The members of one list, in their order. */
export function listAt({ offsets, members }: NumberLists, list: number): number[] {
  const numbers: number[] = []
  const end = offsets[list + 1] ?? 0
  for (let at = offsets[list] ?? 0; at < end; at++) numbers.push(members[at] as number)
  return numbers
}

/** Whether some member of one list fits; makes no list. */
export function someOf({ offsets, members }: NumberLists, list: number, fits: (member: number) => boolean): boolean {
  const end = offsets[list + 1] ?? 0
  for (let at = offsets[list] ?? 0; at < end; at++) if (fits(members[at] as number)) return true
  return false
}

/** Whether an ascending list has this member. */
export function includesAscending({ offsets, members }: NumberLists, list: number, wanted: number): boolean {
  const end = offsets[list + 1] ?? 0
  let low = offsets[list] ?? 0
  let high = end
  while (low < high) {
    const middle = (low + high) >> 1
    if ((members[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low < end && members[low] === wanted
}
