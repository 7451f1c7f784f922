// The declarative file: everything an operator configures, by name. `apply` takes it, `export` gives it.
import { z } from 'zod'
import { carrierSection, cidrEntry, customerSection } from './account.ts'
import { systemAlertRules } from './alert-rule.ts'
import { limitNumber, nameText, overflowPeer, weightNumber } from './parts.ts'

/** When unknown sources that fail are blocked by themselves, and for how long. */
const protection = z.strictObject({
  /** Failures of one source within the window; 0 = nobody is blocked automatically. */
  blockFailures: z.int().min(0).max(10_000).default(300),
  windowSeconds: z.int().min(1).max(86_400).default(60),
  /** The first block; each further one lasts twice as long, up to the longest. */
  blockSeconds: z.int().min(1).max(604_800).default(300),
  blockSecondsMax: z.int().min(1).max(2_592_000).default(86_400),
})

export const systemInput = z.strictObject({
  realm: z.string().min(1).max(253).default('tollgate'),
  channelsMax: limitNumber.default(0),
  callsPerSecondMax: limitNumber.default(0),
  digestAlgorithms: z
    .array(z.enum(['MD5', 'SHA-256', 'SHA-512-256']))
    .min(1)
    .default(['MD5']),
  unknownSource: z.enum(['refuse', 'challenge', 'drop']).default('refuse'),
  emergencyNumbers: z.array(z.string().regex(/^[0-9*#+]{1,32}$/, 'a number of digits, *, # and +')).default([]),
  testNumbers: z.array(z.string().regex(/^[0-9*#+]{1,32}$/, 'a number of digits, *, # and +')).default([]),
  /** Whose X-AUTH-IP and X-AUTH-PORT say where a request comes from. */
  frontProxies: z
    .array(cidrEntry.refine((text) => !text.endsWith('/0'), 'not everybody: name the proxies'))
    .max(100)
    .default([]),
  overflowPeer,
  protection: protection.prefault({}),
  recordsDays: z.int().min(1).max(3_650).default(400),
  alerts: systemAlertRules,
  /** Changes of the configuration need a reason for the audit (header X-Reason). */
  requireReason: z.boolean().default(false),
})

/** `{ carrier: NAME }`, `{ customer: NAME }` or `{ sipUser: USERNAME }`, with its place in the order. */
const routeTarget = z
  .strictObject({
    carrier: nameText.optional(),
    customer: nameText.optional(),
    sipUser: z.string().min(1).max(64).optional(),
    priority: z.int().min(0).max(65_535).default(0),
    weight: weightNumber.default(1),
  })
  .refine(
    (target) => [target.carrier, target.customer, target.sipUser].filter((name) => name !== undefined).length === 1,
    {
      message: 'exactly one of carrier, customer, sipUser',
    },
  )

export const routeInput = z.strictObject({
  /** Digits that the number starts with; empty = default. A leading + is ignored. */
  prefix: z
    .string()
    .max(32)
    .regex(/^\+?[0-9*#]*$/, 'digits, * and #, with or without a leading +')
    .transform((text) => text.replace(/^\+/, ''))
    .default(''),
  /** `any`, `carriers`, `customers`, or one account. */
  from: z
    .union([
      z.enum(['any', 'carriers', 'customers']),
      z.strictObject({ carrier: nameText }),
      z.strictObject({ customer: nameText }),
    ])
    .default('any'),
  targets: z.array(routeTarget).min(1, 'at least one target').max(100),
  channelsMax: limitNumber.default(0),
  callsPerSecondMax: limitNumber.default(0),
  enabled: z.boolean().default(true),
})

export const blockInput = z.strictObject({
  address: cidrEntry,
  reason: z.string().max(500).default(''),
  expiresAt: z.iso
    .datetime()
    .nullish()
    .transform((at) => at ?? null),
})

export const declarativeFile = z.strictObject({
  system: systemInput.optional(),
  carriers: z.array(carrierSection).default([]),
  customers: z.array(customerSection).default([]),
  routes: z.array(routeInput).default([]),
  blocks: z.array(blockInput).default([]),
})

export type SystemConfig = z.output<typeof systemInput>
export type RouteConfig = z.output<typeof routeInput>
export type RouteFrom = RouteConfig['from']
export type RouteTargetConfig = z.output<typeof routeTarget>
export type BlockConfig = z.output<typeof blockInput>
export type DeclarativeFile = z.output<typeof declarativeFile>
export type DeclarativeInput = z.input<typeof declarativeFile>
