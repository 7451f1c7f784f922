// A newcomer puts a carrier on the air in five minutes: from an empty system to a green test call, with mouse and keyboard
// and nothing but what the screens say. What is done is counted by the page (action-counter.ts).
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { countActions, readActions } from './action-counter.ts'
import { contextOf, launchChromium, openPage } from './chromium.ts'
import type { WatchedPage } from './chromium.ts'
import { readingFaults } from './readable.ts'
import type { TestServer } from './server.ts'
import { startServer } from './server.ts'
import type { SipResponder } from './sip-responder.ts'
import { openSipResponder } from './sip-responder.ts'

const secondsMax = 300
const clicksMax = 40
const pictures = mkdtempSync(join(tmpdir(), 'tollgate-five-minutes-'))

let server: TestServer
let browser: Browser
let watched: WatchedPage
let page: Page
let gateways: SipResponder[]
let brokenAt: string | undefined

before(async () => {
  gateways = await Promise.all(
    ['127.0.72.11', '127.0.72.12', '127.0.72.13'].map((address) => openSipResponder(address)),
  )
  server = await startServer('127.0.72.10')
  browser = await launchChromium()
  const context = await contextOf(browser, { scheme: 'light', width: 1280, height: 860 })
  await countActions(context)
  watched = await openPage(context, server.origin)
  page = watched.page
})

after(async () => {
  await browser?.close()
  await server?.remove()
  await Promise.all(gateways.map((gateway) => gateway.close()))
  process.stderr.write(`pictures of the five minutes: ${pictures}\n`)
})

const type = (text: string): Promise<void> => page.keyboard.type(text)
const press = (key: string): Promise<void> => page.keyboard.press(key)
const button = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().click()
const link = (name: string): Promise<void> => page.getByRole('link', { name, exact: true }).click()
/** The page itself says what is still missing. */
const nextStep = (name: string): Promise<void> =>
  page.getByRole('region', { name: 'Until calls pass' }).getByRole('link', { name }).click()
const heading = (name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor()

/** Steps run one after the other; a picture of each shows what the newcomer sees. */
function step(name: string, action: () => Promise<void>): void {
  test(name, async () => {
    assert.equal(brokenAt, undefined, 'an earlier step failed')
    brokenAt = name
    try {
      await action()
      brokenAt = undefined
    } finally {
      await page.screenshot({ path: join(pictures, `${name.replaceAll(/\W+/g, '-')}.png`) })
    }
    assert.deepEqual(await readingFaults(page), [])
  })
}

step('set-up with the token from the file that the page names', async () => {
  await page.goto(server.origin)
  await page.getByText('cat data/setup-token').waitFor()
  await type(server.token())
  await page.getByLabel('Password', { exact: true }).click()
  await type('a sentence to remember')
  await press('Enter')
  await heading('No gateways yet')
})

step('a carrier with a limit', async () => {
  await button('New carrier')
  await type('Acme')
  await press('Tab')
  await type('100')
  await press('Enter')
  await heading('IP Authentication 0')
})

step('three gateways, pasted with weights 10, 1 and 1', async () => {
  await button('Paste addresses')
  const lines = gateways.map(({ address, port }, at) => `acme-${at + 1} ${address} ${port} ${at === 0 ? 10 : 1}`)
  await type(lines.join('\n'))
  await button('Preview 3')
  await page.getByRole('cell', { name: '10 83.3 %' }).waitFor()
  await button('Save 3 entries')
  await page.getByRole('row', { name: /acme-1 .* Green .* 83.3 %/ }).waitFor()
})

step('limits and a rewrite of the first gateway', async () => {
  await button('acme-1')
  await page.getByLabel('Channels').click()
  await type('30')
  await press('Tab')
  await type('5')
  await page.getByRole('tab', { name: 'Parameter rewrite' }).click()
  await button('Add row')
  await type('^0')
  await press('Tab')
  await type('44')
  await page.getByLabel('Try a destination number').click()
  await type('01782')
  await page.getByText('becomes 441782').waitFor()
  await button('Save')
  await page.getByRole('row', { name: /acme-1 .* 0 of 30 0 of 5/ }).waitFor()
})

step('a SIP user with a generated password', async () => {
  await button('New SIP user')
  await type('441')
  await button('Generate')
  await button('Save')
  await page.getByRole('row', { name: /441 set any/ }).waitFor()
})

step('a customer that sends calls', async () => {
  await nextStep('Customers')
  await button('New customer')
  await type('PBX')
  await press('Enter')
  await heading('IP Authentication 0')
  await button('Paste addresses')
  await type('192.0.2.20')
  await button('Preview 1')
  await button('Save 1 entry')
  await page.getByRole('row', { name: /192\.0\.2\.20 Sends Admitted/ }).waitFor()
})

step('a route from customers to the carrier', async () => {
  await nextStep('Routes')
  await button('New route')
  await page
    .getByRole('textbox', { name: 'Carrier' })
    .or(page.getByRole('combobox', { name: 'Carrier' }))
    .last()
    .click()
  await type('Acme')
  await press('Enter')
  await page.getByRole('row', { name: /Acme/ }).waitFor()
})

step('a test call, with a green ladder', async () => {
  await page.getByRole('navigation').getByRole('link', { name: 'Carriers' }).click()
  await link('Acme')
  await link('Auth')
  await button('Test call to acme-1')
  await type('01782000000')
  await press('Enter')
  await page
    .getByRole('status')
    .filter({ hasText: /^Green: answered/ })
    .waitFor()
  await page.getByText('200 INVITE').waitFor()
})

step('all of it takes less than five minutes', async () => {
  const actions = await readActions(page)
  process.stderr.write(`${actions.text}: ${actions.seconds.toFixed(0)} s\n`)
  assert.ok(actions.keys > 0 && actions.fields > 0)
  assert.ok(actions.clicks <= clicksMax, actions.text)
  assert.ok(actions.seconds < secondsMax, actions.text)
  assert.deepEqual(gateways[0]?.requests.slice(0, 1), [
    `INVITE sip:441782000000@${gateways[0]?.address}:${gateways[0]?.port} SIP/2.0`,
  ])
  assert.deepEqual(watched.faults, [])
})
