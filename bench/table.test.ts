// Rows as text, medians, which runs count, the page and its marks, and what the bench can be told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsUntilCalm } from './flood.ts'
import { floorLine, shortCallsLine, withGap } from './gap.ts'
import { PhaseCounts } from './generator/counts.ts'
import { readOptions } from './options.ts'
import { parts } from './parts.ts'
import type { Row } from './part.ts'
import type { BenchResult } from './report.ts'
import { fourTurns, medianRow, twoTurns } from './rounds.ts'
import { median } from './statistics.ts'
import { figuresText, fillPage, isMet, tableCells } from './table.ts'
import { flawOf, generatorFault, latenessOf } from './window.ts'

const row = (more: Partial<Row>): Row => ({ what: 'w', unit: 'us', tollgate: 50, kamailio: 100, ...more })

test('a target holds against the ratio or against our own figure; without figures it is open', () => {
  assert.equal(isMet(row({})), undefined)
  assert.equal(isMet(row({ target: { of: 'ratio', atMost: 0.6 } })), true)
  assert.equal(isMet(row({ tollgate: 61, target: { of: 'ratio', atMost: 0.6 } })), false)
  assert.equal(isMet(row({ target: { of: 'ratio', atLeast: 2 } })), false)
  assert.equal(isMet(row({ target: { of: 'tollgate', atMost: 50 } })), true)
  assert.equal(isMet(row({ tollgate: 'not measured', target: { of: 'tollgate', atMost: 50 } })), undefined)
  assert.equal(isMet(row({ kamailio: null, target: { of: 'ratio', atMost: 1 } })), undefined)
})

test('a line has both figures, their ratio and the target; texts stand where figures are missing', () => {
  const target = { of: 'ratio', atMost: 0.6 } as const
  assert.deepEqual(tableCells(row({ target })), ['w', '50 us', '100 us', '0.50', 'ratio <= 0.6: met'])
  assert.deepEqual(tableCells(row({ tollgate: 'not measured', kamailio: null })), ['w', 'not measured', '-', '-', '-'])
  assert.deepEqual(tableCells(row({ tollgate: 12_345.6, unit: '' })).slice(1, 2), ['12,346'])
})

test('medians are of the runs that count; none is said', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.equal(median([]), undefined)
  const run = (name: 'tollgate' | 'kamailio', value: number, invalid: string | null = null) => ({
    name,
    value,
    invalid,
  })
  const runs = [
    run('tollgate', 1),
    run('tollgate', 3),
    run('tollgate', 100, 'a call failed'),
    run('kamailio', 9, 'lost'),
  ]
  const made = medianRow({ what: 'w', unit: 'us' }, runs, (one) => one.value)
  assert.deepEqual([made.tollgate, made.kamailio], [2, 'no valid run'])
})

test('A B B A: in one round, or over two rounds of what takes long', () => {
  const four = ['tollgate', 'kamailio', 'kamailio', 'tollgate']
  assert.deepEqual(
    fourTurns(1).map(({ name }) => name),
    four,
  )
  assert.deepEqual(
    twoTurns(2).map(({ name }) => name),
    four,
  )
})

const phaseWith = (add: (counts: PhaseCounts) => void) => {
  const counts = new PhaseCounts({ callsPerSecond: 10, seconds: 1, holdMs: 1 })
  for (let i = 0; i < 10; i++) counts.add('offered')
  add(counts)
  return counts.result()
}

test('a run counts without one failure, repetition or drop, while the generator has room', () => {
  assert.equal(
    flawOf(
      phaseWith(() => undefined),
      0,
    ),
    undefined,
  )
  assert.equal(
    flawOf(
      phaseWith(() => undefined),
      3,
    ),
    'dropped by the kernel 3',
  )
  assert.equal(
    flawOf(
      phaseWith((counts) => counts.add('okSentAgain')),
      0,
    ),
    'okSentAgain 1',
  )
  const refused = phaseWith((counts) => counts.addRefused(503))
  assert.equal(flawOf(refused, 0), 'refused 1')
  assert.deepEqual(refused.refusedBy, { 503: 1 })
  const busy = phaseWith((counts) => {
    counts.generatorShare = 0.71
  })
  assert.match(generatorFault(busy) ?? '', /71 %/)
  assert.match(flawOf(busy, 0) ?? '', /71 %/)
  const few = new PhaseCounts({ callsPerSecond: 10, seconds: 1, holdMs: 1 }).result()
  assert.equal(generatorFault(few), '0 of 10 calls offered')
})

test('delays do not count where the generator was late', () => {
  assert.equal(latenessOf(phaseWith((counts) => counts.late.record(1))), undefined)
  assert.match(latenessOf(phaseWith((counts) => counts.late.record(80))) ?? '', /late by 8\d ms/)
})

test('normal again: the first of three calm seconds in a row after the flood', () => {
  const calm = { offered: 10, answered: 10, refused: 0, ended: 10, sentAgain: 0, setUpMaxMs: 5 }
  const busy = { ...calm, refused: 3 }
  assert.equal(secondsUntilCalm([calm, busy, busy, calm, calm, calm], 2), 1)
  assert.equal(secondsUntilCalm([calm, busy, calm, calm, calm], 2), 0)
  assert.equal(secondsUntilCalm([calm, busy, calm, busy, calm, calm], 2), null)
})

const result: BenchResult = {
  at: '2026-11-23T10:00:00.000Z',
  commit: `${'a'.repeat(40)} with changes`,
  machine: { processor: 'x', processors: 2, memoryGiB: 8, kernel: '6', node: '24', kamailio: '5.6', sipp: '3.6' },
  options: { partNames: ['cpu'], rounds: 1, windowSeconds: 6, warmSeconds: 33, shrink: 1, net: '127.0.80' },
  parts: [
    {
      name: 'cpu',
      seconds: 1,
      rows: [row({ what: 'a | b', tollgate: 90, target: { of: 'ratio', atMost: 0.6 } })],
      invalid: ['round 1, kamailio: refused 3'],
      figures: null,
    },
    { name: 'memory', seconds: 1, failed: 'ended after its time limit of 9 s', rows: [], invalid: [], figures: null },
  ],
}

test('what lies between Kamailio and the floor follows the floor, and only where all three were measured', () => {
  const cpu = row({ what: shortCallsLine(1_200), tollgate: 80, kamailio: 120 })
  const floor = row({ what: floorLine(1_200), tollgate: 40, kamailio: null })
  const other = row({ what: shortCallsLine(300), tollgate: 1, kamailio: 2 })
  const lines = withGap([other, cpu, floor, row({ what: 'after' })])
  assert.deepEqual(
    lines.slice(3).map(({ what, tollgate, kamailio }) => [what, tollgate, kamailio]),
    [
      ['... CPU per call at 1,200 calls/s divided by that floor', 2, 3],
      ['... of what lies between Kamailio and that floor, the share that is closed', 0.5, null],
      ['after', 50, 100],
    ],
  )
  for (const rows of [
    [other, floor],
    [{ ...cpu, kamailio: 'no valid run' }, floor],
    [cpu, { ...floor, tollgate: 'x' }],
  ])
    assert.equal(withGap(rows).length, 2)
})

test('the page: commit and machine, the table, what is missed, what does not count; the text around it stays', () => {
  const text = figuresText(result)
  assert.match(text, /commit `aaaaaaaaaaaa` with changes: 2 processors/)
  assert.ok(text.includes(String.raw`| a \| b | 90 us | 100 us | 0.90 | ratio <= 0.6: missed |`))
  assert.match(text, /Targets missed: 1\. a \| b\./)
  assert.match(text, /- cpu: round 1, kamailio: refused 3/)
  assert.match(text, /- memory: ended after its time limit of 9 s/)
  const page = 'before\n<!-- figures: start -->\nold\n<!-- figures: end -->\nafter\n'
  const filled = fillPage(page, text)
  assert.ok(filled.startsWith('before\n') && filled.endsWith('\nafter\n') && !filled.includes('old'))
  assert.equal(fillPage(filled, text), filled)
  assert.throws(() => fillPage('no marks', text), /marks/)
})

test('each part has a name of its own and a time limit; options name them', () => {
  const names = parts.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  const options = readOptions(['--quick', '--only=lookup,cpu', '--rounds=3', '--net=127.0.9'], names)
  assert.deepEqual(
    options.partNames,
    ['cpu', 'lookup'].filter((name) => names.includes(name)),
  )
  assert.deepEqual([options.rounds, options.shrink, options.net], [3, 10, '127.0.9'])
  for (const part of parts) assert.ok(part.limitSeconds(options) > 0)
  for (const wrong of ['--only=nothing', '--rounds=0', '--window=x', '--net=10.0.0'])
    assert.throws(() => readOptions([wrong], names))
})
