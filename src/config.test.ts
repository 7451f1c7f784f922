// The environment: what is accepted, and the one line that a wrong value gets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './config.ts'
import { cidrText } from './contract/address.ts'

const hepOf = (target: string, id?: string) =>
  readConfig({ TOLLGATE_HEP_TARGET: target, ...(id === undefined ? {} : { TOLLGATE_HEP_ID: id }) }).hep

test('a HEP collector is an address and a port, IPv6 in brackets; without one nothing is sent', () => {
  assert.equal(readConfig({}).hep, null)
  assert.equal(hepOf(''), null)
  assert.deepEqual(hepOf('udp:192.0.2.20:9060'), { address: '192.0.2.20', port: 9060, family: 4, captureId: 1 })
  assert.deepEqual(hepOf('udp:[2001:db8::20]:9060', '4294967295'), {
    address: '2001:db8::20',
    port: 9060,
    family: 6,
    captureId: 4_294_967_295,
  })
})

test('a wrong collector or number stops the start with the variable, the value and what is accepted', () => {
  for (const wrong of [
    '192.0.2.20:9060',
    'tcp:192.0.2.20:9060',
    'udp:homer.example:9060',
    'udp:192.0.2.20',
    'udp:1.2.3.4:0',
    'udp:1.2.3.4:65536',
    'udp:2001:db8::20:9060',
  ])
    assert.throws(
      () => hepOf(wrong),
      (error: Error) => error.message.startsWith(`TOLLGATE_HEP_TARGET="${wrong}": accepted is udp:address:port`),
      wrong,
    )
  assert.throws(
    () => hepOf('udp:192.0.2.20:9060', '4294967296'),
    /^ConfigFault: TOLLGATE_HEP_ID="4294967296": a whole number/,
  )
})

test('a media relay is an address and a port, too; without one there is none', () => {
  assert.equal(readConfig({}).rtpengine, null)
  const { rtpengine } = readConfig({ TOLLGATE_RTPENGINE: 'udp:127.0.0.1:2223' })
  assert.deepEqual(rtpengine, { address: '127.0.0.1', port: 2_223, family: 4 })
  assert.throws(
    () => readConfig({ TOLLGATE_RTPENGINE: 'tcp:127.0.0.1:2223' }),
    /TOLLGATE_RTPENGINE="tcp:127.0.0.1:2223"/,
  )
})

const mailOf = (url: string, from = 'tollgate@edge.example') =>
  readConfig({ TOLLGATE_SMTP_URL: url, TOLLGATE_MAIL_FROM: from }).messages.mail

test('a mail server is smtp or smtps with host, port and login; without one there is none', () => {
  assert.equal(readConfig({}).messages.mail, null)
  const from = 'tollgate@edge.example'
  assert.deepEqual(mailOf('smtp://mail.example'), { host: 'mail.example', port: 587, secure: false, login: null, from })
  assert.deepEqual(mailOf('smtps://edge:p%40ss@[2001:db8::25]:2465/'), {
    host: '2001:db8::25',
    port: 2_465,
    secure: true,
    login: { user: 'edge', password: 'p@ss' },
    from,
  })
})

test('a wrong mail server stops the start, and its password is not repeated', () => {
  for (const wrong of [
    'mail.example',
    'http://edge:planted1@mail.example',
    'smtp://edge:planted1@mail.example/path',
    'smtp://edge:planted1@mail.example?pool=true',
    'smtp://edge@mail.example',
    'smtp://edge:planted1%@mail.example',
    'smtp://',
  ])
    assert.throws(
      () => mailOf(wrong),
      (error: Error) => error.message.startsWith('TOLLGATE_SMTP_URL="...": ') && !error.message.includes('planted1'),
      wrong,
    )
  for (const from of ['', 'nobody', 'a@b\r\nBcc: c@d', 'Tollgate <a@b.example>'])
    assert.throws(() => mailOf('smtp://mail.example', from), /^ConfigFault: TOLLGATE_MAIL_FROM=/, from)
  assert.throws(() => readConfig({ TOLLGATE_MAIL_FROM: 'a@b.example' }), /mail needs TOLLGATE_SMTP_URL/)
})

test('proxies in front of the console are a comma list of addresses and ranges, and none by default', () => {
  const proxiesOf = (text: string) => readConfig({ TOLLGATE_HTTP_PROXIES: text }).http.proxies.map(cidrText)
  assert.deepEqual(proxiesOf(''), [])
  assert.deepEqual(proxiesOf('127.0.0.1, ::1,10.1.0.0/16'), ['127.0.0.1', '::1', '10.1.0.0/16'])
  assert.throws(() => proxiesOf('10.1.0.0/33'), /TOLLGATE_HTTP_PROXIES="10\.1\.0\.0\/33": .* is no address or range/)
})

test('ranges that webhooks may go to are a comma list', () => {
  const allowOf = (text: string) => readConfig({ TOLLGATE_WEBHOOK_ALLOW: text }).messages.webhookAllow.map(cidrText)
  assert.deepEqual(allowOf(''), [])
  assert.deepEqual(allowOf('127.0.0.1, fd00::/8,10.1.0.0/16'), ['127.0.0.1', 'fd00::/8', '10.1.0.0/16'])
  assert.throws(
    () => allowOf('hooks.example'),
    /TOLLGATE_WEBHOOK_ALLOW="hooks\.example": "hooks\.example" is no address/,
  )
})
