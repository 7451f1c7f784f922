// The real server for scenario and SIPp tests: own data folder, own loopback address, an API key, ended with the test.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { start } from '../../src/main.ts'
import type { Running } from '../../src/main.ts'
import { ringMode } from './ring-mode.ts'

const key = 'tg_test_0123456789abcdef0123456789abcdef'

/** Deadline of `eventually`. */
const patienceMs = 20_000
const lookMs = 50

export interface TollgateOptions {
  /** Where SIP listens: `127.0.2.1:5060`; UDP, and TCP too. */
  readonly sip: string
  readonly file: DeclarativeInput
  readonly environment?: Readonly<Record<string, string>>
}

/** `GET /call-records` rows, as far as tests look. */
export interface RecordRow {
  readonly id: string
  readonly outcome: string
  readonly status: number
  readonly releaseReason: string
  readonly attempts: readonly { readonly gateway: string; readonly status: number | null; readonly reason: string }[]
}

export interface LimitRow {
  readonly scope: string
  readonly name: string
  readonly kind: string
  readonly limit: number
  readonly used: number
  readonly calls: readonly string[]
}

export class Tollgate {
  readonly key = key
  readonly running: Running
  readonly dataDir: string

  private constructor(running: Running, dataDir: string) {
    this.running = running
    this.dataDir = dataDir
  }

  static async start(options: TollgateOptions): Promise<Tollgate> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
    const file = join(dataDir, 'config.json')
    const keyFile = join(dataDir, 'key-file')
    writeFileSync(file, JSON.stringify(options.file))
    writeFileSync(keyFile, key)
    const running = await start({
      TOLLGATE_DATA_DIR: join(dataDir, 'data'),
      TOLLGATE_HTTP_LISTEN: '127.0.0.1:0',
      TOLLGATE_SIP_LISTEN: `udp:${options.sip},tcp:${options.sip}`,
      TOLLGATE_CONFIG: file,
      TOLLGATE_API_KEY_FILE: keyFile,
      TOLLGATE_LOG_LEVEL: 'error',
      ...ringMode,
      ...options.environment,
    })
    return new Tollgate(running, dataDir)
  }

  /** Ends the server and removes its data. */
  async stop(): Promise<void> {
    await this.running.stop(0)
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.running.api.address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text }
  }

  /** An answer that goes on, like an event stream. */
  open(path: string, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.running.api.address}${path}`, { headers: { authorization: `Bearer ${key}` }, signal })
  }

  async get<Body>(path: string): Promise<Body> {
    const { status, body } = await this.request('GET', `/api/v1${path}`)
    assert.equal(status, 200, `GET ${path}: ${JSON.stringify(body)}`)
    return body as Body
  }

  /** Applies a file; fails the test when it is refused. */
  async apply(file: DeclarativeInput, query = ''): Promise<unknown> {
    const { status, body } = await this.request('POST', `/api/v1/config/apply${query}`, file)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }

  async metrics(): Promise<string> {
    const { body } = await this.request('GET', '/metrics')
    return String(body)
  }

  /** Sum of all series of a metric whose labels contain `labels`. */
  async metric(name: string, labels = ''): Promise<number> {
    const lines = (await this.metrics()).split('\n').filter((line) => line.startsWith(name) && line.includes(labels))
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  async recordCount(query = ''): Promise<number> {
    const { total } = await this.get<{ total: number }>(`/call-records?limit=1${query}`)
    return total
  }

  async records(query = ''): Promise<readonly RecordRow[]> {
    const { items } = await this.get<{ items: readonly RecordRow[] }>(`/call-records?limit=1000${query}`)
    return items
  }

  async limits(): Promise<readonly LimitRow[]> {
    const body = await this.get<readonly LimitRow[] | { items: readonly LimitRow[] }>('/limits')
    return 'items' in body ? body.items : body
  }

  /** Live calls and held channels, which must be zero when nothing runs. */
  async held(): Promise<{ calls: number; channels: number }> {
    const limits = await this.limits()
    const calls = await this.running.edge.ask('calls', null)
    return {
      calls: calls.length,
      channels: limits.filter((row) => row.kind === 'channels').reduce((sum, row) => sum + row.used, 0),
    }
  }

  /** Turns until `condition` holds; fails with the last value after the deadline. */
  async eventually<Value>(
    what: string,
    look: () => Promise<Value>,
    condition: (value: Value) => boolean,
    limitMs = patienceMs,
  ): Promise<Value> {
    const until = performance.now() + limitMs
    const turn = async (): Promise<Value> => {
      const value = await look()
      if (condition(value)) return value
      if (performance.now() > until) throw new Error(`${what}: still ${JSON.stringify(value)} after ${limitMs} ms`)
      await pauseMs(lookMs)
      return turn()
    }
    return turn()
  }

  /** Every counter back to zero. */
  async assertNothingHeld(limitMs = patienceMs): Promise<void> {
    await this.eventually(
      'calls and channels held',
      () => this.held(),
      ({ calls, channels }) => calls === 0 && channels === 0,
      limitMs,
    )
  }
}

const pauseMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
