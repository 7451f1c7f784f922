// WCAG 2.2 1.4.3 and 1.4.10 on the page as it is drawn: contrast of every visible text against the ground it stands on,
// and nothing that has to be scrolled to the side.
import type { Page } from 'playwright-core'

/** Runs in the page; in one text, because the tests know no DOM types. */
const script = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const pixel = (colour) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const over = (top, ground) => top.slice(0, 3).map((part, i) => part * (top[3] / 255) + ground[i] * (1 - top[3] / 255))
  const groundOf = (element) => {
    const chain = []
    for (let at = element; at !== null; at = at.parentElement) chain.push(pixel(getComputedStyle(at).backgroundColor))
    return chain.toReversed().reduce((ground, layer) => over(layer, ground), [255, 255, 255])
  }
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const faults = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    const text = walker.currentNode.textContent.trim()
    const box = element.getBoundingClientRect()
    if (text === '' || box.width < 2 || box.height < 2 || !element.checkVisibility()) continue
    const ground = groundOf(element)
    const ink = over(pixel(getComputedStyle(element).color), ground)
    const [light, dark] = [luminance(ink), luminance(ground)].toSorted((a, b) => b - a)
    const ratio = (light + 0.05) / (dark + 0.05)
    if (ratio < 4.5) faults.push('contrast ' + ratio.toFixed(2) + ': ' + text.slice(0, 40))
  }
  const wide = document.documentElement.scrollWidth - window.innerWidth
  if (wide > 0) faults.push('too wide by ' + wide + ' pixels')
  return faults
})()`

/** Texts that cannot be read well, and whether the page is too wide. */
export const readingFaults = (page: Page): Promise<string[]> => page.evaluate(script)
