// A real API server on a free port: real control services on a database of its own, and a signalling thread that only
// answers what the test puts into it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApi, type ApiServer } from '../../src/api/server.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { Cidr } from '../../src/contract/address.ts'
import { forwardLog } from '../../src/base/log.ts'
import { secureRandom } from '../../src/base/random.ts'
import { gatewayBoard } from '../../src/control/gateway-board.ts'
import { openControl, type Control } from '../../src/control/open-control.ts'
import type { Role } from '../../src/control/services.ts'
import type { EdgeHandle } from '../../src/edge/edge-client.ts'
import type { EdgeQuestionName, EdgeQuestions } from '../../src/edge/seam.ts'

type Answers = {
  [Name in EdgeQuestionName]?: (ask: EdgeQuestions[Name]['ask']) => EdgeQuestions[Name]['answer']
}

interface FetchOptions {
  /** API key; the administrator's if left out, none if null. */
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; text goes as it is, with the content type in `headers`. */
  readonly body?: unknown
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body parsed; throws when it is no JSON. */
  readonly json: unknown
}

export interface ApiRig {
  readonly server: ApiServer
  readonly control: Control
  /** What the signalling thread answers; may change at any time. */
  readonly answers: Answers
  /** Revisions that were handed to the signalling thread. */
  readonly published: number[]
  readonly notReady: string[]
  /** When the services were asked to open again, in milliseconds since 1970. */
  readonly restarts: number[]
  readonly logLines: string[]
  readonly dataDir: string
  /** API keys by role; empty texts before set-up. */
  readonly keys: Readonly<Record<Role, string>>
  fetch(method: string, path: string, options?: FetchOptions): Promise<ApiAnswer>
  close(): Promise<void>
}

interface RigOptions {
  /** Open HTTP connections; the bound if left out. */
  readonly connectionsMax?: number
  /** Leave it without an administrator. */
  readonly beforeSetup?: boolean
  readonly staticDir?: string
  readonly host?: string
  readonly proxies?: readonly Cidr[]
}

function edgeOf(answers: Answers, published: number[]): EdgeHandle {
  const listener = { id: 0, name: 'udp:127.0.0.1:5060', protocol: 'udp', family: 4, address: '127.0.0.1' } as const
  return {
    listeners: [{ ...listener, port: 5060, sentByHost: '127.0.0.1', sentByPort: 5060 }],
    ask: async (name, question) => {
      const answer = answers[name]
      if (answer === undefined) throw new Error(`the test gave no answer to ${name}`)
      return answer(question)
    },
    publish: async (directory) => void published.push(directory.revision),
    suspend: () => undefined,
  }
}

const system = { kind: 'system', id: null, name: 'test', address: null } as const

async function keysOf({ people }: Control, beforeSetup: boolean): Promise<Record<Role, string>> {
  const keys = { administrator: '', engineer: '', support: '' }
  if (beforeSetup) return keys
  for (const role of ['administrator', 'engineer', 'support'] as const) {
    // One after the other, as the table of keys lists them.
    const { key } = await people.createApiKey({ name: `${role} key`, role, expiresAt: null }, system)
    keys[role] = key
  }
  return keys
}

const headersOf = (key: string | null, { body, headers }: FetchOptions): Record<string, string> => ({
  ...(key === null || key === '' ? {} : { authorization: `Bearer ${key}` }),
  ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
  ...headers,
})

async function ask(url: string, method: string, key: string | null, options: FetchOptions): Promise<ApiAnswer> {
  const { body } = options
  const response = await fetch(url, {
    method,
    headers: headersOf(key, options),
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text) as unknown
    },
  }
}

export async function openApiRig({
  beforeSetup = false,
  staticDir,
  host = '127.0.0.1',
  proxies = [],
  connectionsMax,
}: RigOptions = {}): Promise<ApiRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-api-'))
  const logLines: string[] = []
  const log = forwardLog((level, event, fields) => void logLines.push(`${level} ${event} ${JSON.stringify(fields)}`))
  const control = await openControl({
    dataDir,
    clock: systemClock,
    random: secureRandom(),
    log,
    ...(beforeSetup ? {} : { apiKey: 'the key of an unattended set-up' }),
  })
  const answers: Answers = {
    accountFailures: () => new Map(),
    automaticBlocks: () => [],
    watched: () => ({ targets: [], failures: new Map(), use: new Map() }),
    gateways: () => [],
    limits: () => [],
    usage: () => [],
  }
  const [published, notReady, restarts]: [number[], string[], number[]] = [[], [], []]
  const edge = edgeOf(answers, published)
  await control.attach(edge)
  const context = { ...control, edge, log, version: '0.0.0-test' }
  const server = await openApi({
    host,
    port: 0,
    ...(connectionsMax === undefined ? {} : { connectionsMax }),
    proxies,
    context: {
      ...context,
      gatewayBoard: () => gatewayBoard(control.directory, edge, control.suspensions),
      ready: () => notReady,
      restart: async () => void restarts.push(Date.now()),
    },
    staticDir: staticDir ?? null,
  })
  const keys = await keysOf(control, beforeSetup)
  return {
    server,
    control,
    answers,
    published,
    notReady,
    restarts,
    logLines,
    dataDir,
    keys,
    fetch: (method, path, options = {}) =>
      ask(server.address + path, method, options.key === undefined ? keys.administrator : options.key, options),
    close: async () => {
      await server.close()
      await control.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
