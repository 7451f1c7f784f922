import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardLog } from './log.ts'

/** One field as it comes out. */
function loggable(text: string): unknown {
  let out: unknown
  forwardLog((_level, _event, fields) => {
    out = fields['text']
  }).info('line', { text })
  return out
}

test("a peer's text cannot end a line, hide or reverse another one", () => {
  assert.equal(loggable('a\r\nb\u0000c\u001b[31m'), 'a\\u000d\\u000ab\\u0000c\\u001b[31m')
  assert.equal(loggable('x\u2028y\u202ez\u200f'), 'x\\u2028y\\u202ez\\u200f')
  assert.equal(loggable('Grüße, 日本'), 'Grüße, 日本')
})

test('long texts are cut', () => {
  assert.equal(String(loggable('a'.repeat(2_000))).length, 515)
})

test('fields are made safe on every way, numbers stay numbers', () => {
  const lines: unknown[] = []
  const log = forwardLog((level, event, fields) => lines.push([level, event, fields]))
  log.warn('refused', { source: 'a\nb', packets: 3, last: undefined })
  assert.deepEqual(lines, [['warn', 'refused', { source: 'a\\u000ab', packets: 3, last: undefined }]])
})
