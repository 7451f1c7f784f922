// WCAG 2.2, 1.4.3 and 1.4.11: the colours of theme.css, pair by pair, in both themes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8')

function tokensOf(selector: string): Map<string, string> {
  const block = css.split(`${selector} {`)[1]?.split('}')[0] ?? ''
  return new Map([...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1] ?? '', found[2] ?? '']))
}

/** Relative luminance of #rrggbb. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['paper', 'surface', 'surface-raised']
const pairs: readonly (readonly [text: string, grounds: readonly string[], least: number])[] = [
  ['ink', [...grounds, 'accent-soft'], 7],
  ['ink-soft', [...grounds, 'accent-soft'], 4.5],
  ['ink-faint', grounds, 4.5],
  ['accent', [...grounds, 'accent-soft'], 4.5],
  ['on-accent', ['accent', 'accent-strong'], 4.5],
  ['green', ['green-soft'], 4.5],
  ['red', [...grounds, 'red-soft'], 4.5],
  ['amber', [...grounds, 'amber-soft'], 4.5],
  ['green-mark', ['surface', 'green-soft'], 3],
  ['red-mark', ['surface', 'red-soft'], 3],
  ['amber-mark', ['surface', 'line'], 3],
  ['line-strong', ['surface'], 3],
]

for (const [theme, selector] of [
  ['light', ':root'],
  ['dark', ":root[data-mantine-color-scheme='dark']"],
] as const)
  test(`the ${theme} theme is readable`, () => {
    const tokens = tokensOf(selector)
    const faults = pairs.flatMap(([text, all, least]) =>
      all.flatMap((ground) => {
        const ratio = contrast(tokens.get(text) ?? '', tokens.get(ground) ?? '')
        return ratio >= least ? [] : [`${text} on ${ground}: ${ratio.toFixed(2)}, at least ${least}`]
      }),
    )
    assert.deepEqual(faults, [])
  })

test('the measure itself is right', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})
