// A person without a mouse: Tab until the element with that name has the focus.
import type { Page } from 'playwright-core'

const tabsMax = 120

/** Runs in the page; in one text, because the tests know no DOM types. */
const focusedName = `(() => {
  const element = document.activeElement
  const label = element.labels?.[0]?.textContent
  return (element.getAttribute('aria-label') ?? label ?? element.textContent ?? '').trim()
})()`

/** Throws when it cannot be reached. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const met: string[] = []
  for (let i = 0; i < tabsMax; i += 1) {
    const focused = await page.evaluate<string>(focusedName)
    if (focused === name) return
    met.push(focused)
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to "${name}": ${[...new Set(met)].join(' | ')}`)
}
