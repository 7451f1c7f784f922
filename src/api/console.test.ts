// The console's files: served, cached by their hash, its own paths answered with the page, nothing else of the disk.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openApiRig, type ApiRig } from '../../test/kit/api.ts'

let rig: ApiRig
const folder = mkdtempSync(join(tmpdir(), 'tollgate-console-'))

before(async () => {
  const dist = join(folder, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>console</title>')
  writeFileSync(join(dist, 'assets', 'index-abc.js'), 'export {}')
  writeFileSync(join(dist, '.built-from'), 'hash')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  rig = await openApiRig({ beforeSetup: true, staticDir: dist })
})
after(async () => {
  await rig.close()
  rmSync(folder, { recursive: true })
})

test('the page and its files are there before set-up; the page is fresh, files with a hash stay', async () => {
  for (const path of ['/', '/gateways', '/carriers/abc/auth']) {
    const { status, text, headers } = await rig.fetch('GET', path)
    assert.equal(status, 200, path)
    assert.match(text, /<title>console/)
    assert.match(headers.get('content-type') ?? '', /^text\/html/)
    assert.equal(headers.get('cache-control'), 'no-cache')
    assert.match(headers.get('content-security-policy') ?? '', /script-src 'self'/)
  }
  const script = await rig.fetch('GET', '/assets/index-abc.js')
  assert.match(script.headers.get('content-type') ?? '', /javascript/)
  assert.match(script.headers.get('cache-control') ?? '', /immutable/)
})

test('missing files, hidden files and paths out of the folder are 404', async () => {
  for (const path of [
    '/assets/index-old.js',
    '/.built-from',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/favicon.ico',
  ]) {
    const { status, text } = await rig.fetch('GET', path)
    assert.ok(status === 404 || status === 403, `${path}: ${status}`)
    assert.ok(!text.includes('secret.') && !text.includes('hash'), path)
  }
})

test('below /api there is never a page', async () => {
  const answer = await rig.fetch('GET', '/api/v2/carriers')
  assert.partialDeepStrictEqual(answer.json, { status: 404, code: 'not_found' })
  assert.equal((await rig.fetch('POST', '/gateways', { body: {} })).status, 404)
})

test('without a built console a text says how to get one', async () => {
  const bare = await openApiRig({ staticDir: join(folder, 'nothing') })
  try {
    const answer = await bare.fetch('GET', '/')
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
    assert.match(answer.text, /npm start/)
  } finally {
    await bare.close()
  }
})
