// The other tabs of an account: contacts, reply rules, payments and rates, alerts, reports, records, history. A real Chromium
// against the real server.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { ConsoleRig } from './console-rig.ts'
import { looks, openConsoleRig, pageFaults, unexpected } from './console-rig.ts'
import type { WatchedPage } from './chromium.ts'
import { readingFaults } from './readable.ts'
import type { SipResponder } from './sip-responder.ts'
import { openSipResponder } from './sip-responder.ts'

const [wide, , , narrowDark] = looks as readonly [(typeof looks)[0], unknown, unknown, (typeof looks)[0]]
const tabs = [
  'main',
  'auth',
  'replies',
  'failover',
  'latest',
  'payments',
  'stats',
  'alerts',
  'records',
  'history',
] as const
/** Each of another make. */
const narrowTabs = ['main', 'payments', 'stats', 'alerts', 'history'] as const
/** Those that axe looks at, too: each has a form of its own kind. */
const withForms = new Set<string>(['main', 'payments', 'alerts'])
const pictures = mkdtempSync(join(tmpdir(), 'tollgate-account-tabs-'))

let rig: ConsoleRig
let gateway: SipResponder
let watched: WatchedPage
let page: Page
let carrierId: string

const button = (name: string): Locator => page.getByRole('button', { name, exact: true }).first()
const open = (tab: string, of: Page = page): Promise<unknown> =>
  of.goto(`${rig.server.origin}/carriers/${carrierId}/${tab}`)

before(async () => {
  gateway = await openSipResponder('127.0.72.31')
  rig = await openConsoleRig('127.0.72.30')
  watched = await rig.open(wide)
  page = watched.page
  const { id } = (await rig.call('POST', '/carriers', { name: 'Acme' })) as { id: string }
  carrierId = id
})

after(async () => {
  await rig?.close()
  await gateway?.close()
  process.stderr.write(`pictures of the tabs of an account: ${pictures}\n`)
})

test('contacts and settings are saved each by itself, and neither is in the way of the other', async () => {
  await open('main')
  await button('Add contact').click()
  const contacts = page.getByRole('form', { name: 'Contacts and notes' })
  await contacts.getByLabel('Name').fill('NOC')
  await contacts.getByLabel('E-mail').fill('noc@example.com')
  await button('Save contacts and notes').click()
  await contacts.getByText('Not saved yet.').waitFor({ state: 'detached' })
  const settings = page.getByRole('form', { name: 'Settings' })
  await settings.getByLabel('Ringing').fill('1')
  await button('Save settings').click()
  await settings.getByLabel('Ringing').and(page.locator('[aria-invalid=true]')).waitFor()
  await settings.getByLabel('Ringing').fill('45000')
  await button('Save settings').click()
  await settings.getByText('Not saved yet.').waitFor({ state: 'detached' })
  const stored = (await rig.call('GET', `/carriers/${carrierId}`)) as {
    contacts: { email: string }[]
    timeouts: { ringMs: number }
  }
  assert.deepEqual([stored.contacts[0]?.email, stored.timeouts.ringMs], ['noc@example.com', 45_000])
})

test('reply rules: a wrong one says why at its place, a right one is saved', async () => {
  await open('replies')
  await button('183 as 180').click()
  await page.getByLabel('New code').fill('404')
  await button('Save rules').click()
  await page.getByText('a provisional reply by a provisional one').waitFor()
  await page.getByLabel('New code').fill('180')
  await button('Save rules').click()
  await page.getByText('Not saved yet.').waitFor({ state: 'detached' })
  const { replyRules } = (await rig.call('GET', `/carriers/${carrierId}`)) as { replyRules: unknown }
  assert.deepEqual(replyRules, [{ code: 183, action: 'replace', newCode: 180, newReason: 'Ringing' }])
})

test('payments make the balance, calls cost what the rates say, a wrong rate names its line', async () => {
  await open('payments')
  await button('New payment').click()
  await page.getByLabel('Description').fill('<b>Bank</b>')
  await page.getByLabel('Amount').fill('12.50')
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: /<b>Bank<\/b> 12\.50 USD Completed/ }).waitFor()
  await page.getByRole('region', { name: 'Balance' }).getByText('12.50 USD').first().waitFor()
  await page.getByRole('textbox', { name: /^Rates/ }).fill('44, 0.60\n441, zero')
  await button('Save rates').click()
  await page.getByText(/line 2 pricePerMinute: "zero" is no amount/).waitFor()
  await page.getByRole('textbox', { name: /^Rates/ }).fill('44, 0.60, 0.25, 60, 60')
  await button('Save rates').click()
  await page.getByText('Not saved yet.').waitFor({ state: 'detached' })
  const { id } = (await rig.call('POST', `/carriers/${carrierId}/endpoints`, {
    name: 'acme-1',
    direction: 'receives',
    addresses: [gateway.address],
    port: gateway.port,
  })) as { id: string }
  await rig.call('POST', '/test-calls', { endpointId: id, destination: '441782000000' })
  await page.getByRole('region', { name: 'Balance' }).getByText('11.65 USD').waitFor()
})

test('an alert is entered, tested and kept', async () => {
  await open('alerts')
  await button('Add alert').click()
  await page.getByRole('listitem', { name: 'Alert 1' }).getByLabel('Watches').selectOption({ label: 'ASR' })
  await button('Save alerts').click()
  await page.getByText(/asr needs a threshold/).waitFor()
  await page.getByLabel('Raised at or below').fill('0.4')
  await button('Save alerts').click()
  await button('Test Alert 1').click()
  await page.getByText('Alert 1 tells nobody').waitFor()
  assert.deepEqual(unexpected(watched.faults), [])
})

test('every tab can be read in both themes and at both widths, for carriers and customers', async () => {
  const { id } = (await rig.call('POST', '/customers', { name: 'PBX' })) as { id: string }
  for (const look of [wide, narrowDark]) {
    const seen = await rig.open(look)
    for (const tab of look === wide ? tabs : narrowTabs) {
      await open(tab, seen.page)
      await seen.page.getByRole('heading', { name: 'Acme' }).waitFor()
      await seen.page.getByText('Loading …').first().waitFor({ state: 'detached' })
      const faults =
        look === wide && withForms.has(tab)
          ? await pageFaults(seen)
          : [...(await readingFaults(seen.page)), ...seen.faults]
      assert.deepEqual(faults, [], `${tab} ${look.width}`)
      await seen.page.screenshot({ path: join(pictures, `${tab}-${look.width}.png`), fullPage: true })
    }
    await seen.page.goto(`${rig.server.origin}/customers/${id}/main`)
    await seen.page.getByRole('heading', { name: 'PBX' }).waitFor()
    assert.deepEqual([...(await readingFaults(seen.page)), ...seen.faults], [])
    await seen.context.close()
  }
})
