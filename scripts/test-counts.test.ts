// What the runner believes: a wrong reading here would let a red ring pass.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countTests } from './test-counts.ts'
import { missingPrograms, rings } from './test-rings.ts'

test('counts what failed, was cancelled, skipped or left for later as not passed', () => {
  const text = '✔ a\nℹ tests 9\nℹ suites 0\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n'
  assert.deepEqual(countTests(text), { passed: 5, failed: 4, complete: true })
  assert.deepEqual(countTests(text.replaceAll('ℹ', '#')), { passed: 5, failed: 4, complete: true })
})

test('a runner that was ended has no closing lines', () => {
  assert.deepEqual(countTests('✔ a\n✔ pass 3\n'), { passed: 0, failed: 0, complete: false })
})

test('a line that a test printed does not win over the closing line', () => {
  assert.equal(countTests('# pass 900\nℹ pass 2\nℹ fail 0\n').passed, 2)
})

test('a missing program is named by its Debian package', () => {
  const missing = rings.flatMap((ring) => missingPrograms(ring, () => false))
  assert.deepEqual(missing, [
    'openssl',
    'openssl',
    'util-linux',
    'sip-tester',
    'sipsak',
    'kamailio',
    'kamailio-tls-modules',
    'openssl',
    'tshark',
    'rtpengine-daemon',
    'sip-tester',
    'sipsak',
    'openssl',
    'util-linux',
    'sip-tester',
    'sipsak',
    'openssl',
    'util-linux',
    'chromium-headless-shell',
  ])
  assert.deepEqual(
    rings.flatMap((ring) => missingPrograms(ring, () => true)),
    [],
  )
})
