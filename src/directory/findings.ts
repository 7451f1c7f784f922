// Collects what is wrong with a configuration; bounded, because a bad import may hold a million faults.
import type { InputError } from '../base/fault.ts'
import { bound } from '../base/limits.ts'

export class Findings {
  readonly errors: InputError[] = []
  readonly warnings: InputError[] = []

  error(path: string, message: string): void {
    this.#add(this.errors, path, message)
  }

  warn(path: string, message: string): void {
    this.#add(this.warnings, path, message)
  }

  #add(list: InputError[], path: string, message: string): void {
    const most = bound('findingsMax')
    if (list.length < most) list.push({ path, message })
    else if (list.length === most) list.push({ path: '', message: `more than ${most}; the rest is not listed` })
  }
}
