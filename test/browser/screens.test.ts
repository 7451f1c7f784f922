// The screens of accounts, routes and calls with no row, one row and ten thousand: each can be read in both themes and at
// both widths, axe finds nothing serious, names and SIP fields are text, and nothing goes elsewhere.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { attemptRecord, callRecord } from '../kit/call-records.ts'
import type { WatchedPage } from './chromium.ts'
import type { ConsoleRig } from './console-rig.ts'
import { looks, openConsoleRig, pageFaults } from './console-rig.ts'
import { scrollThrough } from './scrolling.ts'
import type { SipCaller } from './sip-caller.ts'
import { placeCall } from './sip-caller.ts'
import type { SipResponder } from './sip-responder.ts'
import { openSipResponder } from './sip-responder.ts'

const callerAddress = '127.0.71.3'
const markup = '<img src=x onerror=alert(1)> & <b>bold</b>'
const manyRows = 10_000
const pictures = mkdtempSync(join(tmpdir(), 'tollgate-screens-'))

interface Screen {
  readonly path: string
  /** What stands there when there is nothing yet. */
  readonly empty: string
  /** Something that stands there when there is one of it, with a name that tries to be markup. */
  readonly one: string
}

const screens: readonly Screen[] = [
  { path: '/', empty: 'No gateways yet', one: 'acme-1' },
  { path: '/carriers', empty: 'No carriers yet', one: markup },
  { path: '/customers', empty: 'No customers yet', one: 'PBX' },
  { path: '/endpoints', empty: 'No entries yet', one: markup },
  { path: '/sip-users', empty: 'No SIP users yet', one: 'desk' },
  { path: '/routes', empty: 'No routes yet', one: markup },
  { path: '/calls', empty: 'No call at the moment', one: '<i>4411</i>' },
  { path: '/records', empty: 'No calls yet', one: '<i>4422</i>' },
  { path: '/simulate', empty: 'Nothing is sent, nothing is consumed', one: 'Source address' },
]

let rig: ConsoleRig
let gateway: SipResponder
let call: SipCaller | undefined

before(async () => {
  gateway = await openSipResponder('127.0.71.2')
  rig = await openConsoleRig('127.0.71.1')
})

after(async () => {
  await rig?.close()
  await call?.close()
  await gateway?.close()
  process.stderr.write(`pictures of the screens: ${pictures}\n`)
})

/** Where axe looks, too: it is slow, and finds the same in the other looks. */
const withAxe = new Set(['empty', 'one-light-1280', 'one-dark-390', 'record-light-1280', 'record-dark-390'])
const opposites = looks.filter(({ scheme, width }) => (scheme === 'light') === (width === 1280))

const nameOf = (path: string): string => (path === '/' ? 'board' : path.slice(1).replaceAll(/\W+/g, '-'))

/** Opens one screen and waits for a text on it; everything that is wrong with it. */
async function look(seen: WatchedPage, path: string, text: string, name: string): Promise<string[]> {
  await seen.page.goto(`${rig.server.origin}${path}`)
  await seen.page.getByText(text).first().waitFor()
  const faults = await pageFaults(seen, withAxe.has(name))
  await seen.page.screenshot({ path: join(pictures, `${nameOf(path)}-${name}.png`) })
  return faults.map((fault) => `${path} ${name}: ${fault}`)
}

test('an empty system says on every screen what to do next', async () => {
  const seen = await rig.open({ scheme: 'light', width: 1280, height: 860 })
  const faults: string[] = []
  for (const { path, empty } of screens) faults.push(...(await look(seen, path, empty, 'empty')))
  await seen.context.close()
  assert.deepEqual(faults, [])
})

const entry = (name: string, direction: string, address: string, port?: number) => ({
  name,
  direction,
  addresses: [address],
  ...(port === undefined ? {} : { port }),
})

test('one of each: both themes, both widths, and what tries to be markup is text', async () => {
  await rig.call('POST', '/config/apply', {
    carriers: [
      { name: markup, notes: markup, endpoints: [entry('acme-1', 'receives', gateway.address, gateway.port)] },
    ],
    customers: [
      {
        name: 'PBX',
        endpoints: [entry(`pbx ${markup}`, 'sends', callerAddress)],
        sipUsers: [{ username: 'desk', password: 'Secret-12345' }],
      },
    ],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: markup }] }],
  })
  rig.server.addRecords([
    callRecord(1, { cli: '<i>4422</i>', callerAccount: markup, detail: markup, reasonPhrase: markup }),
  ])
  call = await placeCall({
    address: callerAddress,
    edge: rig.server.sip,
    number: '4420',
    from: `"<script>alert(1)</script>" <sip:%3Ci%3E4411%3C%2Fi%3E@${callerAddress}>`,
  })
  assert.equal(await call.final, 200)
  const faults: string[] = []
  for (const one of looks) {
    const seen = await rig.open(one)
    for (const { path, one: text } of screens)
      faults.push(...(await look(seen, path, path === '/calls' ? '4420' : text, `one-${one.scheme}-${one.width}`)))
    assert.equal(await seen.page.locator('main :is(b, i, script, img)').count(), 0)
    await seen.context.close()
  }
  assert.deepEqual(faults, [])
})

test('a record shows why, its attempts and the messages; markup in it is text', async () => {
  const failed = attemptRecord({ gateway: markup, status: 503, reason: `503 ${markup}` })
  rig.server.addRecords([
    callRecord(2, {
      outcome: 'failed',
      status: 503,
      reasonPhrase: 'Service Unavailable',
      releaseReason: 'gateway failure',
      answeredAt: null,
      talkMs: 0,
      detail: markup,
      attempts: [failed],
      explanation: `rank ${markup}`,
    }),
  ])
  const faults: string[] = []
  for (const one of opposites) {
    const seen = await rig.open(one)
    const name = `record-${one.scheme}-${one.width}`
    faults.push(...(await look(seen, '/records/call_2', `503 ${markup}`, name)))
    faults.push(...(await look(seen, `/records/${encodeURIComponent(call?.callId ?? '')}`, '200 INVITE', name)))
    await seen.page
      .getByRole('button', { name: /^\+\d+ ms\s*INVITE/ })
      .first()
      .click()
    await seen.page.getByText('From: "<script>alert(1)</script>"').first().waitFor()
    assert.equal(await seen.page.locator('main :is(b, i, script, img)').count(), 0)
    await seen.context.close()
  }
  assert.deepEqual(faults, [])
})

interface Big {
  readonly path: string
  readonly count: string
}

const big: readonly Big[] = [
  { path: '/carriers', count: '10,001 carriers' },
  { path: '/endpoints', count: '10,002 entries' },
  { path: '/records', count: '10,002 calls' },
]

test('ten thousand rows: what is on screen is drawn, the rest comes while one scrolls', async () => {
  const carriers = Array.from({ length: manyRows }, (_, at) => ({
    name: `Carrier ${String(at).padStart(5, '0')}`,
    endpoints: [entry(`entry-${at}`, 'sends', `10.${at >> 8}.${at & 255}.1`)],
  }))
  // A busy machine may take longer to put so much in force than a write waits; it is stored all the same.
  await rig.call('POST', '/config/apply', { carriers }).catch((error: Error) => {
    assert.match(error.message, /edge_unavailable/)
  })
  rig.server.addRecords(Array.from({ length: manyRows }, (_, at) => callRecord(at + 10)))
  const faults: string[] = []
  for (const one of opposites) {
    const seen = await rig.open(one)
    for (const { path, count } of big) {
      faults.push(...(await look(seen, path, count, `many-${one.scheme}-${one.width}`)))
      faults.push(...(await scrollThrough(seen.page, path)))
    }
    await seen.context.close()
  }
  assert.deepEqual(faults, [])
})
