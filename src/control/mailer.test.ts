import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertRow } from '../../test/kit/alert-row.ts'
import { openMailServer } from '../../test/kit/mail-server.ts'
import type { MailReceiver } from '../../test/kit/mail-server.ts'
import { DeliveryFault } from './deliveries.ts'
import type { AlertMessage } from './deliveries.ts'
import { mailChannel } from './mailer.ts'
import type { MailServer } from './mailer.ts'

const host = '127.0.74.1'

const messageOf = (change: Parameters<typeof alertRow>[0] = {}, event: AlertMessage['event'] = 'raised') => {
  const alert = alertRow(change)
  return { event, alert, text: alert.text, at: Date.UTC(2026, 0, 1, 12) } as const
}

const serverOf = ({ port }: MailReceiver, login: MailServer['login'] = null): MailServer => ({
  host,
  port,
  secure: false,
  login,
  from: 'tollgate@edge.example',
})

async function withServer(
  options: Parameters<typeof openMailServer>[1],
  work: (receiver: MailReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await openMailServer(host, options)
  try {
    await work(receiver)
  } finally {
    await receiver.close()
  }
}

/** Lines of the header, unfolded. */
const headersOf = (text: string): string[] =>
  text
    .slice(0, text.indexOf('\r\n\r\n'))
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')

test('an alert arrives at a real SMTP server: one mail to one address, in plain text', () =>
  withServer({}, async (receiver) => {
    const said = await mailChannel(serverOf(receiver))('noc@example.com', messageOf())
    assert.match(said, /^250 /)
    const [mail] = receiver.mails
    assert.deepEqual([receiver.mails.length, mail?.from, mail?.to], [1, 'tollgate@edge.example', ['noc@example.com']])
    const headers = headersOf(mail?.text ?? '')
    for (const line of [
      'From: Tollgate <tollgate@edge.example>',
      'To: noc@example.com',
      'Subject: [Tollgate] ALERT Acme: Low ASR',
      'Message-ID: <al_1.raised@edge.example>',
      'Auto-Submitted: auto-generated',
    ])
      assert.ok(headers.includes(line), `${line} is missing in ${headers.join(' | ')}`)
    assert.match(mail?.text ?? '', /carrier Acme: ASR 10 % in 15 minutes[^]*Time: 2026-01-01T12:00:00\.000Z/)
  }))

test('gateways that turned together are one mail with a line for each, and its subject says how many', () =>
  withServer({}, async (receiver) => {
    const red = (id: string, account: string) =>
      messageOf({
        id,
        account,
        name: 'Gateway red',
        kind: 'gatewayRed',
        text: `carrier ${account}: gateway ${id} is red`,
      })
    const many = { ...red('g1', 'Acme'), others: [red('g2', 'Acme'), red('g3\r\nX: y', 'Acme')] }
    await mailChannel(serverOf(receiver))('noc@example.com', many)
    await mailChannel(serverOf(receiver))('noc@example.com', { ...red('g1', 'Acme'), others: [red('g4', 'Beta')] })
    const [first, second] = receiver.mails.map(({ text }) => text)
    assert.equal(receiver.mails.length, 2)
    assert.ok(headersOf(first ?? '').includes('Subject: [Tollgate] ALERT Acme: Gateway red (3 gateways)'))
    for (const line of [
      'carrier Acme: gateway g1 is red',
      'carrier Acme: gateway g2 is red',
      'carrier Acme: gateway g3',
    ])
      assert.ok(first?.includes(line), line)
    assert.ok(!headersOf(first ?? '').some((line) => line.startsWith('X: y')))
    assert.ok(headersOf(second ?? '').includes('Subject: [Tollgate] ALERT 2 accounts: Gateway red (2 gateways)'))
  }))

test('names with line breaks add no header and no recipient', () =>
  withServer({}, async (receiver) => {
    const evil = 'x\r\nBcc: victim@example.com\r\n\r\nRCPT TO:<victim@example.com>\n.\r\nQUIT'
    const channel = mailChannel(serverOf(receiver))
    await channel('noc@example.com', messageOf({ name: evil, account: evil, subject: evil, text: evil }))
    const [mail] = receiver.mails
    assert.equal(receiver.mails.length, 1)
    assert.deepEqual(mail?.to, ['noc@example.com'])
    const headers = headersOf(mail?.text ?? '')
    assert.ok(!headers.some((line) => /^(?:bcc|cc):/i.test(line)), headers.join(' | '))
    assert.equal(headers.filter((line) => line.startsWith('To:')).length, 1)
    await assert.rejects(channel('noc@example.com>\r\nRCPT TO:<victim@example.com', messageOf()), { permanent: true })
    assert.equal(receiver.mails.length, 1)
  }))

test('a login is used, and a wrong one fails without its password in the error', async () => {
  const options = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (
      auth: { password?: string | null | undefined },
      _session: unknown,
      callback: (error: Error | null, response?: { user: string }) => void,
    ) =>
      auth.password === 'planted-Mail-1'
        ? callback(null, { user: 'edge' })
        : callback(new Error(`Invalid password ${auth.password ?? ''}`)),
  }
  await withServer(options, async (receiver) => {
    const login = { user: 'edge', password: 'planted-Mail-1' }
    await mailChannel(serverOf(receiver, login))('noc@example.com', messageOf())
    assert.equal(receiver.mails.length, 1)
    const wrong = mailChannel(serverOf(receiver, { user: 'edge', password: 'planted-Mail-2' }))
    await assert.rejects(wrong('noc@example.com', messageOf()), (error: unknown) => {
      assert.ok(error instanceof DeliveryFault)
      assert.ok(!error.message.includes('planted'), error.message)
      assert.equal(error.permanent, false, 'an operator may mend the account meanwhile')
      return true
    })
  })
})

test('a mailbox that is refused is not tried again; a server that is not there is', async () => {
  const onRcptTo = (_address: unknown, _session: unknown, callback: (error?: Error) => void): void =>
    callback(Object.assign(new Error('no such user'), { responseCode: 550 }))
  await withServer({ onRcptTo }, async (receiver) => {
    await assert.rejects(mailChannel(serverOf(receiver))('noc@example.com', messageOf()), { permanent: true })
  })
  const gone = { host, port: 1, secure: false, login: null, from: 'tollgate@edge.example' }
  await assert.rejects(mailChannel(gone)('noc@example.com', messageOf()), { permanent: false })
  await assert.rejects(mailChannel(null)('noc@example.com', messageOf()), { permanent: true })
})
