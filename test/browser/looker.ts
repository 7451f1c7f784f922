// Looks at a page as careful readers would: both themes, both widths, with pictures of each.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WatchedPage } from './chromium.ts'
import { looks, pageFaults } from './console-rig.ts'
import { readingFaults } from './readable.ts'

export const desk = { scheme: 'light', width: 1280, height: 860 } as const

export class Looker {
  readonly #watched: WatchedPage
  readonly #pictures: string
  #turn = 0

  constructor(watched: WatchedPage, name: string) {
    this.#watched = watched
    this.#pictures = mkdtempSync(join(tmpdir(), `tollgate-${name}-`))
    process.stderr.write(`pictures of the console: ${this.#pictures}\n`)
  }

  async picture(name: string): Promise<void> {
    await this.#watched.page.screenshot({ path: join(this.#pictures, `${name}.png`), fullPage: true })
  }

  /** In all four looks: nothing that a careful reader would complain about. */
  async check(name: string): Promise<void> {
    const { page } = this.#watched
    for (const { scheme, width, height } of looks) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme: scheme })
      await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor()
      await this.picture(`${name}-${scheme}-${width}`)
      assert.deepEqual(await readingFaults(page), [], `${name} ${scheme} ${width}`)
      // Axe takes seconds: pages take turns between the wide light look and the narrow dark one.
      const thorough = this.#turn % 2 === 0 ? scheme === 'light' && width > 600 : scheme === 'dark' && width <= 600
      if (thorough) assert.deepEqual(await pageFaults(this.#watched), [], `${name} ${scheme} ${width}`)
    }
    this.#turn += 1
    await page.setViewportSize(desk)
    await page.emulateMedia({ colorScheme: 'light' })
  }

  /** The browser reports an answer that refuses as an error; this one was meant to come. */
  forgetRefusal(status = 400): void {
    const { faults } = this.#watched
    const at = faults.findIndex((text) => text.includes(`status of ${status}`))
    assert.ok(at >= 0, `an answer with ${status}`)
    faults.splice(at, 1)
  }
}
