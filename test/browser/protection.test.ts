// Firewall, limits, registrations and audit, as people meet them: empty, with one row, with many; each action once; both
// themes and both widths.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import { openConsoleRig, pageFaults } from './console-rig.ts'
import type { ConsoleRig } from './console-rig.ts'
import { desk, Looker } from './looker.ts'

const sipAddress = '127.0.78.1'
const strangerAddress = '127.0.78.9'
let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker

const go = (path: string): Promise<unknown> => page.goto(`${rig.server.origin}${path}`)
const row = (text: string): Locator => page.getByRole('row').filter({ hasText: text })
const dialog = (): Locator => page.getByRole('dialog')
const button = (name: string | RegExp): Locator => page.getByRole('button', { name })

before(async () => {
  rig = await openConsoleRig(sipAddress)
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'protection')
})

after(() => rig?.close())

test('without anything the pages say what would stand there and what to do', async () => {
  const pages = {
    '/firewall': 'Nobody is blocked',
    '/firewall/refused': 'Nobody has been refused',
    '/limits': 'Nothing is limited',
    '/registrations': 'No registrations',
  }
  for (const [path, text] of Object.entries(pages)) {
    await go(path)
    await page.getByRole('heading', { name: text }).waitFor()
    assert.deepEqual(await pageFaults(watched), [], path)
  }
})

test('an address is blocked with reason and end, a wrong one is refused at its field, and the block is lifted', async () => {
  await go('/firewall')
  await button('Block an address').first().click()
  await dialog().getByLabel('Address or range').fill('203.0.113')
  await dialog().getByLabel('Reason').fill('<b>scanner</b>')
  await dialog().getByLabel('Blocked for').selectOption('1d')
  await dialog().getByRole('button', { name: 'Block', exact: true }).click()
  await dialog().getByText('"203.0.113" is no IPv4 or IPv6 address or CIDR').waitFor()
  await looker.picture('block-error')
  looker.forgetRefusal()
  await dialog().getByLabel('Address or range').fill('203.0.113.0/24')
  await dialog().getByRole('button', { name: 'Block', exact: true }).click()
  await row('203.0.113.0/24')
    .filter({ hasText: '<b>scanner</b>' })
    .filter({ hasText: /in 23 h/ })
    .waitFor()
  await looker.check('firewall')
  await button('Lift the block of 203.0.113.0/24').click()
  await dialog().getByRole('button', { name: 'Lift block' }).click()
  await page.getByRole('heading', { name: 'Nobody is blocked' }).waitFor()
})

test('a source that was refused appears with its reason, is simulated, and is blocked from there', async () => {
  await go('/firewall/refused')
  await page.getByRole('heading', { name: 'Nobody has been refused' }).waitFor()
  await sendInvite()
  const refused = row(strangerAddress)
  await refused.filter({ hasText: 'Unknown address' }).filter({ hasText: 'INVITE sip:4417&lt=1@example.com' }).waitFor()
  const link = await refused.getByRole('link', { name: `Simulate a call from ${strangerAddress}` }).getAttribute('href')
  assert.equal(link, `/simulate?source=${strangerAddress}`)
  await looker.check('refused')
  await button(`Block ${strangerAddress}`).click()
  await dialog().getByRole('button', { name: 'Block', exact: true }).click()
  await dialog().waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Blocked', exact: true }).click()
  await row(strangerAddress).filter({ hasText: 'Unknown address' }).filter({ hasText: 'never' }).waitFor()
})

/** An INVITE from an address that nobody knows, as scanners send it. */
async function sendInvite(): Promise<void> {
  const socket = createSocket('udp4')
  const { listeners } = (await rig.call('GET', '/status')) as { listeners: string[] }
  const port = Number(/:(\d+)$/.exec(listeners[0] ?? '')?.[1])
  const uri = 'sip:4417&lt=1@example.com'
  const text = [
    `INVITE ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${strangerAddress}:5062;branch=z9hG4bKstranger1`,
    'From: <sip:stranger@example.com>;tag=s1',
    'To: <sip:4417@example.com>',
    'Call-ID: stranger@example.com',
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    `Contact: <sip:stranger@${strangerAddress}:5062>`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  await new Promise<void>((resolve) => {
    socket.bind(0, strangerAddress, resolve)
  })
  await new Promise((resolve) => {
    socket.send(Buffer.from(text), port, sipAddress, resolve)
  })
  socket.close()
}

test('limits: what is full comes first; with thousands of them the page opens at once', async () => {
  await rig.call('PATCH', '/system', { channelsMax: 500 })
  await go('/limits')
  await row('Whole system').filter({ hasText: '500' }).waitFor()
  const endpoints = Array.from({ length: 2_000 }, (_, at) => ({
    name: `many-${at}`,
    direction: 'sends',
    addresses: [`198.18.${Math.floor(at / 250)}.${(at % 250) + 1}`],
    channelsMax: 10,
  }))
  await rig.call('POST', '/config/apply', { carriers: [{ name: 'Large', channelsMax: 90, endpoints }] })
  await page.reload()
  await page.getByText('2,002 limits').waitFor()
  await page.getByLabel('Whose').selectOption('account')
  await row('Large').filter({ hasText: 'carrier' }).waitFor()
  await looker.check('limits')
})

test('registrations show who, where and why not', async () => {
  await rig.call('POST', '/config/apply', {
    carriers: [
      {
        name: 'Trunk & Co',
        endpoints: [
          {
            name: 'trunk-1',
            direction: 'receives',
            addresses: ['127.0.78.5'],
            username: 'us',
            password: 'Secret-of-us-1',
            register: { enabled: true, registrar: '127.0.78.5' },
          },
        ],
      },
    ],
  })
  await go('/registrations')
  await row('trunk-1').filter({ hasText: 'we at a carrier' }).waitFor()
  await looker.check('registrations')
  await page.getByLabel('Direction').selectOption('in')
  await page.getByRole('heading', { name: 'No registration fits' }).waitFor()
})

test('the audit tells who changed what, with before and after', async () => {
  await go('/audit?search=block')
  await row('Create block 203.0.113.0/24').waitFor()
  await looker.check('audit')
  await page.getByLabel('To', { exact: true }).fill('2001-01-01T00:00')
  await page.getByRole('heading', { name: 'No entry fits' }).waitFor()
  await go('/audit?actor=admin&from=2001-01-01T00:00')
  await row('admin').first().waitFor()
  await page.getByLabel('What').selectOption('system')
  await button(/system settings/i)
    .first()
    .click()
  await dialog().getByRole('row', { name: 'channelsMax' }).filter({ hasText: '500' }).waitFor()
  await looker.picture('audit-entry')
  assert.deepEqual(await pageFaults(watched), [])
})

test('support people may look, and read why they may not change', async () => {
  const cookie = await rig.logIn('sam', 'support')
  const seen = await rig.open(desk, cookie)
  await seen.page.goto(`${rig.server.origin}/firewall`)
  const block = seen.page.locator('header').getByRole('button', { name: 'Block an address' })
  await block.waitFor()
  assert.equal(await block.isDisabled(), true)
  assert.match((await block.getAttribute('title')) ?? '', /support/)
  await seen.page.goto(`${rig.server.origin}/audit?search=block`)
  await seen.page.getByRole('row').filter({ hasText: 'Create block' }).first().waitFor()
  assert.deepEqual(seen.faults, [])
  await seen.context.close()
})

test('nothing went wrong on the page, and it spoke to nobody else', () => {
  assert.deepEqual(watched.faults, [])
})
