// Backup and restore in the console: a wrong file is told at once, a file of a newer version by the server, and a restore says
// what it will do, how far it is, and that everybody logs in again; the console comes back by itself.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import type { ConsoleRig } from './console-rig.ts'
import { openConsoleRig, pageFaults, rigPassword } from './console-rig.ts'
import { desk, Looker } from './looker.ts'

const folder = mkdtempSync(join(tmpdir(), 'tollgate-restore-'))
const backup = join(folder, 'tollgate.tar')

let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker

before(async () => {
  rig = await openConsoleRig('127.0.153.3')
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'restore')
})
after(async () => {
  await rig?.close()
  rmSync(folder, { recursive: true, force: true })
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const choose = (file: string): Promise<void> => page.getByLabel('Backup to restore').setInputFiles(file)

test('a backup of now is downloaded', async () => {
  await rig.call('POST', '/carriers', { name: 'Before' })
  await page.goto(`${rig.server.origin}/system`)
  const coming = page.waitForEvent('download')
  await button('Download a backup').click()
  await (await coming).saveAs(backup)
  await page.getByText(/^The backup was downloaded \(\d/).waitFor()
})

test('a file that is no backup is told at once and never sent', async () => {
  const file = join(folder, 'holiday.tar')
  writeFileSync(file, 'x'.repeat(2_000))
  await choose(file)
  await page.getByText('“holiday.tar” is no backup of Tollgate.').waitFor()
  assert.equal(await dialog().count(), 0)
})

/** A tar whose manifest is changed, with its length kept. */
function written(name: string, change: (manifest: string) => string): string {
  const bytes = readFileSync(backup)
  const length = Number.parseInt(bytes.toString('latin1', 124, 136), 8)
  const changed = change(bytes.toString('latin1', 512, 512 + length))
  assert.equal(changed.length, length)
  bytes.write(changed, 512, 'latin1')
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return file
}

test('what the server finds wrong is said in the window, and everything stays as it was', async () => {
  await choose(written('newer.tar', (text) => text.replace('"format": 1', '"format": 9')))
  await dialog().getByText('Everybody is signed out, you too').waitFor()
  await dialog().getByRole('button', { name: 'Restore', exact: true }).click()
  await dialog().getByText('the backup was made by a newer version of Tollgate').waitFor()
  looker.forgetRefusal()
  await looker.check('refused')
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  // Large, and wrong after its beginning: the reason arrives although most of the file has not.
  const large = join(folder, 'large.tar')
  writeFileSync(large, Buffer.concat([readFileSync(backup).subarray(0, 1_024), Buffer.alloc(40_000_000, 120)]))
  await choose(large)
  await dialog().getByRole('button', { name: 'Restore', exact: true }).click()
  await dialog().getByText('no backup of Tollgate').waitFor()
  looker.forgetRefusal()
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('ready for calls').waitFor()
})

test('a restore says what it will do; then everybody logs in again, and what came after the backup is gone', async () => {
  await rig.call('POST', '/carriers', { name: 'After' })
  const other = await rig.open(desk)
  await other.page.goto(`${rig.server.origin}/carriers`)
  await other.page.getByText('After', { exact: true }).waitFor()
  await choose(backup)
  await dialog().getByText('tollgate.tar').waitFor()
  await looker.check('confirm')
  await dialog().getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByText(/is in force\. Everybody was signed out/).waitFor()
  await looker.picture('log-in')
  await other.page.getByText('You were signed out: the session has ended, or a backup was restored.').waitFor()
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill(rigPassword)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Carriers' }).first().click()
  await page.getByText('Before', { exact: true }).waitFor()
  assert.equal(await page.getByText('After', { exact: true }).count(), 0)
  await page.goto(`${rig.server.origin}/audit`)
  await page
    .getByRole('row')
    .filter({ hasText: /restore/i })
    .first()
    .waitFor()
})

test('nothing went wrong on the page', async () => {
  // Lists that were followed while the session ended hear 401.
  const faults = await pageFaults(watched)
  assert.deepEqual(
    faults.filter((fault) => !/status of 401/.test(fault)),
    [],
  )
})
