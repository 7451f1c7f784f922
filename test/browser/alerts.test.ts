// Rules for all accounts are tested with a button, and an account that an alert took out comes back by hand.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import type { ConsoleRig } from './console-rig.ts'
import { openConsoleRig } from './console-rig.ts'
import { desk, Looker } from './looker.ts'

let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker

before(async () => {
  rig = await openConsoleRig('127.0.153.4')
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'alerts')
})
after(() => rig?.close())

const go = (path: string) => page.goto(`${rig.server.origin}${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name })

test('a rule for all accounts is tested: whom it told, and why not', async () => {
  const alerts = [
    { name: 'Gateway red', kind: 'gatewayRed' },
    { name: 'Low ASR', kind: 'asr', threshold: 0.2, email: ['noc@example.com'] },
  ]
  await rig.call('PATCH', '/system', { alerts })
  await go('/alerts/rules')
  await button('Test Gateway red').click()
  await page.getByText('Gateway red tells nobody').waitFor()
  await button('Test Low ASR').click()
  await page.getByText('failed: noc@example.com (no mail server is configured').waitFor()
  await looker.check('rules')
  assert.equal(((await rig.call('GET', '/alerts')) as { total: number }).total, 0)
})

test('a suspended carrier says so on its page and in the list; lifting it puts it back at once', async () => {
  const { id } = (await rig.call('POST', '/carriers', { name: 'Acme' })) as { id: string }
  await rig.server.suspend(id, 'alert Low ASR')
  await go('/carriers')
  await page.getByRole('row').filter({ hasText: 'Acme' }).filter({ hasText: 'Suspended' }).waitFor()
  await go(`/carriers/${id}/main`)
  const notice = page.getByText('Suspended (penalty): alert Low ASR')
  await notice.waitFor()
  await looker.check('suspended')
  const support = await rig.open(desk, await rig.logIn('sam', 'support'))
  await support.page.goto(`${rig.server.origin}/carriers/${id}/main`)
  await support.page.getByText('Suspended (penalty): alert Low ASR').waitFor()
  assert.equal(await support.page.getByRole('button', { name: 'Lift it' }).count(), 0)
  await button('Lift it').focus()
  await page.keyboard.press('Enter')
  await notice.waitFor({ state: 'detached' })
  await support.page.getByText('Suspended (penalty): alert Low ASR').waitFor({ state: 'detached' })
  assert.deepEqual(support.faults, [])
  await support.context.close()
  const { suspension } = (await rig.call('GET', `/carriers/${id}`)) as { suspension: unknown }
  assert.equal(suspension, null)
  await go('/audit')
  await page.getByRole('row').filter({ hasText: 'Lift suspension' }).filter({ hasText: 'Acme' }).first().waitFor()
  assert.deepEqual(watched.faults, [])
})
