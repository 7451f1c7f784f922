// The real server for the browser tests: a data folder of its own, any free HTTP port, which it keeps when it restarts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../../src/main.ts'
import { DatabaseSync } from 'node:sqlite'
import type { CallRecord } from '../../src/call/record.ts'
import type { EdgeQuestionName, EdgeQuestions } from '../../src/edge/seam.ts'
import type { Running } from '../../src/main.ts'

/** What the signalling thread is made to answer; to everything else it answers itself. */
export type Planted = { [Name in EdgeQuestionName]?: () => EdgeQuestions[Name]['answer'] }

export interface TestServer {
  /** `http://127.0.0.1:40000`. */
  readonly origin: string
  /** The one-time token, from the file that the set-up page names. */
  token(): string
  stop(): Promise<void>
  /** Again, at the same address with the same data. */
  start(): Promise<void>
  /** Calls that have ended, as the signalling thread tells of them. */
  addRecords(records: readonly CallRecord[]): void
  /** The address and port of SIP over UDP. */
  readonly sip: { readonly address: string; readonly port: number }
  /** From now on these answers come through the seam, also after a restart. */
  plant(answers: Planted): void
  /** As an alert's penalty does it. */
  suspend(accountId: string, reason: string): Promise<void>
  /** The database, while the server is stopped. */
  withDatabase(work: (database: DatabaseSync) => void): void
  /** Stops for good; the data are gone. */
  remove(): Promise<void>
}

export async function startServer(sipAddress: string): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-browser-'))
  const open = (port: number): Promise<Running> =>
    start({
      TOLLGATE_DATA_DIR: dataDir,
      TOLLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
      TOLLGATE_SIP_LISTEN: `udp:${sipAddress}:0`,
      TOLLGATE_LOG_LEVEL: 'error',
    })
  let planted: Planted = {}
  const applyPlanted = ({ edge }: Running): void => {
    const ask = edge.ask.bind(edge)
    const answer: typeof ask = async (name, question) => planted[name]?.() ?? ask(name, question)
    Object.defineProperty(edge, 'ask', { value: answer })
  }
  let running: Running | undefined = await open(0)
  applyPlanted(running)
  const origin = running.api.address
  const port = Number(/:(\d+)$/.exec(running.edge.listeners[0]?.name ?? '')?.[1] ?? 0)
  const stop = async (): Promise<void> => {
    await running?.stop(0)
    running = undefined
  }
  return {
    origin,
    token: () => readFileSync(join(dataDir, 'setup-token'), 'utf8').trim(),
    stop,
    start: async () => {
      running = await open(Number(new URL(origin).port))
      applyPlanted(running)
    },
    plant: (answers) => void (planted = answers),
    suspend: async (accountId, reason) => running?.control.suspensions.set(accountId, 'penalty', reason, null),
    withDatabase: (work) => {
      const database = new DatabaseSync(join(dataDir, 'tollgate.db'))
      try {
        work(database)
      } finally {
        database.close()
      }
    },
    addRecords: (records) => running?.control.records.add(records, 0),
    sip: { address: sipAddress, port },
    remove: async () => {
      await stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
