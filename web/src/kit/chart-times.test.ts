import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisTimes, lonelyPoints, shortMoment } from './chart-times.ts'

const at = (text: string): number => new Date(text).getTime() / 1000

test('the axis names the day once, and only days when it is wide', () => {
  assert.deepEqual(axisTimes([at('2026-01-31T12:00'), at('2026-01-31T18:00'), at('2026-02-01T00:00')]), [
    '12:00\n31 Jan',
    '18:00',
    '00:00\n1 Feb',
  ])
  assert.deepEqual(axisTimes([at('2026-01-31T00:00'), at('2026-02-02T00:00')]), ['31 Jan', '2 Feb'])
  assert.deepEqual(axisTimes([]), [])
  assert.equal(shortMoment(at('2026-01-31T12:05') * 1000), '31 Jan, 12:05')
})

test('a value between two gaps is found; one beside another is not', () => {
  assert.deepEqual(lonelyPoints([null, 3, null, 4, 5, undefined, 0]), [1, 6])
  assert.deepEqual(lonelyPoints([7]), [0])
  assert.deepEqual(lonelyPoints([]), [])
})
