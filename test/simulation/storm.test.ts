// Random storms over the whole edge: a wire that loses, doubles, delays and reorders, peers with moods, changes under load
// (reliability R15 and R17). The rules are in the kit: storm-rules while it blows, storm-audit at the end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../kit/counts.ts'
import { runStorm } from '../kit/storm.ts'
import type { StormReport } from '../kit/storm.ts'
import type { Weather } from '../kit/storm-wire.ts'

/** What to look at when a rule was broken: the messages of the calls that it names. */
function explain(report: StormReport): string {
  const numbers = report.broken.join(' ').match(/\b(?:4420|4930)\d{6}\b/g) ?? []
  const lines = report.ladder.filter((line) => numbers.some((number) => line.includes(number)))
  return [...report.broken, ...lines.slice(0, 200)].join('\n')
}

const weathers: readonly Weather[] = [
  { loss: 0.05, double: 0.05, jitterMs: 200 },
  { loss: 0.02, double: 0.2, jitterMs: 50 },
  { loss: 0.15, double: 0.05, jitterMs: 100 },
  { loss: 0.05, double: 0.05, jitterMs: 400 },
]

test(`${counts.storms} storms of ${counts.stormSeconds} s break no rule and leave nothing behind`, (context) => {
  let calls = 0
  let answered = 0
  let attempts = 0
  let messages = 0
  let virtualMs = 0
  for (let storm = 0; storm < counts.storms; storm++) {
    const seed = seeds.storms + storm
    const weather = weathers[storm % weathers.length] as Weather
    const report = runStorm({ seed, seconds: counts.stormSeconds, callsPerSecond: counts.stormCallsPerSecond, weather })
    assert.deepEqual(report.broken, [], `seed ${seed}:\n${explain(report)}`)
    calls += report.calls
    answered += report.answered
    attempts += report.attempts
    messages += report.messages
    virtualMs += report.virtualMs
  }
  context.diagnostic(
    `${counts.storms} seeds from ${seeds.storms}, ${Math.round(virtualMs / 60_000)} virtual minutes, ${calls} calls, ` +
      `${answered} answered, ${attempts} attempts, ${messages} messages`,
  )
  assert.ok(answered * 5 > calls, 'a fair share of the calls is answered')
})
