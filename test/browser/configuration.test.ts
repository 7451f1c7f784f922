// Revisions, the configuration as a file, and the settings of the system: each action once, in both themes and at both
// widths.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import { openConsoleRig, pageFaults } from './console-rig.ts'
import type { ConsoleRig } from './console-rig.ts'
import { desk, Looker } from './looker.ts'

let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker

const go = (path: string): Promise<unknown> => page.goto(`${rig.server.origin}${path}`)
const row = (text: string | RegExp): Locator => page.getByRole('row').filter({ hasText: text })
const dialog = (): Locator => page.getByRole('dialog')
const button = (name: string | RegExp): Locator => page.getByRole('button', { name })
const field = (name: string): Locator => page.getByLabel(name, { exact: true })

before(async () => {
  rig = await openConsoleRig('127.0.78.2')
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'configuration')
})

after(() => rig?.close())

test('without revisions the page says when the first is made', async () => {
  await go('/revisions')
  await page.getByRole('heading', { name: 'No revisions yet' }).waitFor()
  assert.deepEqual(await pageFaults(watched), [])
})

test('a file: errors at their places, then the plan, then it is applied and downloaded again', async () => {
  await page.getByRole('link', { name: 'As a file' }).click()
  await field('Or paste it').fill('carriers:\n  - name: Acme\n    channelsMax: -3\n')
  await button('Show the plan').click()
  await page.getByText('carriers[0].channelsMax').waitFor()
  assert.equal(await button('Apply').count(), 0)
  looker.forgetRefusal()
  const file = { name: 'x.yaml', mimeType: 'application/yaml', buffer: Buffer.from(carriers) }
  await field('Choose a file').setInputFiles(file)
  await page.locator('textarea', { hasText: 'acme-1' }).waitFor()
  await button('Show the plan').click()
  await page.locator('.plan-title', { hasText: 'Create carrier <b>Acme</b>' }).waitFor()
  assert.equal(await page.locator('main b').count(), 0)
  await looker.check('file')
  await field('Or paste it').press('End')
  await field('Or paste it').pressSequentially(' ')
  assert.equal(await button('Apply').count(), 0, 'what was not planned cannot be applied')
  await button('Show the plan').click()
  await button('Apply').click()
  await page.getByText('Applied. Revision 1 is in force.').waitFor()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download as YAML' }).click()
  const download = await coming
  assert.equal(download.suggestedFilename(), 'tollgate.yaml')
  assert.match(readFileSync(await download.path(), 'utf8'), /^ {2}- name: <b>Acme<\/b>$/m)
})

const carriers = `
carriers:
  - name: <b>Acme</b>
    channelsMax: 30
    endpoints:
      - { name: acme-1, direction: sends, addresses: [192.0.2.1] }
`

test('settings of the system: a wrong value is named at its field, what is right is saved, a conflict is shown', async () => {
  await go('/system')
  await page.getByRole('heading', { name: 'Running' }).waitFor()
  await page.getByText(/^udp:127\.0\.78\.2:/).waitFor()
  await field('Call records are kept').fill('0')
  await field('Emergency numbers').fill('112\n9x9')
  await button('Save').click()
  await page.locator('.mantine-InputWrapper-error', { hasText: /1/ }).first().waitFor()
  assert.equal(await page.locator('[aria-invalid=true]').count(), 2)
  looker.forgetRefusal()
  await looker.check('system')
  await field('Call records are kept').fill('90')
  await field('Emergency numbers').fill('112\n999')
  await field('Channels').fill('500')
  await rig.call('PATCH', '/system', { channelsMax: 7 })
  await button('Save').click()
  await dialog().getByRole('row', { name: 'channelsMax' }).filter({ hasText: '500' }).filter({ hasText: '7' }).waitFor()
  looker.forgetRefusal(412)
  await looker.picture('system-conflict')
  await dialog().getByRole('button', { name: 'Keep mine' }).click()
  await dialog().waitFor({ state: 'detached' })
  await page.getByText('Nothing changed').waitFor()
  const now = (await rig.call('GET', '/system')) as Record<string, unknown>
  assert.deepEqual([now['channelsMax'], now['recordsDays'], now['emergencyNumbers']], [500, 90, ['112', '999']])
})

test('revisions tell what they changed, and one rolls back after the plan was seen', async () => {
  await go('/revisions')
  await row('Revision 3').filter({ hasText: 'in force' }).waitFor()
  await looker.check('revisions')
  await button('Revision 3').click()
  await dialog()
    .getByRole('row', { name: 'recordsDays' })
    .filter({ hasText: '400' })
    .filter({ hasText: '90' })
    .waitFor()
  await looker.picture('revision')
  await dialog().getByRole('button', { name: 'Close' }).last().click()
  await button('Roll back to revision 1').click()
  await dialog().locator('.plan-title', { hasText: 'Change system settings' }).waitFor()
  await looker.check('roll-back')
  await dialog().getByRole('button', { name: 'Roll back' }).click()
  await row('Revision 4').filter({ hasText: 'rollback to 1' }).filter({ hasText: 'in force' }).waitFor()
})

test('an administrator downloads a backup, which is a tar file', async () => {
  await go('/system')
  const coming = page.waitForEvent('download')
  await button('Download a backup').click()
  const download = await coming
  assert.match(download.suggestedFilename(), /^tollgate-backup-\d{4}-\d{2}-\d{2}\.tar$/)
  const bytes = readFileSync(await download.path())
  assert.equal(bytes.toString('latin1', 257, 262), 'ustar')
  await page.getByText(/^The backup was downloaded \(\d.*\)\.$/).waitFor()
})

test('support people see the plan and may not apply it', async () => {
  const cookie = await rig.logIn('sam', 'support')
  const seen = await rig.open(desk, cookie)
  await seen.page.goto(`${rig.server.origin}/revisions/file`)
  await seen.page.getByLabel('Or paste it').fill('customers:\n  - name: Beta\n')
  await seen.page.getByRole('button', { name: 'Show the plan' }).click()
  await seen.page.locator('.plan-title', { hasText: 'Create customer Beta' }).waitFor()
  assert.equal(await seen.page.getByRole('button', { name: 'Apply' }).isDisabled(), true)
  await seen.page.goto(`${rig.server.origin}/system`)
  await seen.page.getByLabel('Realm').waitFor()
  assert.equal(await seen.page.getByLabel('Realm').isDisabled(), true)
  assert.equal(await seen.page.getByRole('button', { name: 'Download a backup' }).count(), 0)
  assert.deepEqual(seen.faults, [])
  await seen.context.close()
})

test('a reason is asked for where the system wants one', async () => {
  await rig.call('PATCH', '/system', { requireReason: true })
  await go('/revisions')
  await button('Roll back to revision 4').click()
  await dialog().getByRole('button', { name: 'Roll back' }).click()
  await dialog().getByLabel('Reason').fill('the <i>trial</i> is over')
  await page.keyboard.press('Enter')
  await row('Revision 6').filter({ hasText: 'in force' }).waitFor()
  await go('/audit')
  await row('Rollback configuration').filter({ hasText: 'the <i>trial</i> is over' }).waitFor()
})

test('nothing went wrong on the page, and it spoke to nobody else', () => {
  assert.deepEqual(watched.faults, [])
})
