// A real Chromium, and pages that keep everything that goes wrong on them: console errors, exceptions, violations of the
// content policy, requests to another origin.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, ConsoleMessage, Page } from 'playwright-core'

const programs = ['/usr/lib/chromium/chromium-headless-shell', '/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Deadline for everything that is awaited on a page. */
const waitMs = 15_000

export function launchChromium(): Promise<Browser> {
  const executablePath = programs.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error('Chromium is missing: install the package chromium-headless-shell')
  return chromium.launch({ executablePath, args: flags })
}

export interface Look {
  readonly scheme: 'light' | 'dark'
  readonly width: number
  readonly height: number
}

export interface WatchedPage {
  readonly page: Page
  /** What went wrong so far. */
  readonly faults: string[]
}

/** The browser reports each refused or failed answer as an error; these two belong to the page's work. */
function isExpected(message: ConsoleMessage): boolean {
  if (!message.text().startsWith('Failed to load resource')) return false
  const path = URL.parse(message.location().url)?.pathname ?? ''
  if (/status of 40[013]/.test(message.text())) return /^\/api\/v1\/(?:me|session|setup|events)$/.test(path)
  // Traces and records do not last for ever, and the page says so.
  if (/status of 404/.test(message.text())) return /^\/api\/v1\/(?:traces|call-records|calls)\//.test(path)
  // A server that restarts is part of the test; an answer that the page itself refused is not.
  return /net::ERR_(?!BLOCKED)/.test(message.text())
}

export async function openPage(context: BrowserContext, origin: string): Promise<WatchedPage> {
  const page = await context.newPage()
  const faults: string[] = []
  page.setDefaultTimeout(waitMs)
  page.on('console', (message) => {
    if ((message.type() === 'error' || message.type() === 'warning') && !isExpected(message))
      faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`request to ${request.url()}`)
  })
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  )
  return { page, faults }
}

export const contextOf = (browser: Browser, look: Look): Promise<BrowserContext> =>
  browser.newContext({
    colorScheme: look.scheme,
    viewport: { width: look.width, height: look.height },
    deviceScaleFactor: look.width < 600 ? 2 : 1,
  })
