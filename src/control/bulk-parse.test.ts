// What people paste, and what is read from it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { parseCsvRows, parseLines } from './bulk-parse.ts'

const fieldsOf = (text: string): unknown[] => parseLines(text).map(({ fields }) => fields)
const errorsOf = (text: string): unknown[] =>
  parseLines(text).map(({ errors }) => errors.map(({ path, message }) => `${path}: ${message}`))

test('lines: an address, a range, a name, with port and weight, in any usual way of writing', () => {
  const cases: [string, object][] = [
    ['192.0.2.10', { addresses: ['192.0.2.10'] }],
    ['  192.0.2.0/24  ', { addresses: ['192.0.2.0/24'] }],
    ['2001:db8::1', { addresses: ['2001:db8::1'] }],
    ['2001:db8::/64 # the lab', { addresses: ['2001:db8::/64'] }],
    ['192.0.2.10 5070', { addresses: ['192.0.2.10'], port: 5070 }],
    ['192.0.2.10 5070 10', { addresses: ['192.0.2.10'], port: 5070, weight: 10 }],
    ['192.0.2.10:5070', { addresses: ['192.0.2.10'], port: 5070 }],
    ['[2001:db8::1]:5070', { addresses: ['[2001:db8::1]'], port: 5070 }],
    ['acme-1 192.0.2.10', { name: 'acme-1', addresses: ['192.0.2.10'] }],
    ['acme-1\t192.0.2.10\t5070\t10', { name: 'acme-1', addresses: ['192.0.2.10'], port: 5070, weight: 10 }],
    ['acme-1,192.0.2.10,5070,10', { name: 'acme-1', addresses: ['192.0.2.10'], port: 5070, weight: 10 }],
    ['Acme London 1 192.0.2.10 5070', { name: 'Acme London 1', addresses: ['192.0.2.10'], port: 5070 }],
    ['gw.example.net', { addresses: ['gw.example.net'] }],
    ['gw.example.net:5080 ', { addresses: ['gw.example.net'], port: 5080 }],
    ['acme gw.example.net 5080', { name: 'acme', addresses: ['gw.example.net'], port: 5080 }],
    ['pair 192.0.2.1 192.0.2.2 5070', { name: 'pair', addresses: ['192.0.2.1', '192.0.2.2'], port: 5070 }],
  ]
  for (const [line, fields] of cases) {
    assert.deepEqual(fieldsOf(line), [fields], line)
    assert.deepEqual(errorsOf(line), [[]], line)
  }
})

test('what is nearly an address goes on as one, so that the error names it', () => {
  for (const text of ['192.0.2.300', '192.0.2', '192.0.2.1/33', '192.0.2.1-9', '2001:db8:::1', '10.1/8'])
    assert.deepEqual(fieldsOf(`acme ${text}`), [{ name: 'acme', addresses: [text] }], text)
})

test('lines that say something else say what is accepted', () => {
  assert.deepEqual(errorsOf('acme\nacme 192.0.2.1 sip\n192.0.2.1 5060 1 2 3'), [
    ['addresses: no address; accepted: address, CIDR, or name address [port [weight]]'],
    ['port: "sip" is no port; accepted: address, CIDR, or name address [port [weight]]'],
    [
      ': "2" stands behind the weight; accepted: address, CIDR, or name address [port [weight]]',
      ': "3" stands behind the weight; accepted: address, CIDR, or name address [port [weight]]',
    ],
  ])
})

test('lines are counted as an editor counts them; empty lines and comments are none', () => {
  const rows = parseLines('\uFEFF# ours\r\n192.0.2.1\r\n\r\n   \n192.0.2.2 # two\r192.0.2.3')
  assert.deepEqual(
    rows.map(({ line, input }) => [line, input]),
    [
      [2, '192.0.2.1'],
      [5, '192.0.2.2 # two'],
      [6, '192.0.2.3'],
    ],
  )
  assert.deepEqual(parseLines(' \n\n'), [])
})

test('a first line of column names makes it a CSV', () => {
  assert.deepEqual(fieldsOf('name,address,weight\na,192.0.2.1,10\nb,192.0.2.2,'), [
    { name: 'a', addresses: ['192.0.2.1'], weight: 10 },
    { name: 'b', addresses: ['192.0.2.2'] },
  ])
})

test('CSV: comma, semicolon or tab; quotes; BOM; CRLF; titles as people write them', () => {
  const comma =
    '\uFEFF"Name",IP Address,Channels_Max,cps,notes\r\n"a ""1""",192.0.2.1,30,5,"two\r\nlines, and more"\r\n'
  const read = (text: string) => parseCsvRows(text).map(({ line, fields }) => ({ line, fields }))
  assert.deepEqual(read(`${comma}b,192.0.2.2:5070,,,\r\n`), [
    {
      line: 2,
      fields: {
        name: 'a "1"',
        addresses: ['192.0.2.1'],
        channelsMax: 30,
        callsPerSecondMax: 5,
        notes: 'two\nlines, and more',
      },
    },
    { line: 4, fields: { name: 'b', addresses: ['192.0.2.2'], port: 5070 } },
  ])
  for (const sign of [';', '\t']) {
    const text = ['addresses;direction;transport;forceNat', '"192.0.2.1 192.0.2.0/29";both;tcp;yes'].join('\n')
    assert.deepEqual(read(text.replaceAll(';', sign)), [
      {
        line: 2,
        fields: { addresses: ['192.0.2.1', '192.0.2.0/29'], direction: 'both', transport: 'tcp', forceNat: true },
      },
    ])
  }
})

test('CSV: cells that do not fit their column, and cells without one', () => {
  const [row] = parseCsvRows('address,port,forceNat\n192.0.2.1,sip,maybe,extra')
  assert.deepEqual(row?.errors, [
    { path: 'port', message: '"sip" is no whole number' },
    { path: 'forceNat', message: '"maybe" is neither true nor false' },
    { path: '', message: '"extra" stands in no column: the header has 3' },
  ])
  assert.deepEqual(row?.fields, { addresses: ['192.0.2.1'] })
})

test('CSV: a password is read and never shown', () => {
  const [row] = parseCsvRows('address,username,password\n192.0.2.1,tollgate,S3cret!pw')
  assert.deepEqual(row?.fields, { addresses: ['192.0.2.1'], username: 'tollgate', password: 'S3cret!pw' })
  assert.equal(row?.input, '192.0.2.1, tollgate, (secret)')
})

test('CSV: a header that cannot be read is an error of the whole', () => {
  for (const [csv, message] of [
    ['name,adress\na,192.0.2.1', /line 1: unknown column "adress"; accepted: name, address, /],
    ['\n\nname,port\na,1', /line 3: the header names no column address/],
    ['ip,host\n192.0.2.1,x', /line 1: the column address is there twice/],
    ['__proto__,address\na,192.0.2.1', /unknown column "__proto__"/],
    ['constructor,address\na,192.0.2.1', /unknown column "constructor"/],
  ] as const)
    assert.throws(
      () => parseCsvRows(csv),
      (error) => error instanceof Fault && message.test(error.message),
      csv,
    )
  assert.deepEqual(parseCsvRows(''), [])
})

test('a quote that is never closed ends with the text, and 100,000 lines are read in a moment', () => {
  assert.deepEqual(parseCsvRows('address,notes\n192.0.2.1,"open\nand more').length, 1)
  const text = Array.from({ length: 100_000 }, (_, i) => `gw-${i} 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} 5060 1`)
  const rows = parseLines(text.join('\n'))
  assert.equal(rows.length, 100_000)
  assert.deepEqual(rows[99_999]?.fields, { name: 'gw-99999', addresses: ['10.1.134.159'], port: 5060, weight: 1 })
})
