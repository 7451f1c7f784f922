// One IP-authentication entry of an account: an authorised source, a gateway, or both.
import { z } from 'zod'
import { addressText, cidrText, isHostName, parseAddress, parseCidr } from './address.ts'
import {
  freeText,
  limitNumber,
  nameText,
  portNumber,
  replyRule,
  rewrite,
  secretInput,
  timeoutOverrides,
  transportName,
  weightNumber,
} from './parts.ts'

/** Canonical text of one entry of `addresses`: IPv4, IPv6, CIDR or (only receives) a host name. */
const addressEntry = z.string().transform((text, context) => {
  const trimmed = text.trim()
  const cidr = parseCidr(trimmed)
  if (cidr !== undefined) return cidrText(cidr)
  if (isHostName(trimmed)) return trimmed.toLowerCase()
  const loose = parseCidr(trimmed, true)
  context.addIssue({
    code: 'custom',
    message:
      loose === undefined
        ? `"${trimmed}" is no IPv4 or IPv6 address, CIDR or host name (examples: 192.0.2.1, 192.0.2.0/24, 2001:db8::/64)`
        : `"${trimmed}" has host bits set; did you mean ${cidrText(loose)}?`,
  })
  return z.NEVER
})

export const probeSettings = z.strictObject({
  enabled: z.boolean().default(true),
  intervalSeconds: z.number().min(1).max(3_600).default(30),
  intervalDownSeconds: z.number().min(1).max(3_600).default(5),
  timeoutMs: z.int().min(100).max(30_000).default(2_000),
  failuresDown: z.int().min(1).max(20).default(3),
  successesUp: z.int().min(1).max(20).default(2),
  /** Final replies that prove life: classes or codes. 408, 502, 503 and 504 are not in the default. */
  aliveCodes: z
    .array(z.string().regex(/^(?:[2-6]xx|[2-6]\d\d)$/, 'a class like 4xx or a code like 503'))
    .default(['2xx', '3xx', '4xx', '500', '501', '505']),
})

const outboundProxy = z.strictObject({
  uri: z
    .string()
    .min(5)
    .max(512)
    .regex(/^[!#-~]+$/, 'a SIP URI like sip:192.0.2.1:5060'),
  weight: weightNumber.default(1),
})

const isPin = (text: string): boolean =>
  /^[0-9a-f]{64}$/i.test(
    text
      .trim()
      .replace(/^sha-?256[:/]/i, '')
      .replaceAll(':', ''),
  )

/** How a gateway over TLS proves itself, and what a caller has to prove (RFC 5922). */
const tlsSettings = z
  .strictObject({
    verify: z.enum(['strict', 'wildcard', 'pin']).default('strict'),
    /** The name to be proved and to ask for (SNI); absent: the gateway's own name or address. */
    serverName: z
      .string()
      .max(253)
      .refine((name) => isHostName(name) || parseAddress(name) !== undefined, 'a host name or IP address')
      .optional(),
    /** An entry that sends: callers must come over TLS and prove this name by a certificate. */
    peerName: z
      .string()
      .max(253)
      .refine((name) => isHostName(name), 'a host name')
      .optional(),
    /** PEM text: the authorities to trust instead of the general ones; with `pin` the certificate, or its SHA-256. */
    ca: z.string().max(100_000).optional(),
    /** Name of a PEM file on the server with the certificate to show and its key. */
    clientCert: z
      .string()
      .min(1)
      .max(4_096)
      .refine(
        (name) => !name.includes('-----BEGIN'),
        'the name of a PEM file on the server: a private key is not kept in the configuration',
      )
      .optional(),
  })
  .superRefine(({ verify, ca }, context) => {
    const isCertificate = ca?.includes('-----BEGIN CERTIFICATE-----') === true
    const fault = (message: string): void => context.addIssue({ code: 'custom', path: ['ca'], message })
    if (verify === 'pin' && !isCertificate && !isPin(ca ?? ''))
      fault('verify pin needs the certificate as PEM text, or its SHA-256 as 64 hexadecimal digits')
    else if (verify !== 'pin' && ca !== undefined && !isCertificate) fault('certificates as PEM text')
  })

/** Text that is written into SIP as it is: it must not be able to end a value or a line. */
const wireWord = (length: number) =>
  z
    .string()
    .min(1)
    .max(length)
    .regex(/^[!#-;=?-[\]-~]+$/, 'printable ASCII without blanks, quotes, backslashes, < and >')

const endpointFields = z.strictObject({
  name: nameText,
  direction: z.enum(['sends', 'receives', 'both']),
  action: z.enum(['allow', 'deny']).default('allow'),
  state: z.enum(['on', 'drain', 'off']).default('on'),
  addresses: z.array(addressEntry).min(1, 'at least one address').max(100_000),
  sourcePort: portNumber.nullish().transform((port) => port ?? null),
  sourceTransports: z.array(transportName).default([]),
  dialledPrefix: z
    .string()
    .max(32)
    .regex(/^[0-9*#+]*$/, 'digits, *, # and +')
    .default(''),
  port: portNumber.nullish().transform((port) => port ?? null),
  transport: transportName.default('udp'),
  listener: z
    .string()
    .max(100)
    .nullish()
    .transform((name) => name ?? null),
  largeToTcp: z.boolean().default(false),
  tls: tlsSettings.optional(),
  priority: z.int().min(0).max(65_535).default(0),
  weight: weightNumber.default(1),
  channelsMax: limitNumber.default(0),
  callsPerSecondMax: limitNumber.default(0),
  username: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .transform((name) => name ?? null),
  password: secretInput.nullish(),
  register: z
    .strictObject({
      enabled: z.boolean().default(false),
      registrar: wireWord(512).optional(),
      realm: z
        .string()
        .max(253)
        .regex(/^[ !#-[\]-~]*$/, 'printable ASCII without quotes and backslashes')
        .optional(),
      fromDomain: wireWord(253).optional(),
      fromUser: wireWord(128).optional(),
      contactUser: wireWord(128).optional(),
      authUsername: wireWord(128).optional(),
      expiresSeconds: z.int().min(60).max(7_200).default(3_600),
    })
    .optional(),
  outboundProxy: z.array(outboundProxy).max(16).default([]),
  mediaEncryption: z.enum(['none', 'srtp']).default('none'),
  restrictedCodecs: z.array(z.string().min(1).max(64)).max(64).default([]),
  rewrites: z.array(rewrite).max(32).default([]),
  probe: probeSettings.prefault({}),
  timeouts: timeoutOverrides.prefault({}),
  replyRules: z.array(replyRule).max(520).default([]),
  forceNat: z.boolean().default(false),
  disableNat: z.boolean().default(false),
  interceptReinvite: z.boolean().default(false),
  cliAuthentication: z.boolean().default(false),
  alsoRequireDigest: z.boolean().default(false),
  dialogPing: z.boolean().default(false),
  manufacturer: z.string().max(100).default(''),
  version: z.string().max(100).default(''),
  notes: freeText.default(''),
})

type EndpointFields = z.output<typeof endpointFields>

function checkEndpoint(endpoint: EndpointFields, context: z.RefinementCtx): void {
  const fault = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message })
  const receives = endpoint.direction !== 'sends'
  for (const [i, address] of endpoint.addresses.entries())
    if (parseCidr(address) === undefined && endpoint.direction !== 'receives')
      fault(
        ['addresses', i],
        `host name "${address}": names are only for entries that only receive (a sender is known by its address)`,
      )
  if (receives && endpoint.action === 'deny')
    fault(['action'], 'a deny entry only sends: it cuts a hole into a wider range')
  if (
    receives &&
    !endpoint.addresses.some((address) => parseAddress(address) !== undefined || parseCidr(address) === undefined)
  )
    fault(['addresses'], 'an entry that receives calls needs at least one address or name; a CIDR only authorises')
  if (endpoint.tls?.peerName !== undefined && endpoint.direction === 'receives')
    fault(['tls', 'peerName'], 'peerName is asked of callers, and this entry only receives; serverName is for gateways')
  if (endpoint.forceNat && endpoint.disableNat) fault(['disableNat'], 'forceNat and disableNat exclude each other')
}

/** As it is written in a file or sent to the API; absent fields take their defaults. */
export const endpointInput = endpointFields.superRefine(checkEndpoint)

/** As it is stored, exported and returned: without its password. */
export type EndpointConfig = Omit<EndpointFields, 'password'>
export type ProbeSettings = z.output<typeof probeSettings>

/** The port calls go to: as set, else by transport (RFC 3261 19.1.2). */
export const gatewayPort = (endpoint: Pick<EndpointConfig, 'port' | 'transport'>): number =>
  endpoint.port ?? (endpoint.transport === 'tls' ? 5061 : 5060)

/** The addresses calls can go to: single addresses, no ranges; names are looked up in DNS. */
export const gatewayAddresses = (endpoint: Pick<EndpointConfig, 'addresses'>): string[] =>
  endpoint.addresses.flatMap((text) => {
    const address = parseAddress(text)
    return address === undefined ? [] : [addressText(address)]
  })
