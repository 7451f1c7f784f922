// E-mail of alerts by SMTP (RFC 5321), plain text (RFC 5322). One message for each address. The password is in no message,
// log or error.
import { createTransport } from 'nodemailer'
import type { Transporter } from 'nodemailer'
import { mailAddress } from '../contract/alert-rule.ts'
import { allOf, DeliveryFault } from './deliveries.ts'
import type { AlertMessage, Channel } from './deliveries.ts'
import { oneLine } from './one-line.ts'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (smtps). */
  readonly secure: boolean
  /** Null: the server takes mail without. */
  readonly login: { readonly user: string; readonly password: string } | null
  /** Mailbox in From and in the envelope. */
  readonly from: string
}

const timeoutMs = 10_000

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** Passwords leave only under TLS, except on this machine. */
function open({ host, port, secure, login }: MailServer): Transporter {
  const local = isLoopback(host)
  return createTransport({
    host,
    port,
    secure,
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    ignoreTLS: local && !secure,
    requireTLS: !local && login !== null,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

const titles = { raised: 'ALERT', recovered: 'OK', test: 'TEST' } as const

const timeOf = (at: number): string => new Date(at).toISOString()

/** Which account, or how many. */
function accountsOf(messages: readonly AlertMessage[]): string {
  const names = new Set(messages.map(({ alert }) => alert.account))
  return names.size === 1 ? (messages[0]?.alert.account ?? '') : `${names.size} accounts`
}

function subjectOf(message: AlertMessage): string {
  const { event, alert } = message
  const all = allOf(message)
  const count = all.length === 1 ? '' : ` (${all.length} gateways)`
  return oneLine(`[Tollgate] ${titles[event]} ${accountsOf(all)}: ${alert.name}${count}`, 200)
}

function bodyOf(message: AlertMessage): string {
  return message.others === undefined ? bodyOfOne(message) : bodyOfMany(message)
}

/** One line for each gateway. */
function bodyOfMany(message: AlertMessage): string {
  const { alert } = message
  const all = allOf(message)
  const lines = [
    `${all.length} gateways:`,
    '',
    ...all.map(({ text, at, alert: { id } }) => `- ${timeOf(at)} ${oneLine(text)} (${id})`),
    '',
    `Alert: ${oneLine(alert.name)} (${alert.kind})`,
  ]
  return `${lines.join('\n')}\n`
}

function bodyOfOne({ event, alert, text, at }: AlertMessage): string {
  const lines = [
    event === 'test' ? 'This is a test of an alert: nothing has happened.' : '',
    oneLine(text),
    '',
    `${alert.accountKind === 'carrier' ? 'Carrier' : 'Customer'}: ${oneLine(alert.account)}`,
    `Alert: ${oneLine(alert.name)} (${alert.kind})`,
    alert.subject === null ? '' : `Gateway: ${oneLine(alert.subject)}`,
    `Time: ${timeOf(at)}`,
    `Id: ${alert.id}`,
  ]
  return `${lines.filter((line, i) => line !== '' || i === 2).join('\n')}\n`
}

interface SmtpError {
  readonly responseCode?: number
  readonly code?: string
}

/** nodemailer's errors hold answers of the server; the password is cut out should one repeat it. */
function faultOf(error: unknown, login: MailServer['login']): DeliveryFault {
  const { responseCode, code } = (typeof error === 'object' && error !== null ? error : {}) as SmtpError
  const said = oneLine(error instanceof Error ? error.message : String(error), 200)
  const clean = login === null ? said : said.replaceAll(login.password, '(secret)')
  return new DeliveryFault(clean, code !== 'EAUTH' && responseCode !== undefined && responseCode >= 500)
}

/** A channel that says so when no mail server is configured. */
export function mailChannel(server: MailServer | null): Channel {
  if (server === null)
    return () => Promise.reject(new DeliveryFault('no mail server is configured (TOLLGATE_SMTP_URL)', true))
  const transport = open(server)
  return async (to, message) => {
    const { event, alert } = message
    if (!mailAddress.safeParse(to).success) throw new DeliveryFault('no address that mail can be sent to', true)
    const domain = server.from.slice(server.from.lastIndexOf('@') + 1)
    try {
      const { response } = await transport.sendMail({
        from: { name: 'Tollgate', address: server.from },
        envelope: { from: server.from, to: [to] },
        to: { name: '', address: to },
        subject: subjectOf(message),
        text: bodyOf(message),
        messageId: `<${alert.id}.${event}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Tollgate-Alert': alert.id },
      })
      return oneLine(response ?? 'accepted', 200)
    } catch (error) {
      throw faultOf(error, server.login)
    }
  }
}
