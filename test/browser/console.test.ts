// The console, as a person meets it: set-up, first gateways, lights that change, log-out, a server that restarts. A real
// Chromium against the real server, with its real content policy.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { contextOf, launchChromium, openPage } from './chromium.ts'
import type { Look, WatchedPage } from './chromium.ts'
import { openResponder } from './options-responder.ts'
import type { Responder } from './options-responder.ts'
import { readingFaults } from './readable.ts'
import { startServer } from './server.ts'
import type { TestServer } from './server.ts'

const sipAddress = '127.0.61.1'
const gatewayAddress = '127.0.61.2'
const password = 'a sentence for the test'
const looks: readonly Look[] = [
  { scheme: 'light', width: 1280, height: 860 },
  { scheme: 'dark', width: 1280, height: 860 },
  { scheme: 'light', width: 390, height: 844 },
  { scheme: 'dark', width: 390, height: 844 },
]

const pictures = mkdtempSync(join(tmpdir(), 'tollgate-console-'))
let server: TestServer
let browser: Browser
let context: BrowserContext
let watched: WatchedPage
let page: Page
let live: Responder
let deadPort: number
let apiKey: string

const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
const count = (status: string): Locator =>
  page.getByRole('group', { name: 'Show' }).getByRole('button', { name: status })
const field = (name: string): Locator => page.getByLabel(name, { exact: true })
const picture = (of: Page, name: string): Promise<Buffer> =>
  of.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })

/** Follows the system's theme, as long as nobody has chosen one. */
async function checkBothThemes(name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
  assert.deepEqual(await readingFaults(page), [])
  await picture(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.locator('html[data-mantine-color-scheme=light]').waitFor()
  assert.deepEqual(await readingFaults(page), [])
  await picture(page, `${name}-light`)
}

async function logOut(): Promise<void> {
  await page.getByRole('button', { name: /: menu$/ }).click()
  await page.getByRole('button', { name: 'Log out' }).click()
}

async function expectText(locator: Locator, text: RegExp | string): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor()
  assert.equal(await locator.filter({ hasText: text }).count(), 1, `one element with ${String(text)}`)
}

before(async () => {
  live = await openResponder(gatewayAddress, 0)
  const dead = await openResponder(gatewayAddress, 0)
  deadPort = dead.port
  await dead.close()
  server = await startServer(sipAddress)
  browser = await launchChromium()
  context = await contextOf(browser, { scheme: 'light', width: 1280, height: 860 })
  watched = await openPage(context, server.origin)
  page = watched.page
})

after(async () => {
  await browser?.close()
  await server?.remove()
  await live?.close()
  process.stderr.write(`pictures of the console: ${pictures}\n`)
})

test('set-up asks for the token, says where it is, and refuses a wrong one in plain words', async () => {
  await page.goto(server.origin)
  await page.getByRole('heading', { name: 'Set up Tollgate' }).waitFor()
  await page.getByText('cat data/setup-token').waitFor()
  await checkBothThemes('set-up')
  await field('One-time token').fill('not the token')
  await field('Password').fill(password)
  await page.keyboard.press('Enter')
  await page.getByText('The token is not right.').waitFor()
  await field('One-time token').fill(server.token())
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await page.getByRole('heading', { name: 'No gateways yet' }).waitFor()
})

test('without gateways the page says what to do, and hands out a key that works', async () => {
  await page.getByText('npx tollgate apply -f carriers.yaml').waitFor()
  await page.getByRole('button', { name: 'Create an API key' }).click()
  const line = await page.getByText('export TOLLGATE_API_KEY=').textContent()
  apiKey = line?.trim().split('=')[1] ?? ''
  await checkBothThemes('no-gateways')
  const example = (await page.locator('pre', { hasText: 'carriers:' }).textContent()) ?? ''
  assert.match(await sendFile('diff', example), /"acme-2"|Acme\/acme-2/)
  await sendFile('apply', configuration())
})

/** What the command line does with the key. */
async function sendFile(operation: 'diff' | 'apply', file: string): Promise<string> {
  const answer = await fetch(`${server.origin}/api/v1/config/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/yaml' },
    body: file,
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return text
}

/** The carrier's name is what a person who means ill would type. */
const configuration = (): string => `
carriers:
  - name: <b>Acme</b> & <img src=x onerror=alert(1)>
    endpoints:
      - name: acme-1
        direction: receives
        addresses: [${gatewayAddress}]
        port: ${live.port}
        weight: 10
        channelsMax: 30
        probe: { intervalSeconds: 1, intervalDownSeconds: 1, timeoutMs: 500, failuresDown: 2, successesUp: 1 }
      - name: acme-2
        direction: receives
        addresses: [${gatewayAddress}]
        port: ${deadPort}
        weight: 1
        probe: { intervalSeconds: 1, intervalDownSeconds: 1, timeoutMs: 500, failuresDown: 2, successesUp: 1 }
`

test('one gateway is green and one is red, with reason, share, limit and probe, and names are only text', async () => {
  await page.evaluate('window.sameDocument = true')
  await expectText(row('acme-1'), /Green/)
  await expectText(row('acme-2'), /Red/)
  await count('1 green').waitFor()
  await count('1 red').waitFor()
  assert.notEqual((await row('acme-2').locator('[data-column="reason"]').textContent())?.trim(), '')
  await expectText(row('acme-1'), /0\s+\/\s+of\s+30/)
  await expectText(row('acme-1'), /200/)
  await expectText(row('acme-1'), '<b>Acme</b> & <img src=x onerror=alert(1)>')
  assert.equal(await page.locator('main b, main img').count(), 0)
  assert.match(await page.title(), /^1 red/)
  assert.ok(live.answered() > 0)
})

test('it can be read in both themes and at both widths', async () => {
  for (const look of looks) {
    assert.deepEqual(await lookAt(look), [], `${look.scheme} ${look.width}`)
  }
})

/** The same session in a page of that look; everything that is wrong with it. */
async function lookAt(look: Look): Promise<string[]> {
  const other = await contextOf(browser, look)
  await other.addCookies(await context.cookies())
  const seen = await openPage(other, server.origin)
  await seen.page.goto(server.origin)
  await seen.page.getByText('acme-2').first().waitFor()
  await seen.page.getByText('Live', { exact: true }).waitFor()
  const faults = await readingFaults(seen.page)
  await picture(seen.page, `gateways-${look.scheme}-${look.width}`)
  await other.close()
  return [...faults, ...seen.faults]
}

test('the filter and the counts choose what is shown, the address keeps it, and the keyboard is enough', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('acme-2')
  await row('acme-1').waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).search, '?q=acme-2')
  await page.keyboard.press('Escape')
  await row('acme-1').waitFor()
  await count('1 green').focus()
  await page.keyboard.press('Enter')
  await row('acme-2').waitFor({ state: 'detached' })
  await count('2 gateways').click()
  await page.getByRole('button', { name: 'Probe acme-1 now' }).focus()
  const answered = live.answered()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Probe acme-1 now' }).and(page.locator(':not([data-loading])')).waitFor()
  assert.ok(live.answered() > answered)
})

test('a gateway that answers again turns green while one looks', async () => {
  const returned = await openResponder(gatewayAddress, deadPort)
  try {
    await expectText(row('acme-2'), /Green/)
    await count('0 red').waitFor()
    await page.getByRole('status').filter({ hasText: 'acme-2 is now green' }).waitFor({ state: 'attached' })
    assert.equal(await page.evaluate('window.sameDocument'), true)
  } finally {
    await returned.close()
  }
})

test('the theme is changed by a button and kept, and the first Tab leads past the bar', async () => {
  const theme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.mantineColorScheme')
  await page.getByRole('button', { name: 'Change to dark colours' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Change to light colours' }).waitFor()
  assert.equal(await theme(), 'dark')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.className'), 'skip-link')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.activeElement.id'), 'content')
  await page.getByRole('button', { name: 'Change to light colours' }).click()
  assert.equal(await theme(), 'light')
})

test('a server that restarts is noticed, and the page comes back by itself', async () => {
  await server.stop()
  await page.getByText('Connection lost, retrying.').waitFor()
  assert.deepEqual(await readingFaults(page), [])
  await picture(page, 'connection-lost')
  await server.start()
  await page.getByText('Connection lost, retrying.').waitFor({ state: 'detached' })
  await page.getByText('Live', { exact: true }).waitFor()
  await expectText(row('acme-1'), /Green/)
})

test('log-out ends the session, a wrong password is said plainly, log-in leads back', async () => {
  await logOut()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.deepEqual(await readingFaults(page), [])
  await picture(page, 'log-in')
  await field('Username').fill('admin')
  await field('Password').fill('wrong password')
  await page.keyboard.press('Enter')
  await page.getByText('The username or the password is wrong.').waitFor()
  await field('Password').fill(password)
  await page.keyboard.press('Enter')
  await row('acme-1').waitFor()
})

test('support people see the same board and may probe, but not what they may not use', async () => {
  const made = await fetch(`${server.origin}/api/v1/users`, {
    method: 'POST',
    headers: { cookie: await cookieText(), origin: server.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'sam', password, role: 'support' }),
  })
  assert.equal(made.status, 201, await made.text())
  await logOut()
  await field('Username').fill('sam')
  await field('Password').fill(password)
  await page.keyboard.press('Enter')
  await row('acme-1').waitFor()
  await page.getByRole('button', { name: 'Probe acme-1 now' }).waitFor()
  await page.getByRole('link', { name: 'Carriers' }).click()
  await page.getByRole('heading', { name: 'Carriers' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'New carrier' }).isDisabled(), true)
})

const cookieText = async (): Promise<string> =>
  (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')

test('nothing went wrong on the page, and it spoke to nobody else', () => {
  assert.deepEqual(watched.faults, [])
})
