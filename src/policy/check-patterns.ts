// Checks of operators' texts that need the pattern engine: rewrites and CLI rules of a configuration, with their paths.
// The control thread runs it beside compileDirectory, so that a bad pattern is refused on save and never reaches a call.
import type { InputError } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { Rewrite } from '../contract/parts.ts'
import type { DirectorySource } from '../directory/directory.ts'
import { isNumberRule } from './cli-rules.ts'
import { isEssentialHeader } from './headers.ts'
import { compilePattern } from './rewrite-pattern.ts'

function* rewriteFaults(path: string, rewrites: readonly Rewrite[]): Generator<InputError> {
  for (const [i, { pattern }] of rewrites.entries()) {
    const compiled = compilePattern(pattern)
    if (compiled.kind === 'fault') yield { path: `${path}.rewrites[${i}].pattern`, message: compiled.reason }
  }
}

function* faultsOf(source: DirectorySource): Generator<InputError> {
  for (const row of [...source.endpoints, ...source.sipUsers]) yield* rewriteFaults(row.path, row.rewrites)
  for (const { path, cliRules, headerRules } of source.accounts) {
    for (const [i, rule] of cliRules.entries()) {
      const compiled = isNumberRule(rule) ? undefined : compilePattern(rule)
      if (compiled?.kind === 'fault') yield { path: `${path}.cliRules[${i}]`, message: compiled.reason }
    }
    for (const [i, name] of headerRules.remove.entries())
      if (isEssentialHeader(name))
        yield { path: `${path}.headerRules.remove[${i}]`, message: `${name} is essential and can never be removed` }
  }
}

/** Everything wrong with patterns and header rules, at most `findingsMax`. */
export function checkPatterns(source: DirectorySource): InputError[] {
  const errors: InputError[] = []
  for (const error of faultsOf(source)) {
    if (errors.length === bound('findingsMax')) break
    errors.push(error)
  }
  return errors
}
