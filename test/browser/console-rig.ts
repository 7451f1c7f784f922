// A server that is set up, an administrator who is logged in, and pages of the console that are watched: for the tests of
// its screens.
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { contextOf, launchChromium, openPage } from './chromium.ts'
import type { Look, WatchedPage } from './chromium.ts'
import { readingFaults } from './readable.ts'
import { startServer } from './server.ts'
import type { TestServer } from './server.ts'

export const rigPassword = 'a sentence for the test'

export const looks: readonly Look[] = [
  { scheme: 'light', width: 1280, height: 860 },
  { scheme: 'dark', width: 1280, height: 860 },
  { scheme: 'light', width: 390, height: 844 },
  { scheme: 'dark', width: 390, height: 844 },
]

export interface ConsoleRig {
  readonly server: TestServer
  readonly browser: Browser
  /** Calls the API as the administrator; throws with the answer's text if it is refused. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** A page of somebody who is logged in; the administrator unless another cookie is given. */
  open(look: Look, cookie?: string): Promise<WatchedPage & { readonly context: BrowserContext }>
  /** Creates a user and logs it in; the cookie. */
  logIn(username: string, role: 'administrator' | 'engineer' | 'support'): Promise<string>
  close(): Promise<void>
}

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

async function post(origin: string, path: string, body: unknown): Promise<Response> {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}

export async function openConsoleRig(sipAddress: string): Promise<ConsoleRig> {
  const server = await startServer(sipAddress)
  const { origin } = server
  const setUp = await post(origin, '/setup', { token: server.token(), username: 'admin', password: rigPassword })
  let cookie = cookieOf(setUp)
  if (cookie === '') cookie = cookieOf(await post(origin, '/session', { username: 'admin', password: rigPassword }))
  const browser = await launchChromium()
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { origin, cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    server,
    browser,
    call,
    open: async (look, own = cookie) => {
      const context = await contextOf(browser, look)
      const [name = '', value = ''] = own.split('=')
      await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: 'Strict' }])
      return { ...(await openPage(context, origin)), context }
    },
    logIn: async (username, role) => {
      await call('POST', '/users', { username, password: rigPassword, role })
      return cookieOf(await post(origin, '/session', { username, password: rigPassword }))
    },
    close: async () => {
      await browser.close()
      await server.remove()
    },
  }
}

/** What a careful reader would complain about: contrast, width, what went wrong, and serious findings of axe. */
export async function pageFaults({ page, faults }: WatchedPage, withAxe = true): Promise<string[]> {
  return [...(withAxe ? await axeFaults(page) : []), ...(await readingFaults(page)), ...faults]
}

async function axeFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `axe ${id}: ${nodes[0]?.html ?? ''} (${nodes.length})`)
}

/** Without the refusals that a test provokes: wrong input, and an object that somebody else has changed. */
export const unexpected = (faults: readonly string[]): string[] =>
  faults.filter((fault) => !/status of (?:400|412)/.test(fault))
