// The command line as a process of its own against a real API: what it prints where, and how it exits.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tester } from '../../test/kit/control-rig.ts'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import type { PrintedCall } from '../call/print.ts'

const program = fileURLToPath(new URL('tollgate.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tollgate-cli-'))
const file = join(folder, 'acme.yaml')
const text = `carriers:
  - name: Acme
    channelsMax: 100
    endpoints:
      - { name: acme-1, direction: receives, addresses: [192.0.2.10], weight: 10, password: "s3cret!pw", username: u }
      - { name: acme-2, direction: receives, addresses: [192.0.2.11], weight: 1 }
      - { name: acme-3, direction: sends, addresses: [192.0.2.12], outboundProxy: [{ uri: "sip:192.0.2.9" }] }
routes:
  - { prefix: "44", from: any, targets: [{ carrier: Acme }] }
`
let rig: ApiRig

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

interface RunOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs `tollgate ...`; the environment holds nothing but what the test gives. */
async function tollgate(argv: readonly string[], { input, environment = {} }: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...argv], {
    env: {
      PATH: process.env['PATH'],
      TOLLGATE_URL: rig.server.address,
      TOLLGATE_API_KEY: rig.keys.engineer,
      ...environment,
    },
  })
  const [out, error]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => error.push(chunk))
  child.stdin.end(input ?? '')
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out: Buffer.concat(out).toString(), error: Buffer.concat(error).toString() }
}

/** Runs and expects success without a word on stderr. */
async function done(...argv: string[]): Promise<string> {
  const { code, out, error } = await tollgate(argv)
  assert.deepEqual({ code, error }, { code: 0, error: '' }, out)
  return out
}

before(async () => {
  rig = await openApiRig()
  writeFileSync(file, text)
})
after(async () => {
  await rig.close()
  rmSync(folder, { recursive: true })
})

test('diff and apply --dry-run show the plan like a diff and change nothing', async () => {
  const diff = await done('diff', '-f', file)
  assert.equal(await done('apply', '-f', file, '--dry-run'), diff)
  const lines = diff.split('\n')
  assert.ok(lines.includes('+ carrier Acme'))
  assert.ok(lines.includes('+ endpoint Acme/acme-1'))
  assert.match(diff, /^\+ {3}channelsMax: 100$/m)
  assert.match(diff, /^\d changes to make; nothing was changed \(revision \d+ is in force\)\.$/m)
  assert.ok(!diff.includes('s3cret'))
  assert.ok(!diff.includes('\u001B'))
  assert.equal((await rig.control.config.listAccounts('carrier', { limit: 1 })).total, 0)
})

test('import-endpoints shows what it would create, then creates it, or says which lines are wrong', async () => {
  await rig.control.config.createAccount('carrier', { name: 'Bulk' }, tester)
  const lines = join(folder, 'lines.txt')
  writeFileSync(lines, 'b-1 192.0.2.101 5060 10\n192.0.2.102\n')
  const set = ['--set', 'direction=receives', 'channelsMax=30']
  const preview = await done('import-endpoints', 'Bulk', lines, '--dry-run', ...set)
  assert.match(preview, /^ *1 +b-1 +192\.0\.2\.101 +5060 +10 +receives/m)
  assert.match(preview, /2 endpoints to create; nothing was changed/)
  assert.match(
    await done('import-endpoints', 'Bulk', lines, ...set),
    /^2 endpoints created; revision \d+ is in force\.$/m,
  )
  const { items } = await rig.control.config.listEndpoints({ limit: 9, search: 'b-1' })
  assert.equal(items[0]?.config.channelsMax, 30)
  const wrong = await tollgate(['import-endpoints', 'Bulk', '-', '--csv', ...set], {
    input: 'address,port\n192.0.2.103,sip\n192.0.2.300,\n',
  })
  assert.equal(wrong.code, 1)
  assert.match(wrong.error, /2 of 2 rows are wrong; nothing was stored/)
  assert.match(wrong.error, /^ {2}standard input:2: port: "sip" is no whole number$/m)
  assert.match(wrong.error, /^ {2}standard input:3: addresses\[0\]: "192\.0\.2\.300" is no IPv4/m)
  assert.equal((await tollgate(['import-endpoints', 'Bulk', lines, '--set', 'nonsense'])).code, 2)
  await rig.control.config.removeAccount('carrier', (await rig.control.config.getAccount('carrier', 'Bulk')).id, tester)
})

test('admin reset: whoever reads the data directory gets a password, once; from elsewhere nobody does', async () => {
  const environment = { TOLLGATE_DATA_DIR: rig.dataDir, TOLLGATE_API_KEY: '' }
  const { code, out } = await tollgate(['admin', 'reset', '--user', 'ruth'], { environment })
  assert.equal(code, 0)
  const password = /^ruth is an administrator; the password, shown once: (\S{20,})$/m.exec(out)?.[1] ?? ''
  assert.equal((await rig.control.people.signIn('ruth', password, '127.0.0.1')).identity.role, 'administrator')
  const elsewhere = await tollgate(['admin', 'reset'], { environment: { TOLLGATE_DATA_DIR: folder } })
  assert.equal(elsewhere.code, 1)
  assert.match(elsewhere.error, /cannot read .*host-token.*run it on the server/)
})

test('--reason goes into the audit with the change', async () => {
  await done('block', '203.0.113.67', '--reason', 'größere Störung')
  const { items } = await rig.control.audit.list({ limit: 1 })
  assert.equal(items[0]?.reason, 'größere Störung')
  await done('unblock', '203.0.113.67')
})

test('apply applies; applying again changes nothing; a change shows before and after', async () => {
  assert.match(await done('apply', '-f', file), /^\d changes applied; revision \d+ is in force\.$/m)
  assert.match(
    await done('apply', '-f', file),
    /^warning: carriers\[0\]\.endpoints\[2\]\.outboundProxy: .*\nNo changes; revision \d+ is in force\.\n$/m,
  )
  const changed = text.replace('weight: 1 }', 'weight: 5 }')
  const { code, out } = await tollgate(['apply', '-f', '-'], { input: changed })
  assert.equal(code, 0)
  assert.match(out, /^~ endpoint Acme\/acme-2\n- {3}weight: 1\n\+ {3}weight: 5$/m)
})

test('a JSON file and --json', async () => {
  const out = await done('export', '--json')
  const { code, out: answer } = await tollgate(['apply', '-f', '-', '--json'], { input: out })
  assert.equal(code, 0)
  assert.partialDeepStrictEqual(JSON.parse(answer), { applied: false, plan: [] })
})

test('export is what apply takes; --prune removes what a file does not name', async () => {
  const exported = await done('export')
  assert.match(exported, /^carriers:$/m)
  const again = await tollgate(['diff', '-f', '-', '--prune'], { input: exported })
  assert.match(again.out, /^No changes/m)
  const pruned = await tollgate(['diff', '-f', '-', '--prune'], { input: 'carriers: []' })
  assert.match(pruned.out, /^- carrier Acme$/m)
  assert.match(pruned.out, /^- endpoint Acme\/acme-1$/m)
})

test('every error of a file is one line with file and path, on stderr, exit 1', async () => {
  const bad = join(folder, 'bad.yaml')
  writeFileSync(bad, text.replace('192.0.2.11', '192.0.2.1111').replace('channelsMax: 100', 'channelsMax: many'))
  const { code, out, error } = await tollgate(['apply', '-f', bad])
  assert.equal(code, 1)
  assert.equal(out, '')
  const lines = error.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^tollgate: Invalid input/)
  assert.ok(lines.some((line) => line.startsWith(`  ${bad}: carriers[0].channelsMax: `)))
  assert.ok(
    lines.some((line) => line.startsWith(`  ${bad}: carriers[0].endpoints[1].addresses[0]: "192.0.2.1111" is no`)),
  )
  const asJson = await tollgate(['apply', '-f', bad, '--json'])
  assert.partialDeepStrictEqual(JSON.parse(asJson.error), { code: 'invalid', status: 400 })
  const unreadable = await tollgate(['apply', '-f', '-'], { input: 'carriers: [' })
  assert.match(unreadable.error, /standard input: not YAML: .* line 1, column 12/)
})

test('revisions and rollback', async () => {
  const revisions = await done('revisions')
  assert.match(revisions, /^REVISION {2}AT +BY +SUMMARY$/m)
  assert.match(revisions, /engineer key/)
  const planned = await done('rollback', '--dry-run')
  assert.match(planned, /^- {3}weight: 5\n\+ {3}weight: 1$/m)
  assert.equal(await done('revisions'), revisions)
  assert.match(await done('rollback'), /^~ endpoint Acme\/acme-2\n- {3}weight: 5\n\+ {3}weight: 1$/m)
  assert.equal((await tollgate(['rollback', 'yesterday'])).code, 2)
  const missing = await tollgate(['rollback', '9999'])
  assert.equal(missing.code, 1)
  assert.match(missing.error, /^tollgate: /)
})

test('SIP users are a table that never shows a password', async () => {
  const options = { actor: { kind: 'system', id: null, name: 'test', address: null } } as const
  const { id } = await rig.control.config.createAccount('customer', { name: 'Phones' }, options)
  const fields = { password: 'S3cret!pw', allowedAddresses: ['203.0.113.0/24'], channelsMax: 2 }
  await rig.control.config.createSipUser(id, { username: '441', ...fields }, options)
  await rig.control.config.createSipUser(id, { username: '442' }, options)
  const users = await done('sip-users')
  assert.match(users, /^441 +set +203\.0\.113\.0\/24 +2 +unlimited/m)
  assert.match(users, /^442 +none +anywhere +unlimited/m)
  assert.equal(users.includes('S3cret'), false)
  await rig.control.config.removeAccount('customer', id, options)
})

test('carriers and gateways are tables that fit 100 columns', async () => {
  const carriers = await done('carriers')
  assert.match(carriers, /^Acme {2}active +100 +unlimited/m)
  rig.answers.gateways = () =>
    rig.control.directory.endpoints.map(({ id, targets }, i) => ({
      endpointId: id,
      targetKey: targets[0]?.key ?? '',
      status: i === 0 ? 'green' : 'red',
      reason: i === 0 ? 'OPTIONS answered' : 'no reply\u001B[2J',
      since: 0,
      lastProbe: null,
      channels: 2,
      callsPerSecond: 1,
      failures: 0,
      accountFailures: 0,
      history: [],
    }))
  const gateways = await done('gateways')
  assert.match(gateways, /^Acme +acme-1 +udp:192\.0\.2\.10:5060 +100\.0 % +green +2 +1 +0 +OPTIONS answered$/m)
  assert.match(gateways, /^Acme +acme-2 .* red .*no reply\\u001b\[2J$/m)
  for (const line of `${carriers}${gateways}`.split('\n')) assert.ok(line.length <= 100, line)
  const resets: unknown[] = []
  rig.answers.resetFailures = (ask) => {
    resets.push(ask.scope)
    return true
  }
  assert.equal(await done('reset-failures', 'acme-1'), 'The failures of gateway acme-1 are 0 again.\n')
  assert.equal(await done('reset-failures', 'Acme', '--kind', 'carrier'), 'The failures of carrier Acme are 0 again.\n')
  assert.equal((await tollgate(['reset-failures', 'Acme', '--kind', 'route'])).code, 2)
  assert.equal((await tollgate(['reset-failures', 'nobody'])).code, 1)
  assert.deepEqual(resets, ['endpoint', 'account'])
  const rows = JSON.parse(await done('gateways', '--json')) as { share: number }[]
  assert.equal(rows[0]?.share, 1)
})

test('calls, end, limits, status', async () => {
  const call = { id: 'call-1', state: 'answered', startedAt: 0, answeredAt: 1_000, callerAccount: 'PBX' }
  const more = {
    callerEndpoint: 'pbx',
    callerSipUser: null,
    gateway: 'acme-1',
    dialled: '44',
    destination: '44',
    cli: '49',
    source: 'x',
  }
  const live: PrintedCall = { ...call, ...more, detail: {} }
  rig.answers.calls = () => [live]
  rig.answers.call = ({ id }) => (id === live.id ? live : null)
  rig.answers.endCall = ({ id }) => id === 'call-1'
  rig.answers.limits = () => [
    { scope: 'account', id: 'a', name: 'Acme', kind: 'channels', limit: 100, used: 2, calls: ['call-1'] },
  ]
  assert.match(await done('calls'), /^call-1 +answered +1970-01-01 00:00:01Z +PBX\/pbx +acme-1 +49 +44$/m)
  assert.equal(await done('end', 'call-1'), 'Call call-1 ended.\n')
  const missing = await tollgate(['end', 'call-2'])
  assert.deepEqual([missing.code, missing.out], [1, ''])
  assert.match(missing.error, /No live call "call-2"/)
  assert.match(await done('limits'), /^account +Acme +channels +2 +100$/m)
  assert.match(await done('status'), /^ready +yes$/m)
})

test('simulate prints verdict, steps and candidates', async () => {
  rig.answers.simulate = ({ sourceIp, destination, cli }) => ({
    verdict: 'refuse',
    code: 403,
    reason: 'IP Not Authorised',
    steps: [{ step: 'identify', text: `${sourceIp} dials ${destination} as ${cli}` }],
    candidates: [],
  })
  const out = await done('simulate', '--from-ip', '192.0.2.9', '--to', '44178', '--cli', '49')
  assert.equal(out, 'refused: 403 IP Not Authorised\n\n  identify  192.0.2.9 dials 44178 as 49\n\nNo candidates.\n')
  assert.equal((await tollgate(['simulate', '--from-ip', '192.0.2.9'])).code, 2)
  const bad = await tollgate(['simulate', '--from-ip', '192.0.2', '--to', '4'])
  assert.equal(bad.code, 1)
  assert.match(bad.error, /sourceIp: "192\.0\.2" is no IPv4 or IPv6 address/)
})

test('block, unblock and records', async () => {
  assert.equal(await done('block', '203.0.113.66', '--reason', 'scanner'), '203.0.113.66 is blocked.\n')
  assert.equal((await tollgate(['block', '203.0.113.666'])).code, 2)
  let automatic = [{ address: '203.0.113.66', reason: '30 failures', since: 0, until: 60_000 }]
  rig.answers.automaticBlocks = () => automatic
  rig.answers.liftBlock = () => {
    automatic = []
    return true
  }
  const list = await done('blocks')
  assert.match(list, /^203\.0\.113\.66 +by hand +- +scanner$/m)
  assert.match(list, /^203\.0\.113\.66 +automatically +1970-01-01.* +30 failures$/m)
  assert.equal(await done('unblock', '203.0.113.66/32'), '203.0.113.66 is no longer blocked.\n')
  assert.equal(await done('blocks'), 'Nothing is blocked.\n')
  assert.match((await tollgate(['unblock', '203.0.113.66'])).error, /is not blocked/)
  assert.equal(await done('records'), 'No call records.\n')
  assert.match(await done('records', '--csv'), /^id,startedAt,/)
  assert.equal((await tollgate(['records', '--limit', 'all'])).code, 2)
})

test('usage is exit 2, refusals and an unreachable server exit 1', async () => {
  const wrong = [
    [],
    ['nonsense'],
    ['apply'],
    ['end'],
    ['apply', '-f', join(folder, 'missing.yaml')],
    ['carriers', '--colour'],
  ]
  for (const { code, out, error } of await Promise.all(wrong.map((argv) => tollgate(argv)))) {
    assert.deepEqual([code, out], [2, ''], error)
    assert.notEqual(error, '')
  }
  const noKey = await tollgate(['carriers'], { environment: { TOLLGATE_API_KEY: '' } })
  assert.equal(noKey.code, 1)
  assert.match(noKey.error, /TOLLGATE_API_KEY/)
  const support = await tollgate(['block', '203.0.113.1'], { environment: { TOLLGATE_API_KEY: rig.keys.support } })
  assert.equal(support.code, 1)
  assert.match(support.error, /the role support may not do this/i)
  const nobody = await tollgate(['carriers'], { environment: { TOLLGATE_URL: 'http://127.0.0.1:1' } })
  assert.equal(nobody.code, 1)
  assert.match(nobody.error, /^tollgate: cannot reach http:\/\/127\.0\.0\.1:1: /)
  const wrongUrl = await tollgate(['carriers'], { environment: { TOLLGATE_URL: 'localhost' } })
  assert.equal(wrongUrl.code, 2)
  const help = await tollgate(['help', 'apply'])
  assert.deepEqual([help.code, help.error], [0, ''])
})

test('why shows every step and attempt of a record; rejections say what to do', async () => {
  const attempts = [attemptRecord({ status: 503, reason: '503 from the gateway' })]
  const explanation = 'reply the caller gets 503'
  const record = callRecord(1, { outcome: 'failed', status: 503, detail: 'acme-1: 503', explanation, attempts })
  rig.control.records.add([record], 0)
  const deadline = Date.now() + 10_000
  let shown = await tollgate(['why', record.id])
  while (shown.code !== 0 && Date.now() < deadline) shown = await tollgate(['why', record.id])
  assert.match(shown.out, /^failed 503 .*: acme-1: 503\n/)
  assert.match(shown.out, /reply +the caller gets 503\n/)
  assert.match(shown.out, /sent to +acme-1 udp:192\.0\.2\.10:5060: 503 from the gateway \(Call-ID attempt@tollgate\)\n/)
  const row = { address: '198.51.100.9', count: 3, lastAt: 1_000, sample: 'INVITE sip:1@2', reason: 'source_unknown' }
  rig.answers.rejections = () => [{ ...row, callId: null, explanation: [], packet: null }]
  assert.match(await done('rejections'), /198\.51\.100\.9 +3 .*source_unknown.*No enabled entry that sends/)
})
