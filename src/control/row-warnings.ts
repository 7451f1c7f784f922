// What is worth a look in one row: what the compiler found, and what is too common to be said of a whole file.
import type { Warning } from '../base/fault.ts'
import type { Configuration, EndpointRow, Row } from './configuration.ts'
import type { RowWarnings } from './publisher.ts'

/** Anybody may write a source address into a UDP packet (RFC 3261 26.1). */
function identityWarning(configuration: Configuration, { accountId, config }: EndpointRow): Warning[] {
  const byAddressAlone =
    config.direction !== 'receives' &&
    config.action === 'allow' &&
    config.state !== 'off' &&
    !config.alsoRequireDigest &&
    (config.sourceTransports.length === 0 || config.sourceTransports.includes('udp'))
  if (!byAddressAlone) return []
  const kind = configuration.accounts.get(accountId)?.kind ?? 'account'
  const message = `over UDP this ${kind} is known by its source address alone, which the network between must keep honest; alsoRequireDigest or sourceTransports [tls] proves more`
  return [{ path: 'alsoRequireDigest', message, code: 'identity_udp' }]
}

/** Alerts that name mailboxes on a server without a mail server. */
export function mailWarnings(row: Row): Warning[] {
  if (row.kind !== 'carrier' && row.kind !== 'customer' && row.kind !== 'system') return []
  const message = 'no mail is sent: this server has no mail server (TOLLGATE_SMTP_URL)'
  return row.config.alerts.flatMap(({ email, enabled }, i) =>
    email.length === 0 || !enabled ? [] : [{ path: `alerts[${i}].email`, message, code: 'mail_unset' }],
  )
}

/** @param found by the compiler, of the configuration in force. */
export function warningsOf(configuration: Configuration, found: RowWarnings, row: Row): readonly Warning[] {
  const own = found.get(row.id) ?? []
  return row.kind === 'endpoint' ? [...own, ...identityWarning(configuration, row)] : own
}
