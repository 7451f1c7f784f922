// Cuts a byte stream into messages (RFC 3261 7.5, 18.3, 20.14; keep-alives of RFC 5626 3.5.1). Uses the parser's own
// scanner. After a fault nobody can tell where the next message starts: the stream is dead.
import { bound } from '../base/limits.ts'
import { type ParseFault, framingFault, scanFault } from './parse.ts'
import { HeadScanner, contentLengthAbsent } from './scanner.ts'

const messageBytesMax = bound('messageBytesMax')
/** A larger buffer is given back when nothing is pending, because thousands of connections may be idle. */
const idleBytesMax = 16_384
const empty = Buffer.alloc(0)

export class StreamFramer {
  #bytes: Buffer = empty
  /** Bytes from `#start` to `#end` are not delivered yet. */
  #start = 0
  #end = 0
  /** A message has begun: its first byte is no CR. */
  #begun = false
  #headComplete = false
  #fault: ParseFault | undefined
  #lineEnds = 0
  readonly #scanner = new HeadScanner()

  /** Takes over the bytes of a segment (they are copied). */
  push(bytes: Buffer): void {
    if (this.#fault !== undefined || bytes.length === 0) return
    this.#reserve(bytes.length)
    bytes.copy(this.#bytes, this.#end)
    this.#end += bytes.length
  }

  /** The next whole message in memory of its own; undefined = more bytes are needed; or the fault that ended the stream. */
  next(): Buffer | ParseFault | undefined {
    if (this.#fault !== undefined) return this.#fault
    if (!this.#begun && !this.#begin()) return this.#fault
    if (!this.#headComplete && !this.#readHead()) return this.#fault
    return this.#readBody()
  }

  /** Bytes of a message that is not whole yet. */
  get pendingBytes(): number {
    return this.#end - this.#start
  }

  /** CRLFCRLF keep-alives seen between messages since last asked; each wants a CRLF back (RFC 5626). */
  takePings(): number {
    const pings = this.#lineEnds >> 1
    this.#lineEnds &= 1
    return pings
  }

  /** Skips empty lines; true when a message begins. */
  #begin(): boolean {
    while (this.#end - this.#start >= 2 && this.#bytes[this.#start] === 0x0d && this.#bytes[this.#start + 1] === 0x0a) {
      this.#start += 2
      this.#lineEnds += 1
    }
    if (this.#start === this.#end) return false
    if (this.#end - this.#start === 1 && this.#bytes[this.#start] === 0x0d) return false
    // A single CRLF before a message is no half keep-alive of the next.
    this.#lineEnds &= ~1
    this.#begun = true
    this.#headComplete = false
    this.#scanner.reset(this.#start)
    return true
  }

  #readHead(): boolean {
    const result = this.#scanner.scan(this.#bytes, this.#end)
    if (result === 'incomplete') return false
    const scanned = this.#scanner
    if (result !== 'complete') this.#fault = scanFault(this.#part(), scanned, result)
    else if (scanned.contentLength === contentLengthAbsent)
      this.#fault = framingFault(this.#part(), scanned, 'content_length_missing')
    else if (scanned.bodyStart - scanned.messageStart + scanned.contentLength > messageBytesMax)
      this.#fault = framingFault(this.#part(), scanned, 'too_large')
    else this.#headComplete = true
    return this.#headComplete
  }

  #readBody(): Buffer | undefined {
    const end = this.#scanner.bodyStart + this.#scanner.contentLength
    if (end > this.#end) return undefined
    const message = Buffer.from(this.#bytes.subarray(this.#start, end))
    this.#start = end
    this.#begun = false
    if (this.#start === this.#end) this.#release()
    return message
  }

  /** What has come, in memory of its own, with the positions that the scanner knows. */
  #part(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#end))
  }

  #release(): void {
    this.#start = 0
    this.#end = 0
    if (this.#bytes.length > idleBytesMax) this.#bytes = empty
  }

  /** Room for `count` more bytes. What is left moves to the front, and the scanner's positions with it. */
  #reserve(count: number): void {
    const pending = this.#end - this.#start
    if (this.#end + count <= this.#bytes.length) return
    const target =
      pending + count <= this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow(sizeFor(pending + count))
    this.#bytes.copy(target, 0, this.#start, this.#end)
    this.#bytes = target
    if (this.#begun) this.#scanner.rebase(-this.#start)
    this.#start = 0
    this.#end = pending
  }
}

const sizeFor = (count: number): number => Math.max(4096, 2 ** Math.ceil(Math.log2(count)))
