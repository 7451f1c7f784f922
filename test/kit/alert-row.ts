// An alert for tests of whatever tells or shows it.
import type { AlertRow } from '../../src/store/alert-rows.ts'

export const alertRow = (change: Partial<AlertRow> = {}): AlertRow => ({
  id: 'al_1',
  accountId: 'car_acme',
  account: 'Acme',
  accountKind: 'carrier',
  name: 'Low ASR',
  kind: 'asr',
  subjectKey: null,
  subject: null,
  value: 0.1,
  threshold: 0.4,
  openedAt: Date.UTC(2026, 0, 1),
  closedAt: null,
  text: 'carrier Acme: ASR 10 % in 15 minutes (alert at 40 %)',
  closedText: null,
  deliveries: [],
  ...change,
})
