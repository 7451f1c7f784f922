// Every screen with a list, with no row, one and ten thousand: what is there to read comes at once, few rows are drawn, and the
// rest comes while one scrolls. What a screen took is printed; the bound of one second is the bench's, not of a busy machine.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WatchedPage } from './chromium.ts'
import type { ConsoleRig } from './console-rig.ts'
import { looks, openConsoleRig } from './console-rig.ts'
import { desk } from './looker.ts'
import { fill, firstCarrier } from './many-rows.ts'
import { readingFaults } from './readable.ts'
import { drawnRows, drawnRowsMax, scrollThrough } from './scrolling.ts'

const manyRows = 10_000
/** Generous: other tests run on the same machine at the same time. */
const firstRowsMsMax = 5_000

interface Screen {
  /** `ID` stands for the first carrier. */
  readonly path: string
  /** What stands there with no row; undefined where there is always one. */
  readonly empty?: string
  /** What is counted there: `10,000 routes`; undefined where no count stands. */
  readonly counted?: string
}

const screens: readonly Screen[] = [
  { path: '/', empty: 'No gateways yet' },
  { path: '/carriers', empty: 'No carriers yet', counted: 'carriers' },
  { path: '/customers', empty: 'No customers yet', counted: 'customers' },
  { path: '/routes', empty: 'No routes yet', counted: 'routes' },
  { path: '/endpoints', empty: 'No entries yet', counted: 'entries' },
  { path: '/sip-users', empty: 'No SIP users yet', counted: 'SIP users' },
  { path: '/calls', empty: 'No call at the moment', counted: 'calls' },
  { path: '/records', empty: 'No calls yet', counted: 'calls' },
  { path: '/limits', empty: 'Nothing is limited', counted: 'limits' },
  { path: '/registrations', empty: 'No registrations', counted: 'registrations' },
  { path: '/firewall', empty: 'Nobody is blocked', counted: 'blocks' },
  { path: '/firewall/refused', empty: 'Nobody has been refused', counted: 'rows' },
  { path: '/alerts', empty: 'No alert was raised', counted: 'alerts' },
  { path: '/audit', counted: 'entries' },
  { path: '/people', counted: 'users' },
  { path: '/people/keys', empty: 'No API keys yet', counted: 'API keys' },
  { path: '/revisions', counted: 'revisions' },
  { path: '/carriers/ID/payments' },
  { path: '/carriers/ID/alerts' },
  { path: '/carriers/ID/history' },
]

let rig: ConsoleRig
let carrier = ''

before(async () => {
  rig = await openConsoleRig('127.0.153.2')
})
after(() => rig?.close())

const addressOf = (path: string): string => `${rig.server.origin}${path.replace('ID', carrier)}`

/** Waits for the first row; which screen it was stands in the error. */
async function firstRow({ page }: WatchedPage, path: string): Promise<void> {
  await page.goto(addressOf(path))
  await page
    .locator('tr[data-index="0"]')
    .first()
    .waitFor()
    .catch((cause: unknown) => {
      throw new Error(`no row at ${path}`, { cause })
    })
}

test('no row: every screen says so, and what to do', async () => {
  const seen = await rig.open(desk)
  for (const { path, empty } of screens)
    if (empty !== undefined) {
      await seen.page.goto(addressOf(path))
      await seen.page.getByText(empty, { exact: true }).waitFor()
      assert.equal(await drawnRows(seen.page), 0, path)
    }
  assert.deepEqual(seen.faults, [])
  await seen.context.close()
})

test('one row: it is drawn', async () => {
  await fill(rig, 1)
  carrier = await firstCarrier(rig)
  const seen = await rig.open(desk)
  for (const { path, empty, counted } of screens) {
    await firstRow(seen, path)
    if (empty !== undefined && counted !== undefined) assert.equal(await drawnRows(seen.page), 1, path)
  }
  assert.deepEqual(seen.faults, [])
  await seen.context.close()
})

/** Milliseconds from the address typed until the first row stands. */
async function openMeasured(seen: WatchedPage, path: string): Promise<number> {
  const from = performance.now()
  await firstRow(seen, path)
  return performance.now() - from
}

test('ten thousand rows: the first come at once, few are drawn, the rest comes while one scrolls', async () => {
  await fill(rig, manyRows)
  const faults: string[] = []
  for (const look of looks.filter(({ scheme, width }) => (scheme === 'light') === (width === 1280))) {
    const seen = await rig.open(look)
    const took: string[] = []
    for (const { path, counted } of screens) {
      const ms = await openMeasured(seen, path)
      took.push(`${path} ${Math.round(ms)} ms`)
      if (ms > firstRowsMsMax) faults.push(`${path}: first rows after ${Math.round(ms)} ms`)
      if (counted !== undefined) await seen.page.getByText(new RegExp(`^\\d\\d,\\d{3} ${counted}$`)).waitFor()
      const drawn = await drawnRows(seen.page)
      if (drawn > drawnRowsMax) faults.push(`${path}: ${drawn} rows in the page`)
      faults.push(...(await readingFaults(seen.page)).map((fault) => `${path} ${look.width}: ${fault}`))
      if (look.width > 600) faults.push(...(await scrollThrough(seen.page, path)))
    }
    process.stderr.write(`first rows of ${manyRows}, ${look.width} px: ${took.join(', ')}\n`)
    faults.push(...seen.faults)
    await seen.context.close()
  }
  assert.deepEqual(faults, [])
})
