// Tables fit the terminal; foreign text cannot steer it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitText, momentText, percentText, printable, tableLines, type Column } from './table.ts'

interface Row {
  readonly name: string
  readonly count: number
  readonly reason: string | null
}
const columns: readonly Column<Row>[] = [
  { title: 'name', cell: (row) => row.name },
  { title: 'count', cell: (row) => row.count, right: true },
  { title: 'reason', cell: (row) => row.reason },
]

test('columns are as wide as their widest cell; nothing is cut without a terminal', () => {
  const lines = tableLines(columns, [
    { name: 'a', count: 1, reason: null },
    { name: 'Überland', count: 200, reason: 'r'.repeat(200) },
  ])
  assert.deepEqual(lines, ['NAME      COUNT  REASON', 'a             1  -', `Überland    200  ${'r'.repeat(200)}`])
})

test('on a terminal the widest column gives way', () => {
  const lines = tableLines(columns, [{ name: 'gateway', count: 1, reason: 'r'.repeat(200) }], 80)
  assert.deepEqual(
    lines.map((line) => line.length),
    [22, 80],
  )
  assert.match(lines[1] ?? '', /r…$/)
})

test('control and direction characters are escaped', () => {
  assert.equal(printable('a\u001B[31m\r\nb\u202Ec\u2028'), 'a\\u001b[31m\\u000d\\u000ab\\u202ec\\u2028')
  const [, line] = tableLines(columns, [{ name: '\u0007\u009B', count: 0, reason: 'x' }])
  assert.match(line ?? '', /^\\u0007\\u009b/)
})

test('values', () => {
  assert.equal(momentText('2026-01-31T12:00:00.123Z'), '2026-01-31 12:00:00Z')
  assert.equal(momentText(null), '-')
  assert.equal(percentText(10 / 11), '90.9 %')
  assert.equal(limitText(0), 'unlimited')
})
