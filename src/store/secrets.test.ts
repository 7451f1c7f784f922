import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { openKeyFile, SecretBox } from './secrets.ts'

const isUnavailable = (error: unknown): boolean => error instanceof Fault && error.code === 'store_unavailable'

test('a secret comes back, and two encryptions of it differ', () => {
  const box = new SecretBox(randomBytes(32))
  const sealed = box.seal('ep_1', 'password', 'S3cret!pw')
  assert.equal(box.unseal('ep_1', 'password', sealed), 'S3cret!pw')
  assert.notEqual(box.seal('ep_1', 'password', 'S3cret!pw'), sealed)
  assert.ok(!Buffer.from(sealed.slice(2), 'base64').includes('S3cret!pw'))
})

test('a ciphertext is bound to its owner, its field and its key', () => {
  const box = new SecretBox(randomBytes(32))
  const sealed = box.seal('ep_1', 'password', 'S3cret!pw')
  assert.throws(() => box.unseal('ep_2', 'password', sealed), isUnavailable)
  assert.throws(() => box.unseal('ep_1', 'other', sealed), isUnavailable)
  assert.throws(() => new SecretBox(randomBytes(32)).unseal('ep_1', 'password', sealed), isUnavailable)
})

test('a changed ciphertext is refused at every byte', () => {
  const box = new SecretBox(randomBytes(32))
  const bytes = Buffer.from(box.seal('ep_1', 'password', 'pw').slice(2), 'base64')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] as number) ^ 1
    assert.throws(() => box.unseal('ep_1', 'password', `1.${changed.toString('base64')}`), isUnavailable)
  }
  assert.throws(() => box.unseal('ep_1', 'password', ''), isUnavailable)
})

test('the key file is made once, for its owner alone, and never made anew where secrets exist', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-key-'))
  try {
    const file = join(directory, 'key')
    assert.throws(() => openKeyFile(file, false), isUnavailable)
    const key = openKeyFile(file, true)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const content = readFileSync(file)
    assert.deepEqual(openKeyFile(file, true), key)
    assert.deepEqual(readFileSync(file), content)
    writeFileSync(file, 'short')
    assert.throws(() => openKeyFile(file, true), isUnavailable)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
