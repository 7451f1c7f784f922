// Why a command did not do its work, and the exit code that says so: 1 = refused, 2 = wrong usage.
import type { Problem } from '../contract/api-common.ts'

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: 1 | 2
  /** What the server answered, if it did. */
  readonly problem: Problem | undefined
  /** Further lines, each one thing that is wrong. */
  readonly lines: readonly string[]

  constructor(exitCode: 1 | 2, message: string, options: { problem?: Problem; lines?: readonly string[] } = {}) {
    super(message)
    this.exitCode = exitCode
    this.problem = options.problem
    this.lines = options.lines ?? []
  }
}

export const usage = (message: string): CommandFailure => new CommandFailure(2, message)
export const refused = (message: string): CommandFailure => new CommandFailure(1, message)
