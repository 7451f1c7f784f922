// The weighted draw without replacement: the first place goes to each item with the chance weight / sum, the next places
// likewise among the rest, so that one draw gives the share and the failover order. Weight 0 comes after all others.
import { randomFraction, type Random } from '../base/random.ts'

export interface Weighted {
  readonly priority: number
  readonly weight: number
}

function drawIndex(items: readonly Weighted[], random: Random): number {
  if (items.length === 1) return 0
  let total = 0
  for (const item of items) total += item.weight
  // All weights zero: each alike.
  if (total === 0) return Math.floor(randomFraction(random) * items.length)
  const ticket = randomFraction(random) * total
  let sum = 0
  for (let i = 0; i < items.length; i++) {
    sum += (items[i] as Weighted).weight
    if (ticket < sum) return i
  }
  // Rounding of sums of fractions: the last one that has a weight.
  return items.findLastIndex((item) => item.weight > 0)
}

/** Draws until `most` are drawn or none is left. `items` hold one priority tier. */
function drawTier<Item extends Weighted>(items: readonly Item[], random: Random, most: number): Item[] {
  const left = [...items]
  const drawn: Item[] = []
  while (left.length > 0 && drawn.length < most) {
    const index = drawIndex(left, random)
    drawn.push(left[index] as Item)
    left.splice(index, 1)
  }
  return drawn
}

/** The order in which `items` are tried: priority tiers ascending, drawn inside each. One item costs no chance. */
export function drawOrder<Item extends Weighted>(
  items: readonly Item[],
  random: Random,
  most: number,
): readonly Item[] {
  const [first] = items
  if (first === undefined || items.length === 1) return items
  if (items.every((item) => item.priority === first.priority)) return drawTier(items, random, most)
  const drawn: Item[] = []
  for (const priority of new Set(items.map((item) => item.priority).toSorted((a, b) => a - b))) {
    if (drawn.length >= most) break
    const tier = items.filter((item) => item.priority === priority)
    drawn.push(...drawTier(tier, random, most - drawn.length))
  }
  return drawn
}

/** Chance of each item to be drawn first, as a fraction: only the best tier has any. */
export function sharesOf(items: readonly Weighted[]): number[] {
  const best = Math.min(...items.map((item) => item.priority))
  const tier = items.filter((item) => item.priority === best)
  const total = tier.reduce((sum, item) => sum + item.weight, 0)
  return items.map((item) => {
    if (item.priority !== best) return 0
    return total === 0 ? 1 / tier.length : item.weight / total
  })
}
