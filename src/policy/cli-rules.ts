// Which CLIs an account may show: numbers (compared whole, without a leading +) or patterns (searched anywhere).
import { bareNumber } from '../directory/bare-number.ts'
import type { DirectoryAccount } from '../directory/directory.ts'
import { compilePattern, type Pattern } from './rewrite-pattern.ts'

interface CliRules {
  readonly numbers: ReadonlySet<string>
  readonly patterns: readonly Pattern[]
}

/** Compiled on first use; goes with the directory that holds the account. */
const compiled = new WeakMap<DirectoryAccount, CliRules>()

/** A rule that is a number; everything else is a pattern. */
export const isNumberRule = (rule: string): boolean => /^\+?[0-9*#]+$/.test(rule)

function rulesOf(account: DirectoryAccount): CliRules {
  const known = compiled.get(account)
  if (known !== undefined) return known
  const rules = {
    numbers: new Set(account.cliRules.filter((rule) => isNumberRule(rule)).map((rule) => bareNumber(rule))),
    patterns: account.cliRules
      .filter((rule) => !isNumberRule(rule))
      .map((rule) => compilePattern(rule))
      .filter((pattern) => pattern.kind === 'pattern'),
  }
  compiled.set(account, rules)
  return rules
}

/** No rules match nothing: an entry that asks for a CLI fails closed. */
export function matchesCliRules(account: DirectoryAccount, cli: string): boolean {
  const rules = rulesOf(account)
  return rules.numbers.has(bareNumber(cli)) || rules.patterns.some((pattern) => pattern.find(cli) !== undefined)
}
