// Files that are handed to a command by name; `-` is standard input.
import { readFileSync } from 'node:fs'
import { usage } from './failure.ts'

/** What messages call it. */
export const originOf = (name: string): string => (name === '-' ? 'standard input' : name)

export function readInput(name: string): string {
  try {
    return readFileSync(name === '-' ? 0 : name, 'utf8')
  } catch (error) {
    throw usage(`cannot read ${originOf(name)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
