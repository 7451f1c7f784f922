// The part of the package tar-stream that backups use; it brings no types of its own.
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream'

  interface Header {
    readonly name: string
    readonly size?: number
    readonly mode?: number
    readonly mtime?: Date
    readonly type?: string
  }

  interface Pack extends Readable {
    entry(header: Header, done: (error?: Error | null) => void): Writable
    entry(header: Header, content: string, done: (error?: Error | null) => void): Writable
    finalize(): void
  }

  interface Entry extends AsyncIterable<Buffer> {
    readonly header: Required<Header>
    resume(): void
  }

  interface Extract extends Writable, AsyncIterable<Entry> {}

  export function pack(): Pack
  export function extract(): Extract
}
