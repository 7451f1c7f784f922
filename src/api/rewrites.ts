// Rewrites tried on given numbers with the engine that calls use; nothing is stored.
import { rewriteTrial, rewriteTrialAnswer, type RewriteTrialResult } from '../contract/api-test-calls.ts'
import { rewrite, type Rewrite } from '../contract/parts.ts'
import { compilePattern } from '../policy/rewrite-pattern.ts'
import { replaceFirst } from '../policy/rewrite.ts'
import type { ApiApp } from './app.ts'
import { basePath } from './operations.ts'

/** What saving this row would be refused for. */
function faultsOf(row: Rewrite, index: number): RewriteTrialResult['errors'] {
  const path = `rewrites[${index}]`
  const issues = rewrite.safeParse(row).error?.issues ?? []
  if (issues.length > 0)
    return issues.map((issue) => ({ path: [path, ...issue.path].join('.'), message: issue.message }))
  const compiled = compilePattern(row.pattern)
  return compiled.kind === 'fault' ? [{ path: `${path}.pattern`, message: compiled.reason }] : []
}

function tryRewrites(rewrites: readonly Rewrite[], before: RewriteTrialResult['before']): RewriteTrialResult {
  const after = { ...before }
  const errors: RewriteTrialResult['errors'] = []
  const steps = rewrites.map((row, rule) => {
    const faults = faultsOf(row, rule)
    errors.push(...faults)
    const { parameter, pattern, replacement } = row
    const text = after[parameter]
    const replaced = faults.length > 0 ? undefined : replaceFirst(pattern, replacement, text)
    if (replaced !== undefined) after[parameter] = replaced
    return { rule, parameter, matched: replaced !== undefined, before: text, after: after[parameter] }
  })
  return { before, after, steps, errors }
}

export function addRewriteRoutes(app: ApiApp): void {
  app.post(
    `${basePath}/rewrites/try`,
    { schema: { body: rewriteTrial, response: { 200: rewriteTrialAnswer } } },
    (request) => {
      const { rewrites, destination, cli } = request.body
      return tryRewrites(rewrites, { destination, cli })
    },
  )
}
