// Wires alerts: what they watch, how they tell somebody, where they are kept.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Cidr } from '../contract/address.ts'
import type { Directory } from '../directory/directory.ts'
import { readStatistics } from '../store/statistics-rows.ts'
import type { Store } from '../store/store.ts'
import { AlertBook } from './alert-book.ts'
import { Alerts } from './alert-service.ts'
import type { Configuration } from './configuration.ts'
import { mailChannel } from './mailer.ts'
import type { MailServer } from './mailer.ts'
import type { SuspensionService } from './services.ts'
import { WebhookSecret } from './webhook-secret.ts'
import { webhookChannel } from './webhook-sender.ts'

/** How alerts may tell somebody. */
export interface MessageOptions {
  /** Null: no mail is sent. */
  readonly mail: MailServer | null
  /** Ranges that webhooks may go to although they are private. */
  readonly webhookAllow: readonly Cidr[]
}

export interface AlertParts extends MessageOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly suspensions: SuspensionService
  readonly configuration: () => Configuration
  readonly directory: () => Directory
  /** Whole millionths; undefined = nobody knows. */
  readonly balance: (accountId: string) => bigint | undefined
}

export async function openAlerts(
  parts: AlertParts,
): Promise<{ readonly alerts: Alerts; readonly webhookSecret: WebhookSecret }> {
  const { store, clock, log, mail, webhookAllow: allowed, ...rest } = parts
  const webhookSecret = new WebhookSecret(store)
  const alerts = new Alerts({
    ...rest,
    clock,
    log,
    book: await AlertBook.open(store, log),
    mail: mailChannel(mail),
    webhook: webhookChannel({ clock, allowed, secret: () => webhookSecret.get() }),
  })
  await alerts.fillWindows((subject, span) =>
    store.read((database) => readStatistics(database, subject, 'minute', span)),
  )
  return { alerts, webhookSecret }
}
