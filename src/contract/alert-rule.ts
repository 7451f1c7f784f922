// A rule that raises alerts: of one account, or in `system.alerts` for many. Shared by the file and the API.
import { z } from 'zod'
import { parseMoney } from './money.ts'
import { nameText } from './parts.ts'

/** `above`: raised at the threshold or more, over at the reset threshold or less. `below`: the other way round. */
export const alertKinds = {
  consecutiveFailures: { side: 'above', unit: 'calls in a row', whole: true, min: 1, max: 1_000_000, window: false },
  balance: { side: 'below', unit: 'in the currency of the account', min: -1e9, max: 1e9, window: false },
  asr: { side: 'below', unit: 'share of answered calls, 0 to 1', min: 0, max: 1, window: true },
  acd: { side: 'below', unit: 'seconds of talk per answered call', min: 0, max: 86_400, window: true },
  pdd: { side: 'above', unit: 'milliseconds from INVITE to ringing', min: 1, max: 600_000, window: true },
  channels: { side: 'above', unit: 'live calls', whole: true, min: 1, max: 10_000_000, window: false },
  callsPerSecond: { side: 'above', unit: 'calls in a second', whole: true, min: 1, max: 1_000_000, window: false },
  gatewayRed: { side: 'above', unit: 'of each gateway', whole: true, min: 1, max: 1, window: false },
} as const

export type AlertKind = keyof typeof alertKinds

export const alertKindName = z.enum(Object.keys(alertKinds) as [AlertKind, ...AlertKind[]])

/** One mailbox, as it may stand in an SMTP command: no display name, no quotes, nothing but ASCII. */
export const mailAddress = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
    'an address like noc@example.com',
  )

function findWebhookFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'an https or http URL'
  if (url.username !== '' || url.password !== '') return 'no user and no password in the URL; what is sent is signed'
  return undefined
}

const webhookUrl = z
  .string()
  .max(2_000)
  .superRefine((text, context) => {
    const fault = findWebhookFault(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })

const fields = {
  name: nameText,
  kind: alertKindName,
  /** See `alertKinds` for unit and side; `gatewayRed` has none. */
  threshold: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  /** Where the alert is over; absent = the threshold. */
  resetThreshold: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  /** ASR, ACD and PDD look back so far. */
  windowMinutes: z.int().min(1).max(1_440).default(15),
  /** With fewer calls in the window ASR, ACD and PDD say nothing. */
  minimumCalls: z.int().min(1).max(1_000_000).default(20),
  email: z.array(mailAddress).max(20).default([]),
  webhook: webhookUrl.nullish().transform((url) => url ?? null),
  /** How long the account is out when the alert is raised; 0 = it is not. */
  penaltyMinutes: z.int().min(0).max(10_080, 'at most 10080 minutes, a week').default(0),
  enabled: z.boolean().default(true),
}

interface Thresholds {
  readonly kind: AlertKind
  readonly threshold: number | null
  readonly resetThreshold: number | null
}

/** What does not fit together, with its field. */
function findRuleFault({ kind, threshold, resetThreshold }: Thresholds): [field: string, message: string] | undefined {
  const rule = alertKinds[kind]
  if (kind === 'gatewayRed') {
    if (threshold !== null && threshold !== 1) return ['threshold', 'gatewayRed has no threshold']
    return resetThreshold === null ? undefined : ['resetThreshold', 'gatewayRed has no threshold']
  }
  if (threshold === null) return ['threshold', `${kind} needs a threshold (${rule.unit})`]
  for (const [field, value] of Object.entries({ threshold, resetThreshold })) {
    if (value === null) continue
    const lowest = field === 'threshold' ? rule.min : Math.min(rule.min, 0)
    if (value < lowest || value > rule.max) return [field, `${lowest} to ${rule.max} (${rule.unit})`]
    if (kind === 'balance' && parseMoney(String(value)) === undefined)
      return [field, 'at most 6 decimals (in the currency of the account)']
    if ('whole' in rule && !Number.isInteger(value)) return [field, `a whole number (${rule.unit})`]
  }
  if (resetThreshold === null) return undefined
  if (rule.side === 'above' && resetThreshold > threshold)
    return ['resetThreshold', `at most the threshold, ${threshold}`]
  if (rule.side === 'below' && resetThreshold < threshold)
    return ['resetThreshold', `at least the threshold, ${threshold}`]
  return undefined
}

function checkRule(rule: Thresholds, context: z.core.$RefinementCtx): void {
  const fault = findRuleFault(rule)
  if (fault !== undefined) context.addIssue({ code: 'custom', path: [fault[0]], message: fault[1] })
}

const alertRule = z.strictObject(fields).superRefine(checkRule)

/** A rule for many accounts. A rule of an account with the same name takes its place there. */
const systemAlertRule = z
  .strictObject({ ...fields, accounts: z.enum(['any', 'carriers', 'customers']).default('carriers') })
  .superRefine(checkRule)

function checkNames(rules: readonly { readonly name: string }[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>()
  for (const [i, { name }] of rules.entries()) {
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [i, 'name'], message: `"${name}" is there twice` })
    seen.add(name)
  }
}

export const alertRules = z.array(alertRule).max(50, 'at most 50 rules').superRefine(checkNames).prefault([])

/** Every red gateway of a carrier is recorded, and nobody is told, unless somebody says otherwise. */
export const systemAlertRules = z
  .array(systemAlertRule)
  .max(50, 'at most 50 rules')
  .superRefine(checkNames)
  .prefault([{ name: 'Gateway red', kind: 'gatewayRed' }])

export type AlertRule = z.output<typeof alertRule>
export type SystemAlertRule = z.output<typeof systemAlertRule>
