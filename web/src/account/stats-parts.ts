// Of what of an account figures are shown: of all of it, of one of its entries, of one of its SIP users. Pure.
import type { EndpointItem, SipUserItem } from '../../../src/contract/api-config.ts'

export interface StatsPart {
  /** As it stands in the query: `endpoint:ID`; '' for the whole account. */
  readonly value: string
  readonly label: string
}

/** So many of each are offered; the page of statistics takes any name. */
export const partsMax = 200

const wholeAccount: StatsPart = { value: '', label: 'The whole account' }

function partsOfEntry({ id, name, direction }: EndpointItem): StatsPart[] {
  const gateway = { value: `gateway:${id}`, label: direction === 'both' ? `${name}: calls sent to it` : name }
  const sender = { value: `endpoint:${id}`, label: direction === 'both' ? `${name}: calls it sent` : name }
  if (direction === 'receives') return [gateway]
  return direction === 'sends' ? [sender] : [gateway, sender]
}

export const partsOf = (entries: readonly EndpointItem[], users: readonly SipUserItem[]): readonly StatsPart[] => [
  wholeAccount,
  ...entries.flatMap((entry) => partsOfEntry(entry)),
  ...users.map(({ id, username }) => ({ value: `sipUser:${id}`, label: `SIP user ${username}` })),
]

/** The part of the query that says whose figures are meant. */
export function queryOfPart(value: string, accountId: string): Record<string, string> {
  const at = value.indexOf(':')
  return at < 0 ? { account: accountId } : { [value.slice(0, at)]: value.slice(at + 1) }
}
