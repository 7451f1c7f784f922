// Whether a certificate proves that its holder is who a target says (RFC 5922 7). The chain of signatures has been
// checked by the TLS library; the common name is never looked at (RFC 5922 7.1, RFC 9525 6.2).
import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import { addressText, parseAddress } from '../contract/address.ts'
import type { TlsPeer } from '../sip/flow.ts'

/** What this room reads of `tls.PeerCertificate`. */
interface Certificate {
  readonly raw: Buffer
  readonly subjectaltname?: string | undefined
}

interface Names {
  /** Hosts of URIs of the form `sip:example.net`. */
  readonly sip: readonly string[]
  readonly dns: readonly string[]
  readonly addresses: readonly string[]
}

const entryPattern = /(?:^|, )([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)/g

function unquote(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    return String(JSON.parse(value))
  } catch {
    return ''
  }
}

/** The names in the text that node makes of a subjectAltName; quoted where a name holds a comma or a control character. */
function namesOf(subjectAltName: string): Names {
  const sip: string[] = []
  const dns: string[] = []
  const addresses: string[] = []
  for (const [, type, quoted = ''] of subjectAltName.matchAll(entryPattern)) {
    const value = unquote(quoted)
    // Only a SIP URI without a user part names a domain (RFC 5922 7.1).
    if (type === 'URI') sip.push(...(/^sip:([^@;?:/]+)$/i.exec(value)?.slice(1) ?? []))
    else if (type === 'DNS') dns.push(value)
    else if (type === 'IP Address') {
      const address = parseAddress(value)
      if (address !== undefined) addresses.push(addressText(address))
    }
  }
  return { sip, dns, addresses }
}

/** `*.example.net` stands for exactly one label. */
function matchesDns(pattern: string, name: string, wildcard: boolean): boolean {
  const [wanted, given] = [name.toLowerCase(), pattern.toLowerCase()]
  if (given === wanted) return true
  if (!wildcard || !given.startsWith('*.')) return false
  const dot = wanted.indexOf('.')
  return dot > 0 && given.indexOf('.', 2) > 0 && wanted.slice(dot) === given.slice(1)
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/** SHA-256 of each certificate of a PEM text, or the one written as hexadecimal digits with or without colons. */
export function pinsOf(text: string): Buffer[] {
  const digits = text
    .trim()
    .replace(/^sha-?256[:/]/i, '')
    .replaceAll(':', '')
  if (/^[0-9a-f]{64}$/i.test(digits)) return [Buffer.from(digits, 'hex')]
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.flatMap((block) => {
    try {
      return [sha256(new X509Certificate(block).raw)]
    } catch {
      return []
    }
  })
}

/** The names that a verified certificate proves (RFC 5922 7.1): its SIP domains, else its DNS names; in lower case. */
export function provedNames({ subjectaltname }: Pick<Certificate, 'subjectaltname'>): readonly string[] {
  const { sip, dns } = namesOf(subjectaltname ?? '')
  return (sip.length > 0 ? sip : dns).map((name) => name.toLowerCase())
}

const shown = (names: readonly string[]): string =>
  names.length === 0 ? 'it names nothing' : `it names ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', ...' : ''}`

function findPinFault(certificate: Certificate, ca: string | null): string | undefined {
  const own = sha256(certificate.raw)
  if (pinsOf(ca ?? '').some((pin) => timingSafeEqual(pin, own))) return undefined
  return `certificate is not the pinned one (its SHA-256 is ${own.toString('hex')})`
}

/**
 * Why the certificate does not prove it, in plain words; undefined = it does.
 * @param address of the far end, which must stand in the certificate when the target has no name
 */
export function findIdentityFault(
  certificate: Certificate,
  peer: Pick<TlsPeer, 'verify' | 'serverName' | 'ca'>,
  address: string,
): string | undefined {
  if (peer.verify === 'pin') return findPinFault(certificate, peer.ca)
  const { sip, dns, addresses } = namesOf(certificate.subjectaltname ?? '')
  const literal = parseAddress(peer.serverName ?? address)
  if (literal !== undefined) {
    const wanted = addressText(literal)
    return addresses.includes(wanted)
      ? undefined
      : `certificate is not valid for ${wanted} (${shown([...sip, ...dns, ...addresses])})`
  }
  const name = peer.serverName ?? ''
  // DNS names count only where no SIP URI stands (RFC 5922 7.1); a wildcard never counts in a SIP URI.
  const isProved =
    sip.length > 0
      ? sip.some((one) => matchesDns(one, name, false))
      : dns.some((one) => matchesDns(one, name, peer.verify === 'wildcard'))
  return isProved ? undefined : `certificate is not valid for ${name} (${shown(sip.length > 0 ? sip : dns)})`
}
