// Takes the pictures of docs/guide/console.md from the running console, with gateways on loopback: `node
// scripts/guide-pictures.ts`. They change with the console; look at them before you commit them.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openConsoleRig } from '../test/browser/console-rig.ts'
import type { ConsoleRig } from '../test/browser/console-rig.ts'
import { openSipResponder } from '../test/browser/sip-responder.ts'
import type { SipResponder } from '../test/browser/sip-responder.ts'

const folder = 'docs/guide/pictures'
const bytesMax = 150_000
const look = { scheme: 'light', width: 1240, height: 780 } as const
const probe = { intervalSeconds: 1, intervalDownSeconds: 1, timeoutMs: 500, failuresDown: 2, successesUp: 1 }

async function take(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  const { size } = statSync(path)
  if (size > bytesMax) throw new Error(`${path}: ${size} bytes, at most ${bytesMax}`)
  console.log(`${path}: ${size} bytes`)
}

const idOf = (answer: unknown): string => (answer as { id: string }).id

/** From nothing to a preview of three gateways. */
async function takeFirstCarrier(page: Page, gateways: readonly SipResponder[]): Promise<void> {
  await page.getByRole('button', { name: 'New carrier' }).click()
  await page.keyboard.type('Acme')
  await page.keyboard.press('Tab')
  await page.keyboard.type('100')
  await take(page, 'new-carrier')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Paste addresses' }).click()
  const [first, second] = gateways
  await page.keyboard.type(
    `acme-1 ${first?.address} ${first?.port} 10\nacme-2 ${second?.address} ${second?.port} 1\nacme-3 127.0.72.43 5060 1`,
  )
  await page.getByRole('button', { name: 'Preview 3' }).click()
  await page.getByText('nothing is saved yet').waitFor()
  await take(page, 'paste')
  await page.getByRole('button', { name: 'Save 3 entries' }).click()
  await page.getByRole('button', { name: 'acme-3', exact: true }).waitFor()
}

async function fillIn(rig: ConsoleRig): Promise<{ carrier: string; gateway: string; dead: string }> {
  const { items } = (await rig.call('GET', '/carriers/Acme/endpoints')) as { items: { id: string; name: string }[] }
  for (const { id } of items) await rig.call('PATCH', `/endpoints/${id}`, { probe })
  const find = (name: string): string => items.find((one) => one.name === name)?.id ?? ''
  const gateway = find('acme-1')
  await rig.call('PATCH', `/endpoints/${gateway}`, { channelsMax: 30, callsPerSecondMax: 5 })
  await rig.call('POST', '/carriers/Acme/endpoints', {
    name: 'acme-in',
    direction: 'sends',
    addresses: ['192.0.2.0/28'],
  })
  await rig.call('POST', '/carriers/Acme/sip-users', { username: '441782000001', channelsMax: 10 })
  const customer = idOf(await rig.call('POST', '/customers', { name: 'PBX' }))
  await rig.call('POST', `/customers/${customer}/endpoints`, {
    name: 'pbx',
    direction: 'sends',
    addresses: ['198.51.100.20'],
  })
  await rig.call('POST', '/routes', { prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] })
  return { carrier: idOf(await rig.call('GET', '/carriers/Acme')), gateway, dead: find('acme-3') }
}

async function takeEditor(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'acme-1', exact: true }).click()
  await take(page, 'limits')
  await page.getByRole('tab', { name: 'Advanced' }).click()
  await page.getByRole('button', { name: 'Add outbound proxy' }).click()
  await page.getByLabel('Proxy', { exact: true }).fill('sip:198.51.100.7:5060')
  await take(page, 'outbound-proxy')
  await page.getByRole('button', { name: 'Remove proxy 1' }).click()
  await page.getByRole('tab', { name: 'Parameter rewrite' }).click()
  await page.getByRole('button', { name: 'Remove +' }).click()
  await page.getByRole('button', { name: 'National to +44' }).click()
  await page.getByLabel('Try a destination number').fill('01782000000')
  await page.getByText('becomes 441782000000').waitFor()
  await take(page, 'rewrite')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

async function takeWindows(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New password for 441782000001' }).click()
  await page.keyboard.press('Enter')
  await page.getByText('Shown only now').waitFor()
  await take(page, 'password')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Test call to acme-1' }).click()
  await page.getByLabel('Number to call').fill('01782000000')
  await page.keyboard.press('Enter')
  await page.getByText('200 BYE').waitFor()
  await take(page, 'test-call')
  await page.keyboard.press('Escape')
}

/** A call that failed, and why. */
async function takeWhy(rig: ConsoleRig, page: Page, dead: string): Promise<void> {
  await rig.call('POST', '/test-calls', { endpointId: dead, destination: '441782000000' })
  await page.goto(`${rig.server.origin}/records?outcome=failed`)
  await page.getByRole('table').getByRole('link').first().click()
  await page.getByRole('heading', { level: 2 }).first().waitFor()
  await take(page, 'why')
}

mkdirSync(folder, { recursive: true })
const gateways = await Promise.all(['127.0.72.41', '127.0.72.42'].map((address) => openSipResponder(address)))
const rig = await openConsoleRig('127.0.72.40')
try {
  const { page } = await rig.open(look)
  await page.goto(rig.server.origin)
  await takeFirstCarrier(page, gateways)
  const { carrier, dead } = await fillIn(rig)
  await page.goto(`${rig.server.origin}/carriers/${carrier}/auth`)
  await page.getByRole('row', { name: /acme-3 .* Red/ }).waitFor()
  await page.getByRole('row', { name: /acme-1 .* answers OPTIONS 90\.9 %/ }).waitFor()
  await take(page, 'auth')
  await takeEditor(page)
  await takeWindows(page)
  await takeWhy(rig, page, dead)
} finally {
  await rig.close()
  for (const gateway of gateways) await gateway.close()
}
