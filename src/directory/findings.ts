// Collects what is wrong with a configuration and what needs a look; bounded, because a bad import may hold a million faults.
import type { InputError, Warning, WarningCode } from '../base/fault.ts'
import { bound } from '../base/limits.ts'

/** A row as findings know it. */
interface Placed {
  readonly id: string
  readonly path: string
}

export class Findings {
  readonly errors: InputError[] = []
  readonly warnings: Warning[] = []
  /** Warnings of each row by its id; paths start at the row. */
  readonly byRow = new Map<string, Warning[]>()
  readonly #most: number

  constructor(most = bound('findingsMax')) {
    this.#most = most
  }

  /** No further error is listed. */
  get full(): boolean {
    return this.errors.length > this.#most
  }

  error(path: string, message: string): void {
    if (this.errors.length < this.#most) this.errors.push({ path, message })
    else if (this.errors.length === this.#most)
      this.errors.push({ path: '', message: `more than ${this.#most}; the rest is not listed` })
  }

  warn(row: Placed, field: string, code: WarningCode, message: string): void {
    this.note(row, field, code, message)
    if (this.warnings.length < this.#most) this.warnings.push({ path: `${row.path}.${field}`, message, code })
    else if (this.warnings.length === this.#most)
      this.warnings.push({ path: '', message: `more than ${this.#most}; the rest is not listed`, code: 'more' })
  }

  /** False when no further warning of this row is kept: then there is no need to word one. */
  hasRoom(row: Placed): boolean {
    const own = this.byRow.get(row.id)
    return own === undefined ? this.byRow.size < bound('warnedRowsMax') : own.length < bound('warningsPerRowMax')
  }

  /** For who looks at this row only: the list of the whole configuration says it at another row, or not at all. */
  note(row: Placed, field: string, code: WarningCode, message: string): void {
    if (!this.hasRoom(row)) return
    const own = this.byRow.get(row.id)
    if (own === undefined) this.byRow.set(row.id, [{ path: field, message, code }])
    else own.push({ path: field, message, code })
  }
}
