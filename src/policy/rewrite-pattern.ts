// Operators' regular expressions on an engine of linear time, so that no pattern can stall calls. Look-around and
// back-references do not exist in it and are refused with that reason.
import { RE2JS } from 're2js'

/** A compiled pattern; `find` searches anywhere in the text (unanchored). */
export interface Pattern {
  readonly kind: 'pattern'
  /** First match: places of the whole and of each group (-1 = did not take part), or undefined. */
  find(text: string): PatternMatch | undefined
  readonly groupCount: number
  readonly groupNames: Readonly<Record<string, number>>
}

export interface PatternMatch {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Why a pattern cannot be used, in words for the operator. */
export interface PatternFault {
  readonly kind: 'fault'
  readonly reason: string
}

const cacheMax = 10_000
const cache = new Map<string, Pattern | PatternFault>()

/** Compiles once for each source text; the cache is bounded and forgets the oldest. */
export function compilePattern(source: string): Pattern | PatternFault {
  const known = cache.get(source)
  if (known !== undefined) return known
  const compiled = compile(source)
  if (cache.size >= cacheMax) for (const oldest of cache.keys()) if (cache.delete(oldest)) break
  cache.set(source, compiled)
  return compiled
}

/** Walks over the pattern and skips escapes and character classes, where `(?=` and `\1` mean something else. */
function findUnsupported(source: string): string | undefined {
  let inClass = false
  for (let i = 0; i < source.length; i++) {
    const rest = source.slice(i, i + 4)
    if (rest.startsWith('\\')) {
      if (!inClass && /^\\[1-9]/.test(rest)) return `back-reference ${rest.slice(0, 2)} is not supported`
      if (!inClass && rest.startsWith('\\k<')) return 'back-reference \\k<...> is not supported'
      i += 1
    } else if (inClass) inClass = !rest.startsWith(']')
    else if (rest.startsWith('[')) {
      inClass = true
      // A ] right after [ or [^ is a literal.
      i += /^\[\^?\]/.exec(rest)?.[0].length ?? 1
      i -= 1
    } else if (/^\(\?[=!]/.test(rest)) return `look-ahead ${rest.slice(0, 3)}...) is not supported`
    else if (/^\(\?<[=!]/.test(rest)) return `look-behind ${rest.slice(0, 4)}...) is not supported`
  }
  return undefined
}

function compile(source: string): Pattern | PatternFault {
  const unsupported = findUnsupported(source)
  if (unsupported !== undefined)
    return {
      kind: 'fault',
      reason: `${unsupported}: patterns run in linear time, without look-around and back-references`,
    }
  try {
    return usable(RE2JS.compile(source))
  } catch (error) {
    return { kind: 'fault', reason: error instanceof Error ? error.message : String(error) }
  }
}

function usable(regex: RE2JS): Pattern {
  const groupCount = regex.groupCount()
  return {
    kind: 'pattern',
    groupCount,
    groupNames: regex.namedGroups(),
    find(text) {
      const matcher = regex.matcher(text)
      if (!matcher.find()) return undefined
      const starts: number[] = []
      const ends: number[] = []
      for (let group = 0; group <= groupCount; group++) {
        starts.push(matcher.start(group))
        ends.push(matcher.end(group))
      }
      return { starts, ends }
    },
  }
}
