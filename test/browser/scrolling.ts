// Goes down a long list as a person does, and counts what of it is drawn.
import type { Page } from 'playwright-core'

/** Goes down and down until row 250 is drawn: a hundred rows are asked for at a time. In one text: no DOM types here. */
const goDown = `(async () => {
  const end = performance.now() + 12000
  while (performance.now() < end) {
    window.scrollTo(0, document.body.scrollHeight)
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const reached = Math.max(...[...document.querySelectorAll('tr[data-index]')].map((row) => Number(row.dataset.index)))
    if (reached >= 250) return reached
  }
  return -1
})()`

/** Rows that a page of any length may have drawn. */
export const drawnRowsMax = 120

export const drawnRows = (page: Page): Promise<number> => page.locator('tr[data-index]').count()

/** What is wrong: rows that do not come, or too many of those that came in the page. */
export async function scrollThrough(page: Page, path: string): Promise<string[]> {
  const reached = Number(await page.evaluate(goDown))
  const drawn = await drawnRows(page)
  return [
    ...(reached < 250 ? [`${path}: row 250 was not reached`] : []),
    ...(drawn > drawnRowsMax ? [`${path}: ${drawn} rows in the page`] : []),
  ]
}
