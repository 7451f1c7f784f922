// Rewrites: the product's vectors, the replacement syntax against the engine of JavaScript, and patterns that would stall
// a backtracking engine.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { randomBelow, seededRandom, type Random } from '../base/random.ts'
import { Explanation } from './explanation.ts'
import { compilePattern } from './rewrite-pattern.ts'
import { applyRewrites, replaceFirst } from './rewrite.ts'

const destination = (pattern: string, replacement: string) => ({
  parameter: 'destination' as const,
  pattern,
  replacement,
})

test('the vectors: + to 44, leading 0 to 44, a prefix in front, no match unchanged', () => {
  const vectors: [string, string, string, string][] = [
    [String.raw`\+`, '44', '+1782', '441782'],
    ['^0', '44', '01782', '441782'],
    ['^', '#1#', '441782', '#1#441782'],
    ['^0', '44', '1782', '1782'],
    ['0', '', '100200', '10200'],
    ['$', '#', '123', '123#'],
    ['^44', '0044', '441782', '00441782'],
  ]
  for (const [pattern, replacement, from, to] of vectors)
    assert.equal(applyRewrites([destination(pattern, replacement)], 'destination', from), to, pattern)
})

test('rows work in order, each on the result of the one before, and only for their parameter', () => {
  const rows = [
    destination('^00', '+'),
    { parameter: 'cli' as const, pattern: '.*', replacement: 'anonymous' },
    destination(String.raw`^\+44(\d+)`, '0$1'),
  ]
  const explanation = new Explanation()
  assert.equal(applyRewrites(rows, 'destination', '00441782', explanation), '01782')
  assert.equal(applyRewrites(rows, 'cli', '441'), 'anonymous')
  assert.deepEqual(
    explanation.steps.map(({ text }) => text),
    [
      'destination 00441782 becomes +441782 by "^00" -> "+"',
      String.raw`destination +441782 becomes 01782 by "^\+44(\d+)" -> "0$1"`,
    ],
  )
})

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[randomBelow(random, items.length)] as Item

test(`${counts.rewrites} random rows give what JavaScript gives`, () => {
  const random = seededRandom(seeds.rewrites)
  const atoms = [
    '0',
    '4',
    '44',
    '(4)',
    '(?<a>1)',
    '(2)?',
    '.',
    '[04]',
    String.raw`\d`,
    String.raw`\+`,
    '(?:1|2)',
    '1*',
    '^',
    '$',
    '(4|(1))',
  ]
  const pieces = ['$1', '$2', '$&', '$$', '$<a>', '$`', "$'", '$0', '$9', '$12', '$', '44', '$<', '$<b>', '$01']
  let matched = 0
  for (let i = 0; i < counts.rewrites; i++) {
    const pattern = Array.from({ length: 1 + randomBelow(random, 4) }, () => pick(random, atoms)).join('')
    const replacement = Array.from({ length: randomBelow(random, 4) }, () => pick(random, pieces)).join('')
    const text = Array.from({ length: randomBelow(random, 10) }, () => pick(random, ['0', '1', '2', '4', '+'])).join('')
    // Two groups of one name are an error in both.
    if (pattern.split('(?<a>').length > 2) continue
    const expected = new RegExp(pattern).test(text) ? text.replace(new RegExp(pattern), replacement) : undefined
    if (expected !== undefined) matched += 1
    assert.equal(replaceFirst(pattern, replacement, text), expected, JSON.stringify({ pattern, replacement, text }))
  }
  assert.ok(matched > counts.rewrites / 4, `${matched} matched`)
})

test('look-around and back-references are refused with the reason, and look-alikes are not', () => {
  const reason = (pattern: string): string => {
    const compiled = compilePattern(pattern)
    return compiled.kind === 'fault' ? compiled.reason : 'accepted'
  }
  for (const pattern of ['(?=4)', 'a(?!4)', '(?<=4)1', '(?<!4)1'])
    assert.match(reason(pattern), /^look-(?:ahead|behind) .* is not supported: .*linear time/, pattern)
  for (const pattern of [String.raw`(4)\1`, String.raw`(?<a>4)\k<a>`])
    assert.match(reason(pattern), /^back-reference .* is not supported/, pattern)
  for (const pattern of [
    '[(?=]',
    String.raw`\(?=`,
    String.raw`\\1`,
    String.raw`[\]\1]`.replace(String.raw`\1`, '1'),
    '[](?=]',
    '(?<a>4)',
    '(?:4)',
  ])
    assert.equal(reason(pattern), 'accepted', pattern)
  assert.match(reason('('), /missing closing/)
  assert.equal(replaceFirst('(', 'x', 'text'), undefined, 'a row that cannot be used changes nothing')
})

test('patterns that stall a backtracking engine cost no more than others', () => {
  const number = `${'4'.repeat(127)}!`
  const started = performance.now()
  for (const pattern of ['^(4+)+$', '^(4|44)*$', '(4*)*4*4*4*4*5', '^(4?){64}4{64}$', '(.*)(.*)(.*)(.*)(.*)5'])
    for (let i = 0; i < 20; i++) assert.equal(replaceFirst(pattern, 'x', number), undefined, pattern)
  // A backtracking engine needs longer than the universe is old for the first of them.
  assert.ok(performance.now() - started < 5_000)
})
