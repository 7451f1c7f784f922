import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifest } from './backup-manifest.ts'

/** The head of a tar entry (POSIX ustar), as far as it is read here. */
function tarOf(name: string, content: string): Uint8Array {
  const bytes = new Uint8Array(2_048)
  const put = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at)
  put(0, name)
  put(124, new TextEncoder().encode(content).length.toString(8).padStart(11, '0'))
  put(257, 'ustar')
  put(512, content)
  return bytes
}

const manifest = { format: 1, version: '0.1.0', schema: 9, revision: 7, takenAt: '2026-01-31T12:00:00.000Z' }

test('a backup says when it was taken, by which version and at which revision', () => {
  assert.deepEqual(parseManifest(tarOf('manifest.json', JSON.stringify(manifest))), {
    version: '0.1.0',
    revision: 7,
    takenAt: '2026-01-31T12:00:00.000Z',
  })
})

test('another file is no backup: no tar, another tar, a manifest that says nothing', () => {
  for (const bytes of [
    new Uint8Array(),
    new TextEncoder().encode('carriers:\n'.repeat(500)),
    tarOf('holiday.jpg', JSON.stringify(manifest)),
    tarOf('manifest.json', 'no JSON'),
    tarOf('manifest.json', '[]'),
    tarOf('manifest.json', JSON.stringify({ ...manifest, takenAt: 'yesterday' })),
  ])
    assert.equal(parseManifest(bytes), undefined)
})
