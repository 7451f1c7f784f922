// Counts what a person does on a page, from inside the page: clicks, key presses, and fields that were changed. It is put
// there before the page's own scripts; the test only reads the line that it prints.
import type { BrowserContext, Page } from 'playwright-core'

/** Runs in the page; in one text, because the tests know no DOM types. Only what a person does is trusted by the browser. */
const script = `(() => {
  const counts = { clicks: 0, keys: 0, fields: 0 }
  let field = null
  const listen = (name, action) => addEventListener(name, (event) => { if (event.isTrusted) action(event) }, true)
  listen('pointerdown', () => { counts.clicks += 1 })
  listen('keydown', () => { counts.keys += 1 })
  listen('focusin', () => { field = null })
  const changed = (event) => {
    if (field === event.target) return
    field = event.target
    counts.fields += 1
  }
  listen('input', changed)
  listen('change', changed)
  Object.defineProperty(window, 'actionsSoFar', {
    get: () => counts.clicks + ' clicks, ' + counts.keys + ' keys, ' + counts.fields + ' fields',
  })
})()`

export const countActions = (context: BrowserContext): Promise<unknown> => context.addInitScript(script)

export interface Actions {
  /** `12 clicks, 340 keys, 20 fields`. */
  readonly text: string
  readonly clicks: number
  readonly keys: number
  readonly fields: number
  /** A second for each click and field, a fifth of a second for each key. */
  readonly seconds: number
}

export async function readActions(page: Page): Promise<Actions> {
  const text = await page.evaluate<string>('window.actionsSoFar')
  const [clicks = 0, keys = 0, fields = 0] = [...text.matchAll(/\d+/g)].map(Number)
  return { text, clicks, keys, fields, seconds: clicks + fields + keys * 0.2 }
}
