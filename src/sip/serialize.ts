// Builds one message. Header lines that do not change are copied as runs of bytes, so they stay byte-exact (7.3.1);
// what we write ourselves is checked and laid down character by character, without a text in between (half the time).
import { assert } from '../base/assert.ts'
import { type HeaderId, headerIdCount, headerIds } from './header.ts'
import type { SipMessage } from './message.ts'

/** A set of header ids for `copyHeaders`. */
export function headerSet(...ids: HeaderId[]): Uint8Array {
  const set = new Uint8Array(headerIdCount)
  for (const id of ids) set[id] = 1
  return set
}

/** CR and LF. */
const lineEnds = new Uint8Array(256)
lineEnds[0x0d] = lineEnds[0x0a] = 1
const unsafe = 'a line of ours holds a line end or more than one byte per character'

/** Shorter runs of bytes are copied here: calling out for them costs more than they do. */
const shortRun = 96

/** The message that was finished last, and where its Call-ID stands: who copies what is sent need not look for it. */
const last = { message: Buffer.alloc(0), callIdAt: -1 }

/** Where the value of the Call-ID starts in a message that was just written; -1: it was another, or nobody noted it. */
export const writtenCallId = (message: Buffer): number => (message === last.message ? last.callIdAt : -1)

export class MessageWriter {
  #buffer = Buffer.allocUnsafeSlow(4096)
  #length = 0
  #callIdAt = -1

  reset(): this {
    this.#length = 0
    this.#callIdAt = -1
    return this
  }

  requestLine(method: string, requestUri: string): this {
    return this.#put(method).#put(' ').#put(requestUri).#line(' SIP/2.0')
  }

  statusLine(status: number, reasonPhrase: string): this {
    return this.#put('SIP/2.0 ').#put(String(status)).#put(' ').#line(reasonPhrase)
  }

  /** One header field; the value is latin1 text without line ends (anything else is a bug of ours). */
  header(name: string, value: string): this {
    return this.#put(name).#put(': ').#line(value)
  }

  callId(value: string): this {
    this.#put('Call-ID: ')
    this.#callIdAt = this.#length
    return this.#line(value)
  }

  /** Copies the Call-ID field at `index` as written. */
  copyCallIdAt(source: SipMessage, index: number): this {
    this.#callIdAt = this.#length + source.valueStartAt(index) - source.lineStartAt(index)
    return this.copyHeaderAt(source, index)
  }

  /** A header field whose value follows in parts (`text`), up to `end`: nothing has to be put together before. */
  begin(name: string): this {
    return this.#put(name).#put(': ')
  }

  /** A part of a value; latin1 text without line ends. */
  text(part: string): this {
    return this.#put(part)
  }

  end(): this {
    return this.#end()
  }

  /** Whole header lines that were written once (`linesOf`). */
  lines(lines: Buffer): this {
    return this.#copy(lines, 0, lines.length)
  }

  /**
   * Copies the raw lines of all header fields of `source`, but not those whose id is set in `except`, not unknown ones
   * for which `drop` (given the name in lower case) is true, and never Content-Length, which `finish` writes.
   */
  copyHeaders(source: SipMessage, except: Uint8Array, drop?: (lowerName: string) => boolean): this {
    let runStart = -1
    for (let i = 0; i < source.headerCount; i++) {
      const id = source.headerIdAt(i)
      const kept =
        id !== headerIds.contentLength &&
        except[id] !== 1 &&
        !(id === headerIds.unknown && drop?.(source.headerNameAt(i).toLowerCase()) === true)
      if (kept && runStart === -1) runStart = source.lineStartAt(i)
      else if (!kept && runStart !== -1) {
        this.#copy(source.bytes, runStart, source.lineStartAt(i))
        runStart = -1
      }
    }
    if (runStart !== -1) this.#copy(source.bytes, runStart, source.headEnd)
    return this
  }

  /** Copies all fields with that id as written. */
  copyHeader(source: SipMessage, id: HeaderId): this {
    for (let i = source.find(id); i !== -1; i = source.find(id, i + 1)) this.copyHeaderAt(source, i)
    return this
  }

  /** Copies one field as written. */
  copyHeaderAt(source: SipMessage, index: number): this {
    return this.#copy(source.bytes, source.lineStartAt(index), source.lineEndAt(index))
  }

  /** Copies one field as written, with `suffix` behind its value. */
  extendHeaderAt(source: SipMessage, index: number, suffix: string): this {
    this.#copy(source.bytes, source.lineStartAt(index), source.valueEndAt(index))
    return this.#line(suffix)
  }

  /** Ends the head with Content-Length and the body; gives a buffer of its own. */
  finish(body?: Buffer | string): Buffer {
    const bodyLength = body === undefined ? 0 : Buffer.byteLength(body)
    this.#put('Content-Length: ').#line(String(bodyLength)).#end()
    const message = Buffer.allocUnsafe(this.#length + bodyLength)
    this.#buffer.copy(message, 0, 0, this.#length)
    if (typeof body === 'string') message.write(body, this.#length)
    else if (body !== undefined) body.copy(message, this.#length)
    last.message = message
    last.callIdAt = this.#callIdAt
    this.reset()
    return message
  }

  /** What was written so far. */
  written(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length))
  }

  #line(line: string): this {
    return this.#put(line).#end()
  }

  /** A line end would start a header field of a stranger's making; more than one byte per character is not latin1. */
  #put(text: string): this {
    const { length } = text
    this.#reserve(length)
    const buffer = this.#buffer
    const start = this.#length
    // Judged once for all of it: a question for each character takes a quarter more.
    let harm = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      harm |= (code >>> 8) | (lineEnds[code & 0xff] as number)
      buffer[start + i] = code
    }
    assert(harm === 0, unsafe)
    this.#length = start + length
    return this
  }

  #end(): this {
    this.#reserve(2)
    this.#buffer[this.#length] = 0x0d
    this.#buffer[this.#length + 1] = 0x0a
    this.#length += 2
    return this
  }

  #copy(bytes: Buffer, start: number, end: number): this {
    this.#reserve(end - start)
    if (end - start > shortRun) bytes.copy(this.#buffer, this.#length, start, end)
    else for (let i = start, at = this.#length; i < end; i++, at++) this.#buffer[at] = bytes[i] as number
    this.#length += end - start
    return this
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

/** Header fields that are the same in many messages, as the bytes of their lines. */
export function linesOf(...fields: (readonly [name: string, value: string])[]): Buffer {
  const writer = new MessageWriter()
  for (const [name, value] of fields) writer.header(name, value)
  return writer.written()
}

const shared = new MessageWriter()

/** The shared writer, empty. One message is built to its end before the next is begun. */
export const messageWriter = (): MessageWriter => shared.reset()
