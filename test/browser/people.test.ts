// Users, API keys and one's own account: each action once, in both themes and at both widths.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { WatchedPage } from './chromium.ts'
import { openConsoleRig, rigPassword } from './console-rig.ts'
import type { ConsoleRig } from './console-rig.ts'
import { desk, Looker } from './looker.ts'

let rig: ConsoleRig
let watched: WatchedPage
let page: Page
let looker: Looker

const go = (path: string): Promise<unknown> => page.goto(`${rig.server.origin}${path}`)
const row = (text: string | RegExp): Locator => page.getByRole('row').filter({ hasText: text })
const dialog = (): Locator => page.getByRole('dialog')
const inDialog = (name: string): Locator => dialog().getByRole('button', { name, exact: true })
const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
const field = (name: string): Locator => page.getByLabel(name, { exact: true })

before(async () => {
  rig = await openConsoleRig('127.0.78.4')
  watched = await rig.open(desk)
  page = watched.page
  looker = new Looker(watched, 'people')
})

after(() => rig?.close())

/** Whether the session that this cookie names is alive. */
async function isLoggedIn(cookie: string): Promise<boolean> {
  const answer = await fetch(`${rig.server.origin}/api/v1/me`, { headers: { cookie } })
  return answer.status === 200
}

test('a user is created with a generated password; a wrong name is refused at its field', async () => {
  await go('/people')
  await row('admin').filter({ hasText: 'you' }).filter({ hasText: 'Administrator' }).waitFor()
  await button('New user').click()
  await field('Username').fill('not a name')
  await inDialog('Generate').click()
  assert.ok((await field('Password').inputValue()).length >= 15)
  await inDialog('Create user').click()
  await dialog()
    .getByText(/1 to 64 letters/)
    .waitFor()
  looker.forgetRefusal()
  await looker.check('new-user')
  await field('Username').fill('eve')
  await dialog().getByLabel('Role').selectOption('engineer')
  await inDialog('Create user').click()
  await row('eve').filter({ hasText: 'Engineer' }).filter({ hasText: 'May log in' }).waitFor()
})

test('role, password and log-ins of a user are changed, and their sessions end', async () => {
  const cookie = await rig.logIn('sam', 'support')
  assert.equal(await isLoggedIn(cookie), true)
  await row('sam').filter({ hasText: 'Support' }).waitFor()
  await looker.check('users')
  await button('sam').click()
  await dialog().getByLabel('Role').selectOption('engineer')
  await field('May not log in').check()
  await looker.picture('user')
  await inDialog('Save').click()
  await row('sam').filter({ hasText: 'Engineer' }).filter({ hasText: 'May not log in' }).waitFor()
  assert.equal(await isLoggedIn(cookie), false)
  await button('sam').click()
  await inDialog('Remove').click()
  await inDialog('Remove user').click()
  await row('sam').waitFor({ state: 'detached' })
  await button('admin').click()
  assert.equal(await inDialog('Remove').isDisabled(), true)
  await page.keyboard.press('Escape')
})

test('all sessions of a user are ended', async () => {
  const cookie = await rig.logIn('kim', 'support')
  await row('kim').waitFor()
  await button('kim').click()
  await inDialog('Log out everywhere').click()
  await dialog().last().getByRole('button', { name: 'Log out everywhere' }).click()
  await dialog().first().waitFor({ state: 'detached' })
  assert.equal(await isLoggedIn(cookie), false)
})

test('an API key is shown once, works, and is refused after it was revoked', async () => {
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('heading', { name: 'No API keys yet' }).waitFor()
  await button('New API key').first().click()
  await field('Name').fill('<b>deployment</b>')
  await dialog().getByLabel('Expires after').selectOption('90')
  await inDialog('Create key').click()
  const key = (await dialog().locator('.shown-secret code').textContent()) ?? ''
  await looker.picture('key')
  await inDialog('I have kept it').click()
  await row('<b>deployment</b>')
    .filter({ hasText: /in 89 d/ })
    .filter({ hasText: 'never' })
    .waitFor()
  assert.equal(await page.getByText(key).count(), 0)
  const ask = (): Promise<Response> =>
    fetch(`${rig.server.origin}/api/v1/status`, { headers: { authorization: `Bearer ${key}` } })
  assert.equal((await ask()).status, 200)
  await row('<b>deployment</b>')
    .filter({ hasText: /just now|ago/ })
    .waitFor()
  await looker.check('keys')
  await button('Revoke <b>deployment</b>').click()
  await inDialog('Revoke key').click()
  await page.getByRole('heading', { name: 'No API keys yet' }).waitFor()
  assert.equal((await ask()).status, 401)
})

test('people change their own password, see their sessions, and log out everywhere', async () => {
  const cookie = await rig.logIn('ann', 'support')
  const seen = await rig.open(desk, cookie)
  const own = seen.page
  await own.goto(`${rig.server.origin}/`)
  assert.equal(await own.getByRole('link', { name: 'People' }).count(), 0)
  await own.getByRole('button', { name: /: menu$/ }).click()
  await own.getByRole('link', { name: 'Your account' }).click()
  await own.getByRole('row').filter({ hasText: 'this browser' }).waitFor()
  const look = new Looker(seen, 'me')
  await own.getByLabel('Present password').fill('not the password')
  await own.getByLabel('New password').fill('another sentence for the test')
  await own.getByRole('button', { name: 'Change password' }).click()
  await own.locator('[data-error], .notice[data-tone=red]').first().waitFor()
  await own.getByLabel('Present password').fill(rigPassword)
  await own.getByRole('button', { name: 'Change password' }).click()
  await own.getByText('Your password was changed.').waitFor()
  seen.faults.length = 0
  await look.check('me')
  await own.getByRole('button', { name: 'Log out everywhere', exact: true }).click()
  await own.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click()
  await own.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.equal(await isLoggedIn(cookie), false)
  await seen.context.close()
})

test('nothing went wrong on the page, and it spoke to nobody else', () => {
  assert.deepEqual(watched.faults, [])
})
