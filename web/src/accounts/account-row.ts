// What the lists of carriers and customers show, and what the two kinds are called.
import type { CarrierItem } from '../../../src/contract/api-config.ts'
import type { AccountFigures } from '../../../src/contract/api-stats.ts'

export type AccountKind = 'carrier' | 'customer'
/** `summary`: the last hour and now, as lists give it. */
export type AccountRow = CarrierItem & { readonly summary?: AccountFigures }

export const pathOf = (kind: AccountKind): string => (kind === 'carrier' ? '/carriers' : '/customers')

interface Words {
  readonly title: string
  readonly many: string
  readonly lead: string
  readonly empty: string
}

const words: Readonly<Record<AccountKind, Words>> = {
  carrier: {
    title: 'Carriers',
    many: 'carriers',
    lead: 'Companies that take calls from us, or send calls to us.',
    empty: 'A carrier takes calls at its gateways and may send calls to us. A name is enough to begin with.',
  },
  customer: {
    title: 'Customers',
    many: 'customers',
    lead: 'Those whose calls we take: by their addresses, or by SIP users.',
    empty: 'A customer sends calls, known by its addresses or by SIP users. A name is enough to begin with.',
  },
}

export const wordsOf = (kind: AccountKind): Words => words[kind]
