// Carrier or customer, its SIP users, and what belongs to it as a whole.
import { z } from 'zod'
import { cidrText, parseCidr } from './address.ts'
import { alertRules } from './alert-rule.ts'
import { endpointInput } from './endpoint.ts'
import { rateLines } from './money.ts'
import {
  freeText,
  limitNumber,
  nameText,
  overflowPeer,
  replyRule,
  rewrite,
  secretInput,
  timeouts,
  transportName,
} from './parts.ts'

/** An address or range, as its canonical text. */
export const cidrEntry = z.string().transform((text, context) => {
  const cidr = parseCidr(text.trim())
  if (cidr !== undefined) return cidrText(cidr)
  context.addIssue({ code: 'custom', message: `"${text}" is no IPv4 or IPv6 address or CIDR` })
  return z.NEVER
})

export const sipUserInput = z.strictObject({
  username: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_.+-]+$/, 'letters, digits, _ . + -'),
  password: secretInput.nullish(),
  channelsMax: limitNumber.default(0),
  callsPerSecondMax: limitNumber.default(0),
  transport: transportName.nullish().transform((name) => name ?? null),
  allowedAddresses: z.array(cidrEntry).max(1_000).default([]),
  ping: z.enum(['off', 'keepalive', 'timeout']).default('off'),
  restrictedCodecs: z.array(z.string().min(1).max(64)).max(64).default([]),
  rewrites: z.array(rewrite).max(32).default([]),
  retainDid: z.boolean().default(false),
  digestAlgorithms: z.array(z.enum(['MD5', 'SHA-256', 'SHA-512-256'])).optional(),
})

const contactText = z.string().trim().max(200).default('')

/** A person or desk at the other side. */
const contact = z.strictObject({ name: nameText, role: contactText, email: contactText, phone: contactText })

const accountFields = {
  name: nameText,
  status: z.enum(['active', 'inactive', 'pending']).default('active'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'an ISO 4217 code like USD')
    .default('USD'),
  channelsMax: limitNumber.default(0),
  callsPerSecondMax: limitNumber.default(0),
  queueMs: z.int().min(0).max(5_000).default(0),
  overflowPeer,
  timeouts: timeouts.prefault({}),
  maxDurationSeconds: z.int().min(1).max(604_800).default(7_200),
  gatewayFailoverMax: z.int().min(0).max(3, '0 to 3 further gateways').default(1),
  backoff: z.boolean().default(true),
  assertedIdentity: z.enum(['default', 'remove', 'ifAvailable', 'required']).default('default'),
  propagateDisplayName: z.boolean().default(false),
  refer: z.enum(['refuse', 'relay']).default('refuse'),
  headerRules: z
    .strictObject({ keep: z.array(z.string().max(100)).default([]), remove: z.array(z.string().max(100)).default([]) })
    .prefault({}),
  cliRules: z.array(z.string().min(1).max(256)).max(10_000).default([]),
  replyRules: z.array(replyRule).max(520).default([]),
  restrictedCodecs: z.array(z.string().min(1).max(64)).max(64).default([]),
  alerts: alertRules,
  contacts: z.array(contact).max(50).default([]),
  notes: freeText.default(''),
  website: z.string().max(500).default(''),
  address: z.string().max(1_000).default(''),
  externalAccountingId: z.string().max(200).default(''),
  /** What calls to this account cost. */
  rates: rateLines.default([]),
  /** It gets no calls while its balance is 0 or less. */
  creditStop: z.boolean().default(false),
}

/** The account alone, as the API takes it. `trustIdentity` defaults by kind: carriers true, customers false. */
export const carrierInput = z.strictObject({ ...accountFields, trustIdentity: z.boolean().default(true) })
export const customerInput = z.strictObject({ ...accountFields, trustIdentity: z.boolean().default(false) })

const members = { endpoints: z.array(endpointInput).default([]), sipUsers: z.array(sipUserInput).default([]) }

/** The account with its endpoints and SIP users, as the declarative file has it. */
export const carrierSection = carrierInput.extend(members)
export const customerSection = customerInput.extend(members)

export type AccountKind = 'carrier' | 'customer'
export type AccountConfig = z.output<typeof carrierInput>
export type SipUserConfig = Omit<z.output<typeof sipUserInput>, 'password'>
