// Limits with live calls behind them, statistics and alerts, with real calls: each screen and action once, in both themes
// and at both widths.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import { openConsoleRig, pageFaults } from './console-rig.ts'
import type { ConsoleRig } from './console-rig.ts'
import { desk, Looker } from './looker.ts'
import { placeCall } from './sip-caller.ts'
import type { SipCaller } from './sip-caller.ts'
import { openSipResponder } from './sip-responder.ts'
import type { SipResponder } from './sip-responder.ts'

const sipAddress = '127.0.78.5'
const callerAddress = '127.0.78.6'
const gatewayAddress = '127.0.78.7'

let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker
let gateway: SipResponder
const calls: SipCaller[] = []

const go = (path: string): Promise<unknown> => page.goto(`${rig.server.origin}${path}`)
const row = (text: string | RegExp): Locator => page.getByRole('row').filter({ hasText: text })
const dialog = (): Locator => page.getByRole('dialog')
const button = (name: string): Locator => page.getByRole('button', { name, exact: true })

before(async () => {
  gateway = await openSipResponder(gatewayAddress)
  rig = await openConsoleRig(sipAddress)
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'figures')
})

after(async () => {
  for (const one of calls) await one.close()
  await rig?.close()
  await gateway?.close()
})

test('without calls and alerts the pages say so, and what to do', async () => {
  const pages = { '/statistics': 'No calls in this time', '/alerts': 'No alert was raised' }
  for (const [path, heading] of Object.entries(pages)) {
    await go(path)
    await page.getByRole('heading', { name: heading }).waitFor()
    assert.deepEqual(await pageFaults(watched), [], path)
  }
})

test('a limit that is full stands first and names its calls, with the way to each', async () => {
  await rig.call('POST', '/config/apply', configuration())
  for (let count = 0; count < 3; count += 1) calls.push(await call(`44170000${count}`))
  assert.deepEqual(await Promise.all(calls.map(({ final }) => final)), [200, 200, 503])
  await go('/limits')
  const full = row('Shop & <i>Co</i>').filter({ hasText: 'Channels' })
  await full.filter({ hasText: '100 %' }).waitFor()
  assert.match((await page.getByRole('row').nth(1).textContent()) ?? '', /Shop & <i>Co<\/i>/)
  await looker.check('limits')
  await full.filter({ hasText: 'customer' }).waitFor()
  await full.getByRole('link', { name: 'Shop' }).click()
  await page.getByRole('heading', { name: 'Shop & <i>Co</i>' }).waitFor()
  // A tab that does not exist is the first one.
  await go(new URL(page.url()).pathname.replace(/main$/, 'nonsense'))
  await page.waitForURL(/\/main$/)
  await go('/limits')
  await full.getByRole('button', { name: '2 calls' }).click()
  const shown = dialog().getByRole('row').filter({ hasText: '441700001' })
  await shown.filter({ hasText: 'Shop & <i>Co</i>' }).waitFor()
  await looker.check('calls-behind')
  await shown.getByRole('link').click()
  await page.getByRole('heading', { name: 'Live calls' }).waitFor()
  assert.equal(await page.getByRole('columnheader', { name: 'Duration' }).getAttribute('aria-sort'), 'ascending')
  await row('441700001').waitFor()
  await row('441700000').waitFor({ state: 'detached' })
})

const configuration = () => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: [{ name: 'acme-1', direction: 'receives', addresses: [gatewayAddress], port: gateway.port }],
    },
  ],
  customers: [
    {
      name: 'Shop & <i>Co</i>',
      channelsMax: 2,
      endpoints: [{ name: 'shop-1', direction: 'sends', addresses: [callerAddress] }],
      sipUsers: [{ username: '7001', password: 'Secret-12345' }],
    },
  ],
  routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
})

async function call(number: string): Promise<SipCaller> {
  const { listeners } = (await rig.call('GET', '/status')) as { listeners: string[] }
  const port = Number(/:(\d+)$/.exec(listeners[0] ?? '')?.[1])
  return placeCall({ address: callerAddress, edge: { address: sipAddress, port }, number })
}

test('statistics: totals, graphs with their numbers, and codes; of all, of an account, of nobody who exists', async () => {
  const live = (await rig.call('GET', '/calls')) as { items: { id: string }[] }
  for (const { id } of live.items) await rig.call('DELETE', `/calls/${id}`)
  await countedCalls(3)
  await go('/statistics?range=1h')
  await page.getByRole('figure', { name: 'Attempts' }).getByRole('table').waitFor()
  const total = (name: string): Locator =>
    page.locator('.totals > div').filter({ has: page.getByText(name, { exact: true }) })
  await total('Attempts').filter({ hasText: '3' }).waitFor()
  await total('Answered').filter({ hasText: '2' }).waitFor()
  await row('503').filter({ hasText: 'no room, or out of service' }).waitFor()
  await looker.check('statistics')
  await page.getByLabel('Whose').selectOption('customer')
  await page.getByRole('heading', { name: 'Whose figures?' }).waitFor()
  await page.getByLabel('Name').fill('Shop & <i>Co</i>')
  await page.keyboard.press('Enter')
  await total('Answered').filter({ hasText: '2' }).waitFor()
  await page.getByLabel('Whose').selectOption('endpoint')
  await page.getByLabel('Name').fill('shop-1')
  await page.keyboard.press('Enter')
  await total('Attempts').filter({ hasText: '3' }).waitFor()
  await total('Most channels')
    .filter({ hasText: /^Most channels\d/ })
    .waitFor()
  await page.getByLabel('Whose').selectOption('sipUser')
  await page.getByLabel('Name').fill('7001')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'No calls in this time' }).waitFor()
  await page.getByLabel('Whose').selectOption('customer')
  await page.getByLabel('Name').fill('Nobody')
  await button('Show').click()
  await page.getByText('there is no account Nobody').waitFor()
  watched.faults.length = 0
  const { items } = (await rig.call('GET', '/customers')) as { items: { id: string }[] }
  await go(`/customers/${items[0]?.id}/stats`)
  const answered = page.getByRole('row', { name: /^200 2 / })
  await answered.waitFor()
  await page.getByLabel('Of', { exact: true }).selectOption({ label: 'SIP user 7001' })
  await page.getByText('No call in this time.').waitFor()
  await page.getByLabel('Of', { exact: true }).selectOption({ label: 'shop-1' })
  await answered.waitFor()
})

/** Calls are counted when their record is written: soon after their end. */
async function countedCalls(wanted: number): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    const { totals } = (await rig.call('GET', '/stats?metric=attempts')) as { totals: number[] }
    if (totals[0] === wanted) return
    await page.waitForTimeout(100)
  }
  assert.fail(`${wanted} calls are counted`)
}

test('an alert is raised by what happens, shows whom it told, and is over when it is over', async () => {
  await go('/alerts/rules')
  await button('Add alert').click()
  const rule = page.getByRole('listitem', { name: 'Alert 2' })
  await rule.getByLabel('Watches').selectOption('channels')
  await rule.getByLabel('Raised at or above').fill('-1')
  await rule.getByLabel('For').selectOption('any')
  await button('Save rules').click()
  await rule.locator('.mantine-InputWrapper-error').waitFor()
  looker.forgetRefusal()
  await looker.check('alert-rules')
  await rule.getByLabel('Raised at or above').fill('1')
  await rule.getByLabel('E-mail').fill('noc@example.com')
  await button('Save rules').click()
  await page.getByText('The rules are in force.').waitFor()
  calls.push(await call('441700009'))
  await calls.at(-1)?.final
  await page.getByRole('link', { name: 'Raised' }).click()
  await row('Shop & <i>Co</i>').filter({ hasText: 'Open' }).waitFor()
  await looker.check('alerts')
  await row('Shop & <i>Co</i>').filter({ hasText: 'Open' }).getByRole('button').click()
  await dialog().getByRole('row').filter({ hasText: 'noc@example.com' }).filter({ hasText: 'failed' }).waitFor()
  await looker.picture('alert')
  await page.keyboard.press('Escape')
  const live = (await rig.call('GET', '/calls')) as { items: { id: string }[] }
  for (const { id } of live.items) await rig.call('DELETE', `/calls/${id}`)
  await row('Shop & <i>Co</i>').filter({ hasText: 'Over' }).waitFor()
})

test('the secret of the webhooks is made anew and shown once', async () => {
  await go('/alerts/rules')
  await button('Make a new secret').click()
  await dialog().getByRole('button', { name: 'Make a new secret' }).click()
  const secret = (await page.locator('.shown-secret code').textContent()) ?? ''
  assert.ok(secret.length >= 20)
  await page.reload()
  await button('Make a new secret').waitFor()
  assert.equal(await page.getByText(secret).count(), 0)
})

test('nothing went wrong on the page, and it spoke to nobody else', () => {
  assert.deepEqual(watched.faults, [])
})
