// What one call cost, and whose ledger it is charged to.
import type { Millionths } from '../contract/money.ts'

export interface Charge {
  readonly cost: Millionths
  readonly currency: string
  /** Of the rate line. */
  readonly prefix: string
}
