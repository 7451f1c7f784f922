import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerParameter, parseNameAddr } from './name-addr.ts'
import { withoutParameters } from './parameter.ts'

test('RFC3261-20.10: display name, URI and parameters', () => {
  const rows: [string, string, string, string][] = [
    ['"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s', '"A. G. Bell"', 'sip:agb@bell-telephone.com', ';tag=a48s'],
    ['sip:+12125551212@server.phone2net.com;tag=887s', '', 'sip:+12125551212@server.phone2net.com', ';tag=887s'],
    ['Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8', 'Anonymous', 'sip:c8oqz84zk7z@privacy.org', ';tag=hyh8'],
    ['<sip:a@h;lr>', '', 'sip:a@h;lr', ''],
    ['caller<sip:a@h>', 'caller', 'sip:a@h', ''],
    ['"a <b> , \\"c\\"" <sip:a@h>', '"a <b> , \\"c\\""', 'sip:a@h', ''],
    ['J\xc3\xb6rg <sip:a@h>', 'J\xc3\xb6rg', 'sip:a@h', ''],
    ['tel:+1234;tag=1', '', 'tel:+1234', ';tag=1'],
    ['  <sip:a@h> ; x = "y;z" ', '', 'sip:a@h', '; x = "y;z" '],
  ]
  for (const [value, displayName, uri, parameters] of rows)
    assert.deepEqual(parseNameAddr(value), { displayName, uri, parameters }, value)
})

test('RFC3261-20.10: malformed values, and URIs that need their brackets', () => {
  const unbalanced = [
    '',
    '"x <sip:a@h>',
    '"x" sip:a@h',
    '<sip:a@h',
    'sip:a@h>',
    '"x"',
    'Bell, A <sip:a@h>',
    '<>',
    '< sip:a@h >',
  ]
  const parameters = [
    '<sip:a@h>;',
    '<sip:a@h>;;x',
    '<sip:a@h>;=1',
    '<sip:a@h>x',
    '<sip:a@h>,<sip:b@h>',
    '<sip:a@h>;x="y',
  ]
  for (const value of [
    ...unbalanced,
    ...parameters,
    'sip:a@h?x=y',
    'sip:a@h,b',
    'sip:a;b@h',
    'a@h',
    '*',
    '<sip:a@h>;x=<',
  ])
    assert.equal(parseNameAddr(value), undefined, value)
})

test('RFC3261-25.1: header parameters by name in any case, with blanks and quotes', () => {
  const parameters = ' ; Tag = abc ;flag;q="a \\"b\\";c" ; empty='
  assert.equal(headerParameter(parameters, 'tag'), 'abc')
  assert.equal(headerParameter(parameters, 'FLAG'), '')
  assert.equal(headerParameter(parameters, 'q'), 'a "b";c')
  assert.equal(headerParameter(parameters, 'empty'), '')
  assert.equal(headerParameter(parameters, 'c'), undefined)
  assert.equal(headerParameter('', 'tag'), undefined)
  assert.equal(withoutParameters(' ;a=1 ; b ;C="x;y"', ['c', 'a']), '; b')
})
