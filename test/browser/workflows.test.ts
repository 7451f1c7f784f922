// Work with the screens of accounts, routes and calls, by mouse and keyboard: what a person does there is in force on the
// server, and what it may not do is said before it tries.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import type { ConsoleRig } from './console-rig.ts'
import { openConsoleRig, pageFaults } from './console-rig.ts'
import { placeCall } from './sip-caller.ts'
import type { SipResponder } from './sip-responder.ts'
import { openSipResponder } from './sip-responder.ts'

const callerAddress = '127.0.71.13'
const look = { scheme: 'light', width: 1280, height: 860 } as const

let rig: ConsoleRig
let gateway: SipResponder
let watched: WatchedPage
let page: Page

const row = (name: string): Locator => page.locator('tbody').getByRole('row').filter({ hasText: name })
const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: typeof name === 'string' })
const field = (name: string): Locator => page.getByLabel(name, { exact: true })
const go = (path: string): Promise<unknown> => page.goto(`${rig.server.origin}${path}`)

/** The browser reports each refused answer as an error; these were asked for. */
const askedFor = /status of (?:400|409|412)/
const otherFaults = async (): Promise<string[]> => (await pageFaults(watched)).filter((fault) => !askedFor.test(fault))

interface Listed {
  readonly items: readonly Record<string, unknown>[]
}

const list = async (path: string): Promise<readonly Record<string, unknown>[]> =>
  ((await rig.call('GET', path)) as Listed).items

before(async () => {
  gateway = await openSipResponder('127.0.71.12')
  rig = await openConsoleRig('127.0.71.11')
  watched = await rig.open(look)
  page = watched.page
})

after(async () => {
  await rig?.close()
  await gateway?.close()
})

test('a carrier is created with its name alone, by the keyboard, and its Auth page opens', async () => {
  await go('/carriers')
  await button('New carrier').first().waitFor()
  await button('New carrier').first().focus()
  await page.keyboard.press('Enter')
  await page.locator('dialog input:focus').waitFor()
  await page.keyboard.type('Acme')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/carriers\/[^/]+\/auth$/)
  await page.getByRole('heading', { name: 'Acme' }).waitFor()
  assert.deepEqual(
    (await list('/carriers')).map(({ name }) => name),
    ['Acme'],
  )
})

test('a name that is taken is told in the window, and Escape closes the window', async () => {
  await go('/carriers')
  await button('New carrier').first().click()
  await field('Name').fill('Acme')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('there is already a carrier Acme').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('several carriers are changed at once, and the list shows it', async () => {
  await rig.call('POST', '/config/apply', {
    carriers: [
      { name: 'Beta' },
      {
        name: 'Gamma',
        endpoints: [{ name: 'gamma-1', direction: 'receives', addresses: [gateway.address], port: gateway.port }],
      },
    ],
    customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress] }] }],
  })
  await go('/carriers')
  await row('Acme').getByRole('checkbox').check()
  await row('Beta').getByRole('checkbox').check()
  const form = page.getByRole('region', { name: 'Change the selected' })
  await form.getByLabel('Status').selectOption('inactive')
  await form.getByLabel('Channels').fill('30')
  await form.getByLabel('Failover gateways').fill('2')
  await button('Change 2 carriers').click()
  await form.waitFor({ state: 'detached' })
  await row('Acme').getByText('Inactive').waitFor()
  const changed = (await list('/carriers?sort=name')).map((one) => [one['name'], one['status'], one['channelsMax']])
  assert.deepEqual(changed, [
    ['Acme', 'inactive', 30],
    ['Beta', 'inactive', 30],
    ['Gamma', 'active', 0],
  ])
})

test('search and filters stand in the address and survive a reload', async () => {
  await page.keyboard.press('/')
  await page.locator('input:focus').waitFor()
  await page.keyboard.type('gam')
  await row('Acme').waitFor({ state: 'detached' })
  assert.equal(new URL(page.url()).search, '?search=gam')
  await page.reload()
  await row('Gamma').waitFor()
  assert.equal(await row('Acme').count(), 0)
  await go('/carriers?status=inactive&sort=-name')
  await row('Beta').waitFor()
  assert.deepEqual(await page.locator('tbody td[data-column="name"] a').allTextContents(), ['Beta', 'Acme'])
})

test('a route is created with shares, changed, and removed', async () => {
  await go('/routes')
  await button('New route').first().click()
  await field('Carrier').fill('Gamma')
  await button('Add a target').click()
  await field('Carrier').nth(1).fill('Acme')
  await field('Weight').first().fill('3')
  await page.getByText('75 %').waitFor()
  await button('Create route').click()
  await row('any number').getByText('carrier, 75 %').waitFor()
  await button('any number').click()
  await field('Number begins with').fill('44x')
  await button('Save').click()
  await page.getByText('digits, * and #').waitFor()
  await field('Number begins with').fill('44')
  await button('Save').click()
  await row('44').waitFor()
  await row('44').getByRole('button').click()
  await button('Remove').click()
  await button('Remove route').click()
  await page.getByText('No routes yet').waitFor()
  assert.deepEqual(await list('/routes'), [])
})

test('two people change one route: the second sees what differs, and decides', async () => {
  const stored = (await rig.call('POST', '/routes', { prefix: '7', targets: [{ carrier: 'Gamma' }] })) as { id: string }
  await go('/routes')
  await row('7').getByRole('button').click()
  await field('Channels').fill('10')
  await rig.call('PATCH', `/routes/${stored.id}`, { channelsMax: 99 })
  await button('Save').click()
  await page.getByRole('heading', { name: 'Someone else has changed this' }).waitFor()
  await page.getByRole('row', { name: /channelsMax\s+10\s+99/ }).waitFor()
  assert.deepEqual(await otherFaults(), [])
  assert.equal(((await rig.call('GET', `/routes/${stored.id}`)) as { channelsMax: number }).channelsMax, 99)
  await button('Keep mine').click()
  await page.getByRole('dialog', { name: 'Route 7' }).waitFor({ state: 'detached' })
  assert.equal(((await rig.call('GET', `/routes/${stored.id}`)) as { channelsMax: number }).channelsMax, 10)
})

test('a simulation says what would happen, and its address can be sent to a colleague', async () => {
  await go('/simulate')
  await page.locator('input:focus').waitFor()
  await page.getByRole('group', { name: 'Known sources' }).getByRole('button', { name: callerAddress }).click()
  assert.equal(await field('Source address').inputValue(), callerAddress)
  await field('Number').fill('7123')
  await button('Simulate').click()
  await page.getByText('This call would be routed').waitFor()
  await page
    .getByRole('row', { name: /gamma-1/ })
    .getByText('100 %')
    .waitFor()
  assert.equal(new URL(page.url()).search, `?source=${callerAddress}&to=7123`)
  await field('Source address').fill('192.0.2.99')
  await page.keyboard.press('Enter')
  await page.getByText('This call would be refused: 403 IP Not Authorised').waitFor()
})

test('a live call appears by itself, is ended after a question, and its record says so', async () => {
  await go('/calls')
  await page.getByText('No call at the moment').waitFor()
  const call = await placeCall({ address: callerAddress, edge: rig.server.sip, number: '7555' })
  try {
    assert.equal(await call.final, 200)
    await button('7555').click()
    await button('End call').click()
    await button('End call now').click()
    await call.ended
    await page.getByText('No call at the moment').waitFor()
  } finally {
    await call.close()
  }
  await go('/records')
  await row('7555').getByText('operator').waitFor()
})

test('two calls are marked and compared side by side', async () => {
  const second = await placeCall({ address: callerAddress, edge: rig.server.sip, number: '8000' })
  assert.equal(await second.final, 404)
  await second.close()
  await go('/records')
  await row('8000').getByRole('checkbox').check()
  await row('7555').getByRole('checkbox').check()
  await button('Compare the two').click()
  await page.getByRole('heading', { name: 'Two calls side by side' }).waitFor()
  await page.getByRole('region', { name: 'The other call' }).getByText('200 INVITE').first().waitFor()
  assert.ok((await page.locator('[data-own="true"]').count()) > 0)
  assert.deepEqual(await otherFaults(), [])
  const text = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Ladder as text' }).first().click()
  assert.match((await text).suggestedFilename(), /\.txt$/)
  await button('End the comparison').click()
  await page.getByRole('heading', { name: 'Why?' }).waitFor()
  await page
    .getByText(/no route/i)
    .first()
    .waitFor()
})

test('the quick jump leads to pages and objects by a few letters', async () => {
  await page.keyboard.press('Control+k')
  await page.locator('dialog input:focus').waitFor()
  await page.keyboard.type('gamm')
  await page.getByRole('option', { name: /Gamma/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Gamma' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.locator('dialog input:focus').waitFor()
  await page.keyboard.type('live')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Live calls' }).waitFor()
})

test('support people see everything here and change nothing', async () => {
  const seen = await rig.open(look, await rig.logIn('sam', 'support'))
  await seen.page.goto(`${rig.server.origin}/carriers`)
  await seen.page.getByText('Gamma').waitFor()
  const create = seen.page.getByRole('button', { name: 'New carrier' })
  assert.equal(await create.isDisabled(), true)
  assert.match((await create.getAttribute('title')) ?? '', /Your role \(support\) may not do this/)
  assert.equal(await seen.page.getByRole('checkbox').count(), 0)
  await seen.page.goto(`${rig.server.origin}/routes`)
  await seen.page.getByRole('button', { name: '7', exact: true }).click()
  assert.equal(await seen.page.getByRole('button', { name: 'Save' }).isDisabled(), true)
  assert.equal(await seen.page.getByRole('button', { name: 'Remove', exact: true }).count(), 0)
  assert.deepEqual(seen.faults, [])
  await seen.context.close()
})

test('where changes need a reason, it is asked for before one is sent, and stands in the audit', async () => {
  await go('/customers')
  await row('PBX').waitFor()
  await rig.call('PATCH', '/system', { requireReason: true })
  await button('New customer').click()
  await field('Name').fill('Branch')
  await button('Create customer').click()
  await page.getByRole('heading', { name: 'Why this change?' }).waitFor()
  await page.keyboard.type('Ticket 42')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Branch' }).waitFor()
  const [latest] = await list('/audit?limit=1')
  assert.deepEqual([latest?.['name'], latest?.['reason']], ['Branch', 'Ticket 42'])
})

test('a server that restarts under an open list comes back by itself', async () => {
  await go('/carriers')
  await row('Gamma').waitFor()
  await page.evaluate('window.sameDocument = true')
  await rig.server.stop()
  await page.getByText('Connection lost, retrying.').waitFor()
  await row('Gamma').waitFor()
  await rig.server.start()
  await page.getByText('Connection lost, retrying.').waitFor({ state: 'detached' })
  await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor({ state: 'detached' })
  await button('New carrier').click()
  await page.getByRole('heading', { name: 'New carrier' }).waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate('window.sameDocument'), true)
})

test('nothing else went wrong on the page', async () => {
  assert.deepEqual(await otherFaults(), [])
})
