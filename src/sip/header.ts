// Names of header fields: numbers for those we know, found from bytes without making a string (RFC 3261 7.3, 20).

const names = [
  '',
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'Content-Type',
  'Content-Length',
  'Expires',
  'Require',
  'Proxy-Require',
  'Supported',
  'Unsupported',
  'Allow',
  'Authorization',
  'Proxy-Authorization',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Retry-After',
  'Reason',
  'Warning',
  'Session-Expires',
  'Min-SE',
  'RSeq',
  'RAck',
  'Refer-To',
  'Referred-By',
  'Replaces',
  'Path',
  'Service-Route',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Remote-Party-ID',
  'Privacy',
  'User-Agent',
  'Server',
  'Event',
  'Subscription-State',
  'Allow-Events',
  'Content-Encoding',
  'Content-Disposition',
  'Content-Language',
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Contact',
  'Reject-Contact',
  'Request-Disposition',
  'Alert-Info',
  'Call-Info',
  'Error-Info',
  'Authentication-Info',
  'Date',
  'Subject',
  'Timestamp',
  'MIME-Version',
  'Min-Expires',
  'Organization',
  'Priority',
  'In-Reply-To',
  'Reply-To',
  'Diversion',
  'History-Info',
  'Identity',
  'Identity-Info',
  'Join',
  'Geolocation',
  'P-Charging-Vector',
  'P-Early-Media',
  'P-Access-Network-Info',
  'Session-ID',
] as const

/** Numbers of the header fields that code asks for by name. */
export const headerIds = {
  unknown: 0,
  via: 1,
  from: 2,
  to: 3,
  callId: 4,
  cseq: 5,
  contact: 6,
  maxForwards: 7,
  route: 8,
  recordRoute: 9,
  contentType: 10,
  contentLength: 11,
  expires: 12,
  require: 13,
  proxyRequire: 14,
  supported: 15,
  unsupported: 16,
  allow: 17,
  authorization: 18,
  proxyAuthorization: 19,
  wwwAuthenticate: 20,
  proxyAuthenticate: 21,
  retryAfter: 22,
  reason: 23,
  warning: 24,
  sessionExpires: 25,
  minSe: 26,
  rseq: 27,
  rack: 28,
  referTo: 29,
  referredBy: 30,
  replaces: 31,
  path: 32,
  serviceRoute: 33,
  pAssertedIdentity: 34,
  pPreferredIdentity: 35,
  remotePartyId: 36,
  privacy: 37,
  userAgent: 38,
  server: 39,
  event: 40,
  subscriptionState: 41,
  allowEvents: 42,
  contentEncoding: 43,
  contentDisposition: 44,
  contentLanguage: 45,
  accept: 46,
  acceptEncoding: 47,
  acceptLanguage: 48,
  acceptContact: 49,
  rejectContact: 50,
  requestDisposition: 51,
  alertInfo: 52,
  callInfo: 53,
  errorInfo: 54,
  authenticationInfo: 55,
  date: 56,
  subject: 57,
  timestamp: 58,
  mimeVersion: 59,
  minExpires: 60,
  organization: 61,
  priority: 62,
  inReplyTo: 63,
  replyTo: 64,
  diversion: 65,
  historyInfo: 66,
  identity: 67,
  identityInfo: 68,
  join: 69,
  geolocation: 70,
  pChargingVector: 71,
  pEarlyMedia: 72,
  pAccessNetworkInfo: 73,
  sessionId: 74,
} as const

export type HeaderId = number

/** One more than the largest number of a known header field. */
export const headerIdCount = 75

/** Compact forms: RFC 3261 7.3.3 and the IANA registry. */
const compactForms: Record<string, HeaderId> = {
  a: headerIds.acceptContact,
  b: headerIds.referredBy,
  c: headerIds.contentType,
  d: headerIds.requestDisposition,
  e: headerIds.contentEncoding,
  f: headerIds.from,
  i: headerIds.callId,
  j: headerIds.rejectContact,
  k: headerIds.supported,
  l: headerIds.contentLength,
  m: headerIds.contact,
  n: headerIds.identityInfo,
  o: headerIds.event,
  r: headerIds.referTo,
  s: headerIds.subject,
  t: headerIds.to,
  u: headerIds.allowEvents,
  v: headerIds.via,
  x: headerIds.sessionExpires,
  y: headerIds.identity,
}

/** Header fields whose commas do not separate values (7.3.1), or that stand once and may hold a comma. */
const singleText: ReadonlySet<HeaderId> = new Set([
  headerIds.authorization,
  headerIds.proxyAuthorization,
  headerIds.wwwAuthenticate,
  headerIds.proxyAuthenticate,
  headerIds.from,
  headerIds.to,
  headerIds.callId,
  headerIds.date,
  headerIds.subject,
  headerIds.userAgent,
  headerIds.server,
  headerIds.organization,
  headerIds.retryAfter,
])

export const isList = (id: HeaderId): boolean => !singleText.has(id)

const slotCount = 1024
const slots = new Int16Array(slotCount).fill(-1)
const entries: { readonly bytes: Uint8Array; readonly id: HeaderId }[] = []

/** Start and step of the hash of a header name; the scanner runs them while it reads the name. */
export const nameHashStart = 0
export const nameHashStep = (hash: number, byte: number): number => (Math.imul(hash, 31) + (byte | 0x20)) | 0

const slotOf = (hash: number): number => (hash ^ (hash >>> 10)) & (slotCount - 1)

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)

function addName(name: string, id: HeaderId): void {
  const bytes = Buffer.from(name.toLowerCase(), 'latin1')
  let slot = slotOf(bytes.reduce((hash, byte) => nameHashStep(hash, byte), nameHashStart))
  while (slots[slot] !== -1) slot = (slot + 1) & (slotCount - 1)
  slots[slot] = entries.length
  entries.push({ bytes, id })
}

for (let id = 1; id < headerIdCount; id++) addName(names[id] ?? '', id)
for (const [name, id] of Object.entries(compactForms)) addName(name, id)

/** The number of the name in `bytes` from `start` to `end`, whose hash is known; 0 = unknown. */
export function lookUpHeaderId(bytes: Uint8Array, start: number, end: number, hash: number): HeaderId {
  const length = end - start
  for (let slot = slotOf(hash); ; slot = (slot + 1) & (slotCount - 1)) {
    const index = slots[slot] as number
    if (index === -1) return headerIds.unknown
    const entry = entries[index] as (typeof entries)[number]
    if (entry.bytes.length !== length) continue
    let i = 0
    while (i < length && lower(bytes[start + i] as number) === entry.bytes[i]) i += 1
    if (i === length) return entry.id
  }
}

/** The canonical spelling. */
export const headerName = (id: HeaderId): string => names[id] ?? ''

/** Any case, compact forms too; unknown = 0. */
export function findHeaderId(name: string): HeaderId {
  const bytes = Buffer.from(name, 'latin1')
  return lookUpHeaderId(
    bytes,
    0,
    bytes.length,
    bytes.reduce((hash, byte) => nameHashStep(hash, byte), nameHashStart),
  )
}
