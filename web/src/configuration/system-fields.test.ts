import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemInput } from '../../../src/contract/declarative.ts'
import { changesOf, draftOf, shownPaths, valueAt, withValue } from './system-fields.ts'

const system = systemInput.parse({})

test('every setting of the system has its field, except the rules of alerts, which have a page of their own', () => {
  const names = Object.entries(systemInput.parse({})).flatMap(([name, value]) =>
    name === 'protection' ? Object.keys(value as object).map((part) => `protection.${part}`) : [name],
  )
  assert.deepEqual(shownPaths.toSorted(), names.filter((name) => name !== 'alerts').toSorted())
})

test('only what differs is sent', () => {
  const before = draftOf(system)
  assert.deepEqual(changesOf(before, before), {})
  const after = withValue(withValue(before, 'channelsMax', 30), 'protection.windowSeconds', 10)
  assert.equal(valueAt(after, 'protection.windowSeconds'), 10)
  assert.deepEqual(changesOf(before, after), {
    channelsMax: 30,
    protection: { ...system.protection, windowSeconds: 10 },
  })
  assert.deepEqual(changesOf(before, withValue(after, 'channelsMax', 0)), {
    protection: { ...system.protection, windowSeconds: 10 },
  })
})
