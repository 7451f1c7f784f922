// sipsak registers as a SIP user and asks what is registered; SIPp, at the Contact that sipsak gave, is called there.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { runSipp, startSipp } from '../kit/sipp.ts'
import { Tollgate } from '../kit/tollgate.ts'

const net = '127.0.64'
const edge = `${net}.1`
const password = 'S3cret!pw'
/** sipsak sends from the address that the system chooses for loopback. */
const device = '127.0.0.1'
const devicePort = 5_964
let tollgate: Tollgate

before(async () => {
  const version = spawnSync('sipsak', ['-V'], { encoding: 'utf8' })
  if (version.error !== undefined) throw new Error('sipsak is missing: install the Debian package sipsak')
  console.log(version.stdout.split('\n')[0])
  tollgate = await Tollgate.start({
    sip: `${edge}:5060`,
    file: {
      system: { realm: 'sip.example.net' },
      carriers: [{ name: 'Acme', endpoints: [{ name: 'acme', direction: 'sends', addresses: [`${net}.2`] }] }],
      customers: [{ name: 'PBX', sipUsers: [{ username: '441', password }] }],
      routes: [{ prefix: '', from: 'carriers', targets: [{ sipUser: '441' }] }],
    },
  })
})
after(() => tollgate.stop())

interface Outcome {
  readonly code: number | null
  readonly text: string
}

/** Runs sipsak to its end, 20 s at most. */
function sipsak(expires: number, secret: string): Promise<Outcome> {
  const contact = `sip:441@${device}:${devicePort}`
  const argv = ['-U', '-C', contact, '-x', String(expires), '-a', secret, '-u', '441', '-vv', '-s', `sip:441@${edge}`]
  const child = spawn('sipsak', argv, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  const parts: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, text: Buffer.concat(parts).toString() }))
  })
}

const registered = async () =>
  (await tollgate.get<{ items: { direction: string; name: string; contact: string }[] }>('/registrations')).items

test('sipsak with a wrong password registers nothing', async () => {
  assert.notEqual((await sipsak(600, 'wrong')).code, 0)
  assert.deepEqual(await registered(), [])
})

test('sipsak registers with MD5, and calls reach SIPp at its Contact, under its name', async () => {
  const { code, text } = await sipsak(600, password)
  assert.equal(code, 0, text)
  assert.partialDeepStrictEqual(await registered(), [
    { direction: 'in', name: '441', account: 'PBX', contact: `sip:441@${device}:${devicePort}`, state: 'registered' },
  ])
  const phone = startSipp({ scenario: 'uas', address: device, port: devicePort })
  try {
    await phone.ready
    const calls = 20
    const caller = await runSipp({
      scenario: 'uac',
      address: `${net}.2`,
      port: 5070,
      remote: `${edge}:5060`,
      calls,
      callsPerSecond: 20,
      number: '441782555555',
      pauseMs: 100,
      timeLimitMs: 30_000,
    })
    assert.deepEqual([caller.successful, caller.failed, caller.retransmissions], [calls, 0, 0], caller.errors)
    assert.equal((await phone.stop()).successful, calls)
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount('&outcome=answered&gateway=441'),
      (count) => count === calls,
    )
    await tollgate.assertNothingHeld()
  } finally {
    await phone.kill()
  }
})

test('sipsak that asks for less than a minute hears 423', async () => {
  assert.match((await sipsak(30, password)).text, /423 Interval Too Brief/)
})
