// What a change of the configuration costs signalling: the longest turn, in which the thread reads no packet, while one change
// among 1,000,000 ranges, and 10,000 new gateways, are published; beside it the same with everything in one message. Of six
// rounds the table has the least disturbed one, the JSON all.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { carrierInput } from '../../src/contract/account.ts'
import { systemInput } from '../../src/contract/declarative.ts'
import { endpointInput } from '../../src/contract/endpoint.ts'
import { compileDirectory } from '../../src/directory/compile.ts'
import type { Directory, DirectorySource, SourceEndpoint } from '../../src/directory/directory.ts'
import { Publication } from '../../src/edge/publication.ts'
import type { Part, Row } from '../part.ts'
import type { FromThread, ToThread } from '../publication-thread.ts'

/** Longest turns of all rounds, ascending: others take the processor at times, the first round was the least disturbed. */
interface Pause {
  readonly turnsMs: readonly number[]
  /** As long a time in which nothing was published. */
  readonly idleTurnsMs: readonly number[]
  /** Until it was acknowledged. */
  readonly inForceMs: readonly number[]
}

const rounds = 6

/** Garbage, timers and colleagues of the thread have this time to show themselves. */
const settleMs = 300

const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, settleMs)
  })

class Thread {
  readonly #worker: Worker
  readonly #publication = new Publication((message) => this.#worker.postMessage(message satisfies ToThread))
  readonly #inTurns: boolean

  constructor(inTurns: boolean) {
    this.#inTurns = inTurns
    this.#worker = new Worker(new URL('../publication-thread.ts', import.meta.url), { workerData: { inTurns } })
    this.#worker.on('message', ({ type }: FromThread) => {
      if (type === 'taken' && inTurns) this.#publication.onTaken()
      if (type === 'published' && inTurns) this.#publication.onPublished()
    })
  }

  async publish(directory: Directory): Promise<void> {
    if (this.#inTurns) return this.#publication.publish(directory)
    const published = this.#heard('published')
    this.#worker.postMessage({ type: 'whole', directory } satisfies ToThread)
    await published
  }

  async longestTurnMs(): Promise<number> {
    const answer = this.#heard('turn')
    this.#worker.postMessage({ type: 'read' } satisfies ToThread)
    const message = await answer
    return message.type === 'turn' ? message.longestMs : 0
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  async #heard(type: FromThread['type']): Promise<FromThread> {
    const [message] = (await once(this.#worker, 'message')) as [FromThread]
    return message.type === type ? message : this.#heard(type)
  }
}

const ascending = (values: readonly number[]): number[] =>
  values.map((value) => Math.round(value * 10) / 10).toSorted((left, right) => left - right)

/** Publishes one directory after the other, from the first one on, and looks at all but the first. */
async function measurePauses(directories: readonly Directory[], inTurns: boolean): Promise<Pause> {
  const thread = new Thread(inTurns)
  const turns: number[] = []
  const idle: number[] = []
  const times: number[] = []
  for (const [i, directory] of directories.entries()) {
    await settle()
    const before = await thread.longestTurnMs()
    const start = performance.now()
    await thread.publish(directory)
    const took = performance.now() - start
    await settle()
    const turn = await thread.longestTurnMs()
    await settle()
    await thread.longestTurnMs()
    if (i === 0) continue
    idle.push(before)
    turns.push(turn)
    times.push(took)
  }
  await thread.close()
  return { turnsMs: ascending(turns), idleTurnsMs: ascending(idle), inForceMs: ascending(times) }
}

const account = { ...carrierInput.parse({ name: 'Acme' }), id: 'car_1', path: 'carriers[0]', kind: 'carrier' as const }

function endpointOf(number: number, direction: 'sends' | 'both', addresses: string[]): SourceEndpoint {
  const { password: _, ...config } = endpointInput.parse({
    name: `entry-${number}`,
    direction,
    addresses: ['192.0.2.1'],
  })
  return { ...config, addresses, id: `ep_${number}`, path: `${number}`, accountId: account.id, password: null }
}

const addressText = (first: number, number: number): string =>
  `${first}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`

const sourceOf = (endpoints: readonly SourceEndpoint[], revision: number): DirectorySource => ({
  revision,
  nonceKey: 'bench',
  system: systemInput.parse({}),
  accounts: [account],
  endpoints,
  sipUsers: [],
  routes: [],
  blocks: [],
})

/** Each comes after the one before, as on the control thread. */
function compileAll(sources: readonly (readonly SourceEndpoint[])[]): Directory[] {
  const directories: Directory[] = []
  for (const [i, endpoints] of sources.entries()) {
    const before = directories.at(-1)
    directories.push(compileDirectory(sourceOf(endpoints, i + 1), before === undefined ? {} : { before }).directory)
  }
  return directories
}

/** Each revision has one address more. */
function rangesOf(count: number): Directory[] {
  const entries = Array.from({ length: 1_000 }, (_, number) =>
    endpointOf(
      number,
      'sends',
      Array.from({ length: count / 1_000 }, (_unused, i) => addressText(11, (number * count) / 1_000 + i)),
    ),
  )
  const [first] = entries
  const changed = (round: number): SourceEndpoint[] =>
    first === undefined
      ? []
      : [{ ...first, addresses: [...first.addresses, addressText(99, round)] }, ...entries.slice(1)]
  return compileAll(Array.from({ length: rounds + 1 }, (_, round) => changed(round)))
}

/** They come, go and come again. */
function gatewaysOf(count: number): Directory[] {
  const few = Array.from({ length: 100 }, (_, i) => endpointOf(i, 'both', [addressText(10, i)]))
  const many = Array.from({ length: count }, (_, i) => endpointOf(i + 100, 'both', [addressText(10, i + 100)]))
  return compileAll(Array.from({ length: rounds + 1 }, (_, round) => (round % 2 === 0 ? few : [...few, ...many])))
}

/** One weight changes among them. */
function weightsOf(count: number): Directory[] {
  const many = Array.from({ length: count }, (_, i) => endpointOf(i, 'both', [addressText(10, i)]))
  const changed = (round: number): SourceEndpoint[] =>
    many.map((row, i) => (i === 77 ? { ...row, weight: round } : row))
  return compileAll(Array.from({ length: rounds + 1 }, (_, round) => changed(round)))
}

async function rowsFor(what: string, directories: readonly Directory[]): Promise<{ rows: Row[]; figures: unknown }> {
  const inTurns = await measurePauses(directories, true)
  const whole = await measurePauses(directories, false)
  const row = (text: string, [best = 0]: readonly number[]): Row => ({
    what: text,
    unit: 'ms',
    tollgate: best,
    kamailio: null,
  })
  const rows: Row[] = [
    { ...row(`${what}: longest pause of signalling`, inTurns.turnsMs), target: { of: 'tollgate', atMost: 5 } },
    row('... longest pause while nothing is published', inTurns.idleTurnsMs),
    row('... longest pause if everything went in one message', whole.turnsMs),
    row('... until it is in force', inTurns.inForceMs),
  ]
  return { rows, figures: { what, inTurns, whole } }
}

export const publicationPart: Part = {
  name: 'publication',
  about: 'how long a change of the configuration keeps signalling from reading packets',
  limitSeconds: () => 300,
  measure: async ({ shrink }) => {
    const text = (count: number): string => count.toLocaleString('en-GB')
    const [ranges, gateways] = [1_000_000 / shrink, 10_000 / shrink]
    const parts = [
      await rowsFor(`one change among ${text(ranges)} ranges`, rangesOf(ranges)),
      await rowsFor(`one change among ${text(gateways)} gateways`, weightsOf(gateways)),
      await rowsFor(`${text(gateways)} gateways come or go`, gatewaysOf(gateways)),
    ]
    return { rows: parts.flatMap(({ rows }) => rows), invalid: [], figures: parts.map(({ figures }) => figures) }
  },
}
