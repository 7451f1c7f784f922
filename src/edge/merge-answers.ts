// Several signalling threads, one answer: how what each of them says becomes what the control thread hears. Questions that are
// not in the table are for the first thread alone: it answers for all, because what they are about exists once.
import type { MetricName, Sample } from '../base/metrics.ts'
import type { EdgeQuestionName, EdgeQuestions, LimitState, RejectedSource } from './seam.ts'

type Answer<Name extends EdgeQuestionName> = EdgeQuestions[Name]['answer']
type Merge<Name extends EdgeQuestionName> = (
  answers: readonly Answer<Name>[],
  ask: EdgeQuestions[Name]['ask'],
) => Answer<Name>

/** Of these the largest counts; everything else is added. */
const largest: ReadonlySet<MetricName> = new Set<MetricName>(['directoryRevision', 'overloadShare'])

function mergeSamples(answers: readonly (readonly Sample[])[]): Sample[] {
  const merged = new Map<string, Sample>()
  for (const sample of answers.flat()) {
    const { metric, labels, values } = sample
    const key = JSON.stringify([metric, ...labels])
    const known = merged.get(key)
    const join = largest.has(metric) ? Math.max : (a: number, b: number): number => a + b
    if (known === undefined) merged.set(key, sample)
    else merged.set(key, { metric, labels, values: known.values.map((value, i) => join(value, values[i] ?? 0)) })
  }
  return [...merged.values()]
}

/** Counts are shared and the same everywhere; each thread knows its own calls. */
function mergeLimits(answers: readonly (readonly LimitState[])[], callsPerScopeMax: number): LimitState[] {
  const merged = new Map<string, LimitState>()
  for (const row of answers.flat()) {
    const key = JSON.stringify([row.scope, row.id, row.kind])
    const known = merged.get(key)
    if (known === undefined) merged.set(key, row)
    else {
      const calls = [...new Set([...known.calls, ...row.calls])].slice(0, callsPerScopeMax)
      merged.set(key, { ...known, name: known.name === '' ? row.name : known.name, calls })
    }
  }
  return [...merged.values()]
}

function mergeRejections(answers: readonly (readonly RejectedSource[])[]): RejectedSource[] {
  const merged = new Map<string, RejectedSource>()
  for (const row of answers.flat()) {
    const key = `${row.address} ${row.reason}`
    const known = merged.get(key)
    const last = known === undefined || row.lastAt >= known.lastAt ? row : known
    merged.set(key, { ...last, count: row.count + (known?.count ?? 0) })
  }
  return [...merged.values()]
}

const merges: { readonly [Name in EdgeQuestionName]?: Merge<Name> | undefined } = {
  calls: (answers) => answers.flat(),
  call: (answers) => answers.find((answer) => answer !== null) ?? null,
  endCall: (answers) => answers.includes(true),
  limits: (answers, { callsPerScopeMax }) => mergeLimits(answers, callsPerScopeMax),
  metrics: mergeSamples,
  // A call that comes back to us is one of each of two threads; the longer trace is that of the call itself.
  trace: (answers) =>
    answers.reduce((best, one) => ((one?.messages.length ?? 0) > (best?.messages.length ?? 0) ? one : best)),
  rejections: mergeRejections,
  drain: (answers) => ({ calls: answers.reduce((sum, { calls }) => sum + calls, 0) }),
}

/** Undefined: the first thread is the only one to be asked. */
export const findMerge = <Name extends EdgeQuestionName>(name: Name): Merge<Name> | undefined => merges[name]
