// Session descriptions (RFC 8866) as lines with their offsets: what a rule needs is read, what no rule changes stays
// byte-exact. Codec names by rtpmap and by the static payload types of RFC 3551 6. Nothing here throws on any bytes.

/** One line; offsets are bytes (the text is latin1). */
interface SdpLine {
  readonly text: string
  readonly start: number
  /** Of the line that follows. */
  readonly next: number
}

/** One media description: its m= line and what follows it. */
interface SdpMedia {
  readonly line: SdpLine
  /** audio, video, image ...; lower case. */
  readonly media: string
  /** 0 = rejected or not wanted. */
  readonly port: number
  /** RTP/AVP, RTP/SAVP, udptl ...; upper case. */
  readonly protocol: string
  /** As written. */
  readonly formats: readonly string[]
  readonly lines: readonly SdpLine[]
}

interface SessionDescription {
  /** Lines before the first m= line. */
  readonly session: readonly SdpLine[]
  readonly media: readonly SdpMedia[]
}

const staticNames: Readonly<Record<number, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  5: 'DVI4',
  6: 'DVI4',
  7: 'LPC',
  8: 'PCMA',
  9: 'G722',
  10: 'L16',
  11: 'L16',
  12: 'QCELP',
  13: 'CN',
  14: 'MPA',
  15: 'G728',
  16: 'DVI4',
  17: 'DVI4',
  18: 'G729',
  25: 'CELB',
  26: 'JPEG',
  28: 'NV',
  31: 'H261',
  32: 'MPV',
  33: 'MP2T',
  34: 'H263',
}

/** Formats that carry no speech of their own: a line with nothing else has no codec. */
const companions = new Set(['TELEPHONE-EVENT', 'TONE', 'CN', 'RED', 'RTX', 'ULPFEC', 'FLEXFEC'])

function linesOf(text: string): SdpLine[] {
  const lines: SdpLine[] = []
  let start = 0
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    const next = feed === -1 ? text.length : feed + 1
    const end = feed === -1 ? text.length : feed
    lines.push({ text: text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end), start, next })
    start = next
  }
  return lines
}

function mediaOf(line: SdpLine): Omit<SdpMedia, 'lines'> {
  const [media = '', port = '', protocol = '', ...formats] = line.text.slice(2).split(/[ \t]+/)
  return {
    line,
    media: media.toLowerCase(),
    port: /^\d{1,5}(?:\/\d{1,5})?$/.test(port) ? Number.parseInt(port, 10) : 0,
    protocol: protocol.toUpperCase(),
    formats: formats.filter((format) => format !== ''),
  }
}

/** The description as far as it can be read; lines that make no sense stand where they are. */
export function scanSdp(body: Buffer): SessionDescription {
  const session: SdpLine[] = []
  const media: (SdpMedia & { readonly lines: SdpLine[] })[] = []
  for (const line of linesOf(body.toString('latin1')))
    if (line.text.startsWith('m=')) media.push({ ...mediaOf(line), lines: [] })
    else (media.at(-1)?.lines ?? session).push(line)
  return { session, media }
}

const formatLine = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d{1,3})(?:[ \t]|$)/i
const rtpmapLine = /^a=rtpmap:(\d{1,3})[ \t]+([^/ \t]+)/i

/** Payload type -> names that it may have, upper case. */
function namesOf(media: SdpMedia): Map<number, string[]> {
  const names = new Map<number, string[]>()
  for (const format of media.formats) {
    const fixed = /^\d{1,3}$/.test(format) ? staticNames[Number(format)] : undefined
    names.set(Number(format), fixed === undefined ? [] : [fixed])
  }
  for (const { text } of media.lines) {
    const found = rtpmapLine.exec(text)
    if (found !== null) names.get(Number(found[1]))?.push((found[2] ?? '').toUpperCase())
  }
  return names
}

interface Edit {
  readonly start: number
  readonly next: number
  readonly text: string
}

/** What is left of one media description: its edits, the codecs taken out, and whether it can still be used. */
interface Narrowed {
  readonly edits: readonly Edit[]
  readonly removed: readonly string[]
  readonly usable: boolean
}

const isCompanion = (names: readonly string[]): boolean =>
  names.length > 0 && names.every((name) => companions.has(name))

const untouched = (media: SdpMedia): Narrowed => ({ edits: [], removed: [], usable: media.port !== 0 })

function narrow(media: SdpMedia, denied: ReadonlySet<string>): Narrowed {
  if (media.port === 0 || !media.protocol.includes('RTP/')) return untouched(media)
  const names = namesOf(media)
  const isDenied = (format: string): boolean => names.get(Number(format))?.some((name) => denied.has(name)) === true
  const kept = media.formats.filter((format) => !isDenied(format))
  if (kept.length === media.formats.length) return untouched(media)
  const usable = kept.some((format) => !isCompanion(names.get(Number(format)) ?? []))
  const written = kept.length === 0 ? media.formats.slice(0, 1) : kept
  const gone = new Set(media.formats.filter((format) => !written.includes(format)).map(Number))
  const edits: Edit[] = [{ ...media.line, text: mediaLine(media, written, usable) }]
  for (const line of media.lines) {
    const found = formatLine.exec(line.text)
    if (found !== null && gone.has(Number(found[1]))) edits.push({ ...line, text: '' })
  }
  const removed = media.formats.filter(isDenied).map((format) => names.get(Number(format))?.at(-1) ?? format)
  return { edits, removed, usable }
}

/** The m= line with these formats, its own line end, and port 0 when it is of no use any more (RFC 3264 6). */
function mediaLine({ line, formats }: SdpMedia, written: readonly string[], usable: boolean): string {
  const words = line.text.split(/[ \t]+/).filter((word) => word !== '')
  const [media = '', port = '', ...rest] = words.slice(0, words.length - formats.length)
  return [media, usable ? port : '0', ...rest, ...written].join(' ')
}

export interface RestrictedSdp {
  readonly body: Buffer
  /** Names of what was taken out. */
  readonly removed: readonly string[]
  /** No media description is of any use any more. */
  readonly empty: boolean
}

/** The description without the codecs in `denied` (upper case); undefined = it holds none of them. */
export function restrictCodecs(body: Buffer, denied: ReadonlySet<string>): RestrictedSdp | undefined {
  const { media } = scanSdp(body)
  const narrowed = media.map((one) => narrow(one, denied))
  const edits = narrowed.flatMap((one) => one.edits)
  if (edits.length === 0) return undefined
  const pieces: Buffer[] = []
  let at = 0
  for (const { start, next, text } of edits) {
    pieces.push(body.subarray(at, start))
    if (text !== '') pieces.push(Buffer.from(text, 'latin1'), body.subarray(endOf(body, start, next), next))
    at = next
  }
  pieces.push(body.subarray(at))
  const removed = [...new Set(narrowed.flatMap((one) => one.removed))]
  return { body: Buffer.concat(pieces), removed, empty: !narrowed.some((one) => one.usable) }
}

/** Where the line between these offsets ends, before its CRLF or LF. */
function endOf(body: Buffer, start: number, next: number): number {
  let end = next
  if (end > start && body[end - 1] === 0x0a) end -= 1
  if (end < next && end > start && body[end - 1] === 0x0d) end -= 1
  return end
}

/** What a codec deny list means: names in upper case, and the families that people write. */
export function codecNames(list: readonly string[]): string[] {
  return list.flatMap((text) => {
    const name = (text.split('/', 1)[0] ?? '').trim().toUpperCase()
    return families[name] ?? [name]
  })
}

const families: Readonly<Record<string, readonly string[]>> = {
  G711: ['PCMU', 'PCMA'],
  G726: ['G726-16', 'G726-24', 'G726-32', 'G726-40'],
}

/** Lines that say nothing about where media goes, how it is coded, or in which direction. */
const descriptive = /^[vosiuepbtrz]=|^$/
const defaultDirection = 'a=sendrecv'

/**
 * Whether two descriptions ask for the same: same addresses, ports, codecs, direction and attributes in the same order.
 * Names, times and the version in o= do not count.
 */
export function isSameSession(one: Buffer, other: Buffer): boolean {
  const shapeOf = (body: Buffer): string =>
    linesOf(body.toString('latin1'))
      .map((line) => line.text.trimEnd())
      .filter((text) => !descriptive.test(text) && text !== defaultDirection)
      .join('\n')
  return shapeOf(one) === shapeOf(other)
}

/** Every media line that is in use is protected (RFC 3711, RFC 5124). */
export const isSecureSdp = (body: Buffer): boolean =>
  scanSdp(body).media.every(
    ({ port, protocol }) => port === 0 || !protocol.includes('RTP/') || protocol.includes('SAVP'),
  )

/** Where the description stands in a body: all of it, or one part of a multipart (RFC 2046 5.1); undefined = nowhere. */
export function findSdp(contentType: string, body: Buffer): { start: number; end: number } | undefined {
  if (body.length === 0) return undefined
  const type = contentType.trim().toLowerCase()
  if (type === '' || type.startsWith('application/sdp')) return { start: 0, end: body.length }
  const boundary = /^multipart\/.*;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/is.exec(contentType)
  return boundary === null ? undefined : findPart(body, `--${boundary[1] ?? boundary[2] ?? ''}`)
}

function findPart(body: Buffer, delimiter: string): { start: number; end: number } | undefined {
  const text = body.toString('latin1')
  let at = text.startsWith(delimiter) ? 0 : text.indexOf(`\n${delimiter}`) + 1
  if (at === 0 && !text.startsWith(delimiter)) return undefined
  while (at < text.length) {
    const headStart = text.indexOf('\n', at) + 1
    const next = text.indexOf(`\n${delimiter}`, headStart - 1)
    if (headStart === 0 || next === -1) return undefined
    const end = text[next - 1] === '\r' ? next - 1 : next
    const part = text.slice(headStart, end)
    const head = /^(?:[^\r\n]+\r?\n)*\r?\n/.exec(part)?.[0]
    if (head !== undefined && /^content-type[ \t]*:[ \t]*application\/sdp(?:[ \t;]|\r?$)/im.test(head))
      return { start: headStart + head.length, end }
    at = next + 1
  }
  return undefined
}
