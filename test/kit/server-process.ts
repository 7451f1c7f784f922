// The real server as a process of its own, for tests that kill it, limit it or give it a small disk. The disk is a tmpfs that
// only the process sees and that is gone with it (unshare of util-linux; as root, or with user namespaces).
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { ringMode } from './ring-mode.ts'

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const startMs = 30_000
const patienceMs = 30_000
const lookMs = 50

export interface ProcessOptions {
  /** Where SIP listens: `127.0.2.1:5060`. */
  readonly sip: string
  readonly file?: DeclarativeInput
  readonly environment?: Readonly<Record<string, string>>
  /** Size of a tmpfs of its own for the data directory, in KiB; absent = the disk of the tests. */
  readonly diskKib?: number
}

export interface Answer {
  readonly status: number
  readonly text: string
}

export class ServerProcess {
  readonly key = 'tg_test_process_0123456789abcdef0123456789'
  readonly folder: string
  readonly log: string[] = []
  readonly errors: string[] = []
  readonly #options: ProcessOptions
  #child: ChildProcess | undefined
  address = ''

  private constructor(options: ProcessOptions) {
    this.#options = options
    this.folder = mkdtempSync(join(tmpdir(), 'tollgate-process-'))
    mkdirSync(join(this.folder, 'data'))
    writeFileSync(join(this.folder, 'key'), this.key)
    if (options.file !== undefined) writeFileSync(join(this.folder, 'config.json'), JSON.stringify(options.file))
  }

  static async start(options: ProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options)
    await server.start()
    return server
  }

  get pid(): number {
    const pid = this.#child?.pid
    assert.ok(pid !== undefined, 'the server runs')
    return pid
  }

  /** The data directory as the process sees it, from outside. */
  get data(): string {
    return join(`/proc/${this.pid}/root`, this.folder, 'data')
  }

  /** Again, on the same data. @param more variables of this start alone */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = this.#spawn(more)
    this.errors.length = 0
    this.#child = child
    const ready = Promise.withResolvers<string>()
    child.stdout?.on('data', (chunk: Buffer) => this.log.push(...chunk.toString().split('\n')))
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors.push(chunk.toString())
      const [, address] = /is ready: (http:\S+)/.exec(this.errors.join('')) ?? []
      if (address !== undefined) ready.resolve(address)
    })
    child.once('exit', (code) => ready.reject(new Error(`it ended with ${code}: ${this.errors.join('')}`)))
    const limit = setTimeout(() => ready.reject(new Error(`not ready in ${startMs} ms`)), startMs)
    this.address = await ready.promise.finally(() => clearTimeout(limit))
  }

  #spawn(more: Readonly<Record<string, string>>): ChildProcess {
    const { sip, file, environment, diskKib } = this.#options
    const data = join(this.folder, 'data')
    const env = {
      PATH: process.env['PATH'],
      TOLLGATE_DATA_DIR: data,
      TOLLGATE_HTTP_LISTEN: '127.0.0.1:0',
      TOLLGATE_SIP_LISTEN: `udp:${sip},tcp:${sip}`,
      TOLLGATE_API_KEY_FILE: join(this.folder, 'key'),
      ...(file === undefined ? {} : { TOLLGATE_CONFIG: join(this.folder, 'config.json') }),
      ...ringMode,
      ...environment,
      ...more,
    }
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe']
    if (diskKib === undefined) return spawn(process.execPath, [program], { env, stdio })
    const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    const script = 'mount -t tmpfs -o size="$1"k tmpfs "$2" && exec "$3" "$4"'
    const argv = [...user, '--mount', 'sh', '-c', script, 'sh', String(diskKib), data, process.execPath, program]
    return spawn('unshare', argv, { env, stdio })
  }

  /** Ends at once, as by a power cut. What stood on a disk of its own is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<number | null> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  get hasEnded(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined
          ? {}
          : { 'content-type': body instanceof Uint8Array ? 'application/x-tar' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }

  async get<Body>(path: string): Promise<Body> {
    const { status, text } = await this.request('GET', path)
    assert.ok(status === 200, `GET ${path}: ${status} ${text}`)
    return JSON.parse(text) as Body
  }

  async backup(): Promise<Uint8Array> {
    const response = await fetch(`${this.address}/api/v1/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: '{}',
    })
    assert.equal(response.status, 200)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** The one sample of a metric that has no labels. */
  async metric(name: string): Promise<number> {
    const { text } = await this.request('GET', '/metrics')
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  }

  async eventually<Value>(
    what: string,
    look: () => Promise<Value>,
    condition: (value: Value) => boolean,
  ): Promise<Value> {
    const until = performance.now() + patienceMs
    for (;;) {
      const value = await look()
      if (condition(value)) return value
      assert.ok(performance.now() < until, `${what}: still ${JSON.stringify(value)} after ${patienceMs} ms`)
      await new Promise((resolve) => {
        setTimeout(resolve, lookMs)
      })
    }
  }
}
