// Parameter rewrite: ordered rows, each on the result of the one before, first match only, with the replacement syntax
// of JavaScript ($1, $&, $$, $<name>, $` and $').
import type { Rewrite } from '../contract/parts.ts'
import type { Explanation } from './explanation.ts'
import { compilePattern, type Pattern, type PatternMatch } from './rewrite-pattern.ts'

/** What one `$...` of a replacement stands for; undefined = it is literal text. */
function expand(token: string, text: string, match: PatternMatch, pattern: Pattern): string | undefined {
  const group = (index: number): string => {
    const start = match.starts[index] ?? -1
    return start < 0 ? '' : text.slice(start, match.ends[index])
  }
  if (token === '$$') return '$'
  if (token === '$&') return group(0)
  if (token === '$`') return text.slice(0, match.starts[0])
  if (token === "$'") return text.slice(match.ends[0])
  if (token.startsWith('$<')) {
    const index = pattern.groupNames[token.slice(2, -1)]
    return index === undefined ? '' : group(index)
  }
  const index = Number(token.slice(1))
  if (index >= 1 && index <= pattern.groupCount) return group(index)
  const first = Number(token[1])
  return token.length === 3 && first >= 1 && first <= pattern.groupCount ? group(first) + token.slice(2) : undefined
}

/** `$<` means a name only where the pattern has names (ECMA-262 GetSubstitution). */
const tokensOf = (pattern: Pattern): RegExp =>
  Object.keys(pattern.groupNames).length === 0 ? /\$(?:[$&`']|\d{1,2})/g : /\$(?:[$&`']|\d{1,2}|<[^>]*>)/g

/** Replaces the first match; undefined = the pattern does not match or cannot be used. */
export function replaceFirst(source: string, replacement: string, text: string): string | undefined {
  const pattern = compilePattern(source)
  if (pattern.kind === 'fault') return undefined
  const match = pattern.find(text)
  if (match === undefined) return undefined
  const inserted = replacement.includes('$')
    ? replacement.replaceAll(tokensOf(pattern), (token) => expand(token, text, match, pattern) ?? token)
    : replacement
  return text.slice(0, match.starts[0]) + inserted + text.slice(match.ends[0])
}

/** Applies the rows for one parameter; a row that does not match changes nothing. */
export function applyRewrites(
  rewrites: readonly Rewrite[],
  parameter: Rewrite['parameter'],
  text: string,
  explanation?: Explanation,
): string {
  let result = text
  for (const row of rewrites) {
    if (row.parameter !== parameter) continue
    const replaced = replaceFirst(row.pattern, row.replacement, result)
    explanation?.add(
      'normalise',
      replaced === undefined
        ? `${parameter} ${result}: pattern "${row.pattern}" does not match`
        : `${parameter} ${result} becomes ${replaced} by "${row.pattern}" -> "${row.replacement}"`,
    )
    result = replaced ?? result
  }
  return result
}
