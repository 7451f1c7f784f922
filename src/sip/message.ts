// One SIP message: its bytes and an index of its header fields. Strings are made when somebody asks (RFC 3261 7).
// parse.ts makes these; where parse returned a message, the shortcuts below are well formed. On the message of a
// ParseFault they give what could be read and empty values for the rest; they never throw.
import { assert } from '../base/assert.ts'
import { bound } from '../base/limits.ts'
import { bytesOf, numberIn, skipIn, textIn } from './byte-text.ts'
import { splitList, tokenBytes, unfold } from './characters.ts'
import { type Cseq, cseqIn, parseCseq } from './cseq.ts'
import { type HeaderId, findHeaderId, headerIds, isList } from './header.ts'
import {
  type NameAddr,
  headerParameter,
  parseNameAddr,
  scanNameAddr,
  scannedNameAddr,
  scannedTag,
} from './name-addr.ts'
import { foldedFlag, indexStride } from './scanner.ts'
import { type Via, parseVia, unreadableVia, viaIn } from './via.ts'

/** What the start line says. */
export interface StartLine {
  readonly kind: 'request' | 'response'
  /** Of the request line; '' for responses. */
  readonly method: string
  readonly requestUri: string
  /** 0 for requests. */
  readonly status: number
  readonly reasonPhrase: string
}

/** Where the parts stand in the bytes of the message. */
export interface MessageLayout {
  /** See `packIndex`. */
  readonly index: readonly number[]
  /** After the CRLF of the last header field. */
  readonly headEnd: number
  readonly body: Buffer
}

/** Numbers per header field in the index of a message. */
const packedStride = 2
const packedFolded = 0x100
const nameShift = 9
/** Larger offsets cannot be said; the scanner takes no field that ends behind `messageBytesMax`. */
const offsetMax = 0xffff
assert(bound('messageBytesMax') <= offsetMax, 'the index of a message says where each field stands')

/**
 * The index of a scanner as a message keeps it, two numbers for each header field: id, whether it is folded and where its
 * name starts; where its value starts and ends. A plain array, because a typed one of this size costs ten times as much
 * to make, and packed, because five numbers were 3 KB of garbage for each call. `start` is where the message starts in
 * the scanner's bytes.
 */
export function packIndex(scanned: Int32Array, headerCount: number, start: number): readonly number[] {
  const index: number[] = []
  // Of its size from the start: one that grows takes half as much again.
  index.length = headerCount * packedStride
  for (let i = 0, from = 0; i < index.length; i += packedStride, from += indexStride) {
    const id = scanned[from] as number
    const folded = (id & foldedFlag) === 0 ? 0 : packedFolded
    index[i] = (((scanned[from + 1] as number) - start) << nameShift) | folded | (id & ~foldedFlag)
    index[i + 1] = (((scanned[from + 3] as number) - start) << 16) | ((scanned[from + 4] as number) - start)
  }
  return index
}

const unreadableNameAddr: NameAddr = { displayName: '', uri: '', parameters: '' }
const none: readonly string[] = []
const unreadableCseq: Cseq = { number: 0, method: '' }

/** Max-Forwards above this is as good as this (20.22 knows 0 to 255). */
const maxForwardsMax = 0xffff_ffff

export class SipMessage {
  readonly kind: 'request' | 'response'
  /** Exactly this message. */
  readonly bytes: Buffer
  readonly requestUri: string
  /** 0 for requests. */
  readonly status: number
  readonly reasonPhrase: string
  readonly headerCount: number
  /** A part of `bytes`, unless it was replaced (`withBody`); empty when there is none. */
  readonly body: Buffer
  /** End of the last header line with its CRLF: the serializer copies lines up to here. */
  readonly headEnd: number
  readonly #index: readonly number[]
  /** Which known fields are there, a bit for each: most that are asked for are not. */
  #present0 = 0
  #present1 = 0
  #present2 = 0
  readonly #method: string
  #callId: string | undefined
  #cseq: Cseq | undefined
  #topVia: Via | undefined
  #from: NameAddr | undefined
  #to: NameAddr | undefined
  #fromTag: string | undefined | null = null
  #toTag: string | undefined | null = null
  #contact: NameAddr | undefined | null = null

  constructor(bytes: Buffer, startLine: StartLine, layout: MessageLayout) {
    this.kind = startLine.kind
    this.bytes = bytes
    this.requestUri = startLine.requestUri
    this.status = startLine.status
    this.reasonPhrase = startLine.reasonPhrase
    this.headerCount = layout.index.length / packedStride
    this.body = layout.body
    this.headEnd = layout.headEnd
    this.#index = layout.index
    this.#method = startLine.method
    for (let i = 0; i < this.headerCount; i++) this.#notePresent(this.headerIdAt(i))
  }

  #notePresent(id: HeaderId): void {
    const bit = 1 << (id & 31)
    if (id < 32) this.#present0 |= bit
    else if (id < 64) this.#present1 |= bit
    else this.#present2 |= bit
  }

  /** A field with this id is there. */
  has(id: HeaderId): boolean {
    const bits = id < 32 ? this.#present0 : id < 64 ? this.#present1 : this.#present2
    return (bits & (1 << (id & 31))) !== 0
  }

  /** The same message with another body: header fields, and `bytes`, are those that came. */
  withBody(body: Buffer): SipMessage {
    const { kind, requestUri, status, reasonPhrase, bytes, headEnd } = this
    const startLine = { kind, requestUri, status, reasonPhrase, method: this.#method }
    return new SipMessage(bytes, startLine, { index: this.#index, headEnd, body })
  }

  /** Of the request line; for a response of its CSeq. */
  get method(): string {
    return this.kind === 'request' ? this.#method : this.cseq.method
  }

  headerIdAt(index: number): HeaderId {
    return (this.#index[index * packedStride] as number) & (packedFolded - 1)
  }

  /** As written. */
  headerNameAt(index: number): string {
    const start = this.lineStartAt(index)
    return textIn(this.bytes, start, skipIn(tokenBytes, this.bytes, start, this.valueStartAt(index)))
  }

  /** Unfolded, trimmed, latin1. */
  headerValueAt(index: number): string {
    const value = textIn(this.bytes, this.valueStartAt(index), this.valueEndAt(index))
    return this.#isFolded(index) ? unfold(value) : value
  }

  /** Its bytes are not what it says. */
  #isFolded(index: number): boolean {
    return ((this.#index[index * packedStride] as number) & packedFolded) !== 0
  }

  /** Where the lines of a header field start in `bytes`. */
  lineStartAt(index: number): number {
    return (this.#index[index * packedStride] as number) >>> nameShift
  }

  /** Where the lines of a header field end in `bytes`, with the CRLF. */
  lineEndAt(index: number): number {
    return index + 1 < this.headerCount ? this.lineStartAt(index + 1) : this.headEnd
  }

  /** Where the value of a header field starts in `bytes`, after blanks. */
  valueStartAt(index: number): number {
    return (this.#index[index * packedStride + 1] as number) >>> 16
  }

  /** Where the value of a header field ends in `bytes`, without blanks and CRLF. */
  valueEndAt(index: number): number {
    return (this.#index[index * packedStride + 1] as number) & offsetMax
  }

  /** The first field with this id from `from` on, or -1. */
  find(id: HeaderId, from = 0): number {
    if (!this.has(id)) return -1
    for (let i = from; i < this.headerCount; i++) if (this.headerIdAt(i) === id) return i
    return -1
  }

  /** More than one value of a list stands in a field, or might: it holds a comma. */
  hasCommaAt(index: number): boolean {
    const end = this.valueEndAt(index)
    for (let i = this.valueStartAt(index); i < end; i++) if (this.bytes[i] === 0x2c) return true
    return false
  }

  /** Just one value of a list field is there. */
  isSingle(id: HeaderId): boolean {
    const first = this.find(id)
    return first !== -1 && this.find(id, first + 1) === -1 && !this.hasCommaAt(first)
  }

  /** The first field with this id, whole. */
  value(id: HeaderId): string | undefined {
    const index = this.find(id)
    return index === -1 ? undefined : this.headerValueAt(index)
  }

  /** All values: comma lists are split outside quotes and `<>` where the field is a list (7.3.1). */
  values(id: HeaderId): readonly string[] {
    const first = this.find(id)
    if (first === -1) return none
    const values: string[] = []
    for (let i = first; i !== -1; i = this.find(id, i + 1)) {
      const value = this.headerValueAt(i)
      if (isList(id) && value.includes(',')) for (const one of splitList(value)) values.push(one)
      else values.push(value)
    }
    return values
  }

  /** The first field of this name in any case, known or not. */
  valueOf(name: string): string | undefined {
    const id = findHeaderId(name)
    if (id !== headerIds.unknown) return this.value(id)
    const wanted = name.toLowerCase()
    for (let i = this.find(id); i !== -1; i = this.find(id, i + 1))
      if (this.headerNameAt(i).toLowerCase() === wanted) return this.headerValueAt(i)
    return undefined
  }

  get callId(): string {
    return (this.#callId ??= this.value(headerIds.callId) ?? '')
  }

  get cseq(): Cseq {
    return (this.#cseq ??= this.#readCseq() ?? unreadableCseq)
  }

  #readCseq(): Cseq | undefined {
    const index = this.find(headerIds.cseq)
    if (index === -1) return undefined
    if (this.#isFolded(index)) return parseCseq(this.headerValueAt(index))
    return cseqIn(this.bytes, this.valueStartAt(index), this.valueEndAt(index))
  }

  get topVia(): Via {
    return (this.#topVia ??= this.#readTopVia() ?? unreadableVia)
  }

  #readTopVia(): Via | undefined {
    const index = this.find(headerIds.via)
    if (index === -1) return undefined
    if (!this.#isFolded(index) && !this.hasCommaAt(index))
      return viaIn(this.bytes, this.valueStartAt(index), this.valueEndAt(index))
    return parseVia(splitList(this.headerValueAt(index))[0] ?? '')
  }

  /** The value of this field is one well formed name-addr or addr-spec. Makes no text. */
  isNameAddrAt(index: number): boolean {
    return this.#scanAt(index, false)
  }

  #scanAt(index: number, wantsTag: boolean): boolean {
    if (!this.#isFolded(index))
      return scanNameAddr(this.bytes, this.valueStartAt(index), this.valueEndAt(index), wantsTag)
    const value = this.headerValueAt(index)
    return scanNameAddr(bytesOf(value), 0, value.length, wantsTag)
  }

  /** From and To can be told apart by their tags: each has one, which is not empty, or none. Reads the tags at once. */
  readTags(id: typeof headerIds.from | typeof headerIds.to): boolean {
    const index = this.find(id)
    if (index === -1 || !this.#scanAt(index, true)) return false
    const tag = scannedTag()
    if (tag === '') return false
    if (id === headerIds.from) this.#fromTag = tag
    else this.#toTag = tag
    return true
  }

  get from(): NameAddr {
    return (this.#from ??= parseNameAddr(this.value(headerIds.from) ?? '') ?? unreadableNameAddr)
  }

  get to(): NameAddr {
    return (this.#to ??= parseNameAddr(this.value(headerIds.to) ?? '') ?? unreadableNameAddr)
  }

  get fromTag(): string | undefined {
    if (this.#fromTag === null) this.#fromTag = headerParameter(this.from.parameters, 'tag')
    return this.#fromTag
  }

  get toTag(): string | undefined {
    if (this.#toTag === null) this.#toTag = headerParameter(this.to.parameters, 'tag')
    return this.#toTag
  }

  /** The first Contact; undefined if there is none, for `*`, and in a response for one that is malformed. */
  get contact(): NameAddr | undefined {
    if (this.#contact === null) this.#contact = this.#readContact()
    return this.#contact
  }

  #readContact(): NameAddr | undefined {
    const index = this.find(headerIds.contact)
    if (index === -1) return undefined
    const value = this.headerValueAt(index)
    if (value.includes(',')) return parseNameAddr(splitList(value)[0] ?? '')
    if (this.#isFolded(index)) return parseNameAddr(value)
    return this.#scanAt(index, false) ? scannedNameAddr(value, this.valueStartAt(index)) : undefined
  }

  get maxForwards(): number | undefined {
    const index = this.find(headerIds.maxForwards)
    if (index === -1) return undefined
    const number = numberIn(this.bytes, this.valueStartAt(index), this.valueEndAt(index), maxForwardsMax)
    return number === -1 ? maxForwardsMax : number
  }
}
