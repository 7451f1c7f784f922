// The weighted draw: exact shares, the order without replacement, tiers, weight zero.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, seeds } from '../../test/kit/counts.ts'
import { seededRandom, type Random } from '../base/random.ts'
import { drawOrder, sharesOf } from './draw.ts'

interface Item {
  readonly name: string
  readonly priority: number
  readonly weight: number
}

const item = (name: string, weight: number, priority = 0): Item => ({ name, weight, priority })
const namesOf = (items: readonly Item[]): string => items.map(({ name }) => name).join('')

/** How often each order came up in `counts.draws` draws. */
function ordersOf(items: readonly Item[], seed = seeds.draws): Map<string, number> {
  const random = seededRandom(seed)
  const orders = new Map<string, number>()
  for (let i = 0; i < counts.draws; i++) {
    const order = namesOf(drawOrder(items, random, 64))
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  return orders
}

/** Sum of squared deviations over expectations. */
const chiSquare = (observed: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): number =>
  [...expected].reduce((sum, [name, chance]) => {
    const mean = chance * counts.draws
    return sum + ((observed.get(name) ?? 0) - mean) ** 2 / mean
  }, 0)

test('weights 10 and 1: the share of the first is 10/11 within three sigma of 11,000 draws', () => {
  const first = ordersOf([item('a', 10), item('b', 1)]).get('ab') ?? 0
  const mean = (counts.draws * 10) / 11
  const sigma = Math.sqrt(counts.draws * (10 / 11) * (1 / 11))
  assert.ok(Math.abs(first - mean) < 3 * sigma, `${first} of ${counts.draws}`)
})

test('weights 10 and 1 with tickets evenly spread: exactly 10,000 and 1,000 of 11,000', () => {
  let next = 0
  const evenly: Random = { uint32: () => Math.floor(((next++ + 0.5) / counts.draws) * 0x1_0000_0000) }
  let first = 0
  for (let i = 0; i < counts.draws; i++)
    if (drawOrder([item('a', 10), item('b', 1)], evenly, 64)[0]?.name === 'a') first += 1
  assert.equal(first, 10_000)
})

test('a seed repeats its sequence', () => {
  const random = seededRandom(7)
  const items = [item('a', 3), item('b', 2), item('c', 1), item('d', 0)]
  const orders = Array.from({ length: 6 }, () => namesOf(drawOrder(items, random, 64)))
  assert.deepEqual(orders, ['cbad', 'abcd', 'abcd', 'acbd', 'abcd', 'abcd'])
})

test('the same draw gives the failover order: each order of 3, 2, 1 has the chance of drawing without replacement', () => {
  const expected = new Map([
    ['abc', (3 / 6) * (2 / 3)],
    ['acb', (3 / 6) * (1 / 3)],
    ['bac', (2 / 6) * (3 / 4)],
    ['bca', (2 / 6) * (1 / 4)],
    ['cab', (1 / 6) * (3 / 5)],
    ['cba', (1 / 6) * (2 / 5)],
  ])
  const statistic = chiSquare(ordersOf([item('a', 3), item('b', 2), item('c', 1)]), expected)
  // 99.9 % of a chi-square with 5 degrees of freedom lies below 20.5.
  assert.ok(statistic < 20.5, `chi-square ${statistic}`)
})

test('all weights zero: every order is as likely as another', () => {
  const orders = ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']
  const expected = new Map(orders.map((order) => [order, 1 / 6]))
  assert.ok(chiSquare(ordersOf([item('a', 0), item('b', 0), item('c', 0)]), expected) < 20.5)
})

test('weight zero comes only after all weighted ones, and a tier only after the better one', () => {
  for (const order of ordersOf([item('a', 0), item('b', 5), item('c', 1), item('x', 100, 1)]).keys())
    assert.match(order, /^(?:bc|cb)ax$/)
})

test('tickets at the edges: zero never draws weight zero, and the end of one share is the start of the next', () => {
  const always = (word: number): Random => ({ uint32: () => word })
  const first = (items: readonly Item[], word: number) => drawOrder(items, always(word), 1)[0]?.name
  assert.equal(first([item('a', 0), item('b', 1), item('c', 1)], 0), 'b')
  assert.equal(first([item('b', 1), item('c', 1)], 0x8000_0000), 'c')
  assert.equal(first([item('b', 1), item('c', 1), item('a', 0)], 0xffff_ffff), 'c')
})

test('no more are drawn than can be tried, and one item costs no chance', () => {
  const many = Array.from({ length: 100 }, (_, i) => item(String(i), 1, i % 2))
  assert.equal(drawOrder(many, seededRandom(1), 7).length, 7)
  const never: Random = { uint32: () => assert.fail('no chance is needed') }
  assert.equal(namesOf(drawOrder([item('a', 1)], never, 64)), 'a')
})

test('shares are the chances to come first', () => {
  assert.deepEqual(sharesOf([item('a', 10), item('b', 1), item('c', 9, 1)]), [10 / 11, 1 / 11, 0])
  assert.deepEqual(sharesOf([item('a', 0), item('b', 0)]), [0.5, 0.5])
  assert.deepEqual(sharesOf([item('a', 0), item('b', 3)]), [0, 1])
})
