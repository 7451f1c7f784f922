import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHeaderId, headerIdCount, headerIds, headerName, isList } from './header.ts'

test('RFC3261-7.3.1: header names are found in any case', () => {
  for (let id = 1; id < headerIdCount; id++) {
    const name = headerName(id)
    assert.notEqual(name, '', String(id))
    for (const text of [name, name.toLowerCase(), name.toUpperCase()]) assert.equal(findHeaderId(text), id, text)
  }
})

test('the numbers and the names belong together', () => {
  const spelled = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/g, '')
  for (const [key, id] of Object.entries(headerIds))
    if (id !== 0) assert.equal(spelled(headerName(id)), spelled(key), key)
  assert.equal(Object.keys(headerIds).length, headerIdCount)
})

test('RFC3261-7.3.3: compact forms', () => {
  const { via, from, to, callId, contact, contentLength, contentType, contentEncoding, subject, supported } = headerIds
  const forms = { v: via, f: from, t: to, i: callId, m: contact, l: contentLength, c: contentType, e: contentEncoding }
  for (const [form, id] of Object.entries({ ...forms, s: subject, k: supported })) {
    assert.equal(findHeaderId(form), id, form)
    assert.equal(findHeaderId(form.toUpperCase()), id, form)
  }
})

test('names we do not know, and near misses, are unknown', () => {
  for (const name of [
    '',
    'Vi',
    'Viaa',
    'C%6Fntact',
    'Call_ID',
    'Call ID',
    'X-Account',
    'q',
    'Content-Length ',
    '\u0016ia',
  ])
    assert.equal(findHeaderId(name), headerIds.unknown, name)
})

test('RFC3261-7.3.1: fields with commas of their own are no lists', () => {
  assert(isList(headerIds.via))
  assert(isList(headerIds.route))
  assert(!isList(headerIds.wwwAuthenticate))
  assert(!isList(headerIds.date))
})
