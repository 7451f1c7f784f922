// Bulk entry: every error on its row, whose address it is too, all or nothing in one revision.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tester, withControl } from '../../test/kit/control-rig.ts'
import { Fault } from '../base/fault.ts'
import type { BulkEntryResult } from '../contract/api-bulk.ts'
import type { Control } from './open-control.ts'

const receives = { direction: 'receives' }

async function enter(control: Control, input: object, account = 'Acme'): Promise<BulkEntryResult> {
  return control.config.importEndpoints('carrier', account, input, tester)
}

async function carrier({ config }: Control, name: string, endpoints: readonly object[] = []): Promise<string> {
  const { id } = await config.createAccount('carrier', { name }, tester)
  // One after the other, as revisions are.
  for (const endpoint of endpoints) await config.createEndpoint(id, endpoint, tester)
  return id
}

const told = ({ rows }: BulkEntryResult) =>
  rows.flatMap(({ line, errors }) => errors.map(({ path, message }) => `${line} ${path}: ${message}`))

const names = async ({ config }: Control): Promise<string[]> =>
  (await config.listEndpoints({ limit: 1_000 })).items.map((row) => row.config.name)

test('a preview stores nothing; the same paste without dryRun is one revision', () =>
  withControl(async ({ control }) => {
    await carrier(control, 'Acme')
    const text = 'gw-a 192.0.2.1 5070 10\n192.0.2.2\n\n192.0.2.3 5060 0'
    const preview = await enter(control, { text, defaults: receives, dryRun: true })
    assert.partialDeepStrictEqual(preview, { applied: false, dryRun: true, revision: 1, ok: 3, wrong: 0, created: [] })
    assert.deepEqual(
      preview.rows.map(({ line, name, addresses, port, weight, status }) => [
        line,
        name,
        addresses,
        port,
        weight,
        status,
      ]),
      [
        [1, 'gw-a', ['192.0.2.1'], 5070, 10, 'ok'],
        [2, 'Acme-1', ['192.0.2.2'], null, 1, 'ok'],
        [4, 'Acme-2', ['192.0.2.3'], 5060, 0, 'ok'],
      ],
    )
    assert.deepEqual(await names(control), [])
    const done = await enter(control, { text, defaults: receives })
    assert.partialDeepStrictEqual(done, { applied: true, revision: 2 })
    assert.deepEqual(await names(control), ['Acme-1', 'Acme-2', 'gw-a'])
    assert.equal((await control.config.getEndpoint(done.created[0] ?? '')).config.name, 'gw-a')
    const { items } = await control.config.revisions({ limit: 10 })
    assert.equal(items[0]?.summary, 'import of 3 endpoints of carrier Acme: 3 created')
    assert.equal((await control.audit.list({ limit: 99, filter: { action: 'import' } })).total, 1)
  }))

test('one wrong row and nothing is stored; each error stands at its row and says what is accepted', () =>
  withControl(async ({ control }) => {
    await carrier(control, 'Acme', [{ name: 'old', direction: 'receives', addresses: ['192.0.2.99'] }])
    const lines = [
      'good 192.0.2.1',
      '192.0.2.300',
      '192.0.2.5/24',
      'old 192.0.2.6',
      'good 192.0.2.7',
      '192.0.2.1 5060',
      '192.0.2.8 70000',
      'only-a-name',
      '192.0.2.0/28',
      '192.0.2.1',
    ]
    const result = await enter(control, { text: lines.join('\n'), defaults: receives })
    assert.deepEqual(told(result), [
      '2 addresses[0]: "192.0.2.300" is no IPv4 or IPv6 address, CIDR or host name (examples: 192.0.2.1, 192.0.2.0/24, 2001:db8::/64)',
      '3 addresses[0]: "192.0.2.5/24" has host bits set; did you mean 192.0.2.0/24?',
      '4 name: Acme has an entry "old" already',
      '5 name: "good" is the name of line 1 too',
      '7 port: a port from 1 to 65535',
      '8 addresses: no address; accepted: address, CIDR, or name address [port [weight]]',
      '9 addresses: an entry that receives calls needs at least one address or name; a CIDR only authorises',
      '10 addresses[0]: 192.0.2.1 is in line 1 already',
    ])
    assert.partialDeepStrictEqual(result, { applied: false, dryRun: false, ok: 2, wrong: 8, created: [], revision: 2 })
    assert.deepEqual(await names(control), ['old'])
  }))

test('whose addresses these are too: same, around, inside, in the paste itself', () =>
  withControl(async ({ control }) => {
    await carrier(control, 'Other', [
      { name: 'wide', direction: 'sends', addresses: ['198.51.100.0/24'] },
      { name: 'gw', direction: 'receives', addresses: ['192.0.2.9'] },
      { name: 'inner', direction: 'sends', addresses: ['203.0.113.9'] },
    ])
    await carrier(control, 'Acme', [{ name: 'in', direction: 'sends', addresses: ['192.0.2.0/24'] }])
    const csv = [
      'name,address,direction,port',
      'a,198.51.100.7,sends,',
      'b,203.0.113.0/24,sends,',
      'c,192.0.2.9,receives,5080',
      'd,192.0.2.10,receives,',
      'e,198.51.100.0/28,sends,',
      'f,10.0.0.1,receives,',
    ].join('\n')
    const { rows, wrong } = await enter(control, { csv, dryRun: true })
    const other = (endpoint: string, address: string) => `Other/${endpoint} ${address}`
    assert.deepEqual(
      rows.map(({ overlaps }) =>
        overlaps.map(({ account, endpoint, address, line }) =>
          line === null ? `${account}/${endpoint} ${address}` : `line ${line} ${address}`,
        ),
      ),
      [
        ['line 6 198.51.100.0/28', other('wide', '198.51.100.0/24')],
        [other('inner', '203.0.113.9')],
        [other('gw', '192.0.2.9')],
        [],
        [other('wide', '198.51.100.0/24'), 'line 2 198.51.100.7'],
        [],
      ],
    )
    assert.equal(wrong, 0)
  }))

test('a tie with an entry that exists is an error of the row', () =>
  withControl(async ({ control }) => {
    await carrier(control, 'Other', [{ name: 'in', direction: 'sends', addresses: ['198.51.100.1'] }])
    await carrier(control, 'Acme')
    const result = await enter(control, { text: '198.51.100.2\n198.51.100.1', defaults: { direction: 'both' } })
    assert.equal(told(result).length, 1)
    assert.match(
      told(result)[0] ?? '',
      /^2 addresses\[0\]: 198\.51\.100\.1 is also listed by entry "in" of carrier "Other"/,
    )
    assert.deepEqual(await names(control), ['in'])
  }))

test('passwords of a paste are kept encrypted and never shown', () =>
  withControl(async (rig) => {
    const { control } = rig
    await carrier(control, 'Acme')
    const csv = 'address,username,password\n192.0.2.1,tollgate,Planted-5ecret!'
    const result = await enter(control, { csv, defaults: receives })
    assert.ok(!JSON.stringify(result).includes('Planted'))
    assert.equal((await control.config.getEndpoint(result.created[0] ?? '')).hasPassword, true)
    assert.ok(!rig.bytes().includes('Planted-5ecret!'))
    assert.equal(control.directory.endpoints[0]?.password, 'Planted-5ecret!')
  }))

test('what is wrong with the whole is a fault: defaults, an empty paste, too many rows, no such account', () =>
  withControl(async ({ control }) => {
    await carrier(control, 'Acme')
    const many = Array.from({ length: 20_001 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).join('\n')
    const cases: [object, RegExp][] = [
      [{ text: '192.0.2.1', defaults: { direction: 'up' } }, /^defaults\.direction: /],
      [{ text: '192.0.2.1', defaults: { colour: 'red' } }, /^defaults\.colour: unknown field/],
      [{ text: '192.0.2.1', defaults: { name: 'x' } }, /^defaults\.name: unknown field/],
      [{ text: '# nothing\n' }, /^text: nothing to enter/],
      [{ text: many, defaults: receives }, /^text: 20001 rows; at most 20000/],
      [{ csv: 'a,b\n1,2' }, /^csv: line 1: unknown column "a"/],
    ]
    for (const [input, message] of cases)
      await assert.rejects(enter(control, input), (error) => error instanceof Fault && message.test(error.message))
    await assert.rejects(enter(control, { text: '192.0.2.1', defaults: receives }, 'Nobody'), { code: 'not_found' })
    assert.deepEqual(await names(control), [])
  }))

test('10,000 lines with 37 errors: each on its row; mended they are stored in one step', (t) =>
  withControl(async ({ control }) => {
    await carrier(control, 'Acme', [{ name: 'taken', direction: 'receives', addresses: ['192.0.2.1'] }])
    const addressOf = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    const lines = Array.from({ length: 10_000 }, (_, i) => `gw-${i} ${addressOf(i)} 5060 ${1 + (i % 10)}`)
    const wrongLines = Array.from({ length: 37 }, (_, i) => 100 + i * 263)
    const spoiled = [...lines]
    for (const [i, at] of wrongLines.entries())
      spoiled[at] = [
        `gw-${at} 10.0.0.${256 + i}`,
        `gw-${at} ${addressOf(at)} 0`,
        `taken ${addressOf(at)}`,
        lines[5] ?? '',
      ][i === 36 ? 3 : i % 3] as string
    spoiled[wrongLines[35] ?? 0] = `gw-x 10.0.0.1.2`
    spoiled[wrongLines[1] ?? 0] = `gw-y ${addressOf(1)} 5060 5`
    // Three rows are named `taken` twice over: the first clashes with what is stored, all with each other.
    const preview = await enter(control, { text: spoiled.join('\n'), defaults: receives, dryRun: true })
    assert.deepEqual(
      preview.rows.filter(({ status }) => status === 'error').map(({ line }) => line),
      wrongLines.map((at) => at + 1),
    )
    assert.partialDeepStrictEqual(preview, { ok: 9_963, wrong: 37, applied: false })
    const started = performance.now()
    const done = await enter(control, { text: lines.join('\n'), defaults: receives })
    t.diagnostic(`10,000 rows stored in ${Math.round(performance.now() - started)} ms`)
    assert.partialDeepStrictEqual(done, { applied: true, wrong: 0, revision: preview.revision + 1 })
    assert.equal(done.created.length, 10_000)
    assert.equal((await control.config.listEndpoints({ limit: 1 })).total, 10_001)
  }))
