// The control thread's handle on the signalling side: starts its threads, asks and publishes. Where there are several, what
// exists once is asked of the first one, everything else of all, and the answers become one (merge-answers.ts).
import { MessageChannel } from 'node:worker_threads'
import type { Log } from '../base/log.ts'
import { randomToken, secureRandom } from '../base/random.ts'
import type { Directory } from '../directory/directory.ts'
import { sharedNonceMemory } from '../policy/nonce-counts.ts'
import type { SuspensionChanges } from '../policy/suspensions.ts'
import { sharedBookMemory } from '../policy/shared-book.ts'
import type { Binding } from '../registrar/binding.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { CrewOptions } from './crew.ts'
import { ringMemory } from './hand-over-ring.ts'
import { findMerge } from './merge-answers.ts'
import { tuneCollection } from './collection.ts'
import type { EdgeOptions, EdgeQuestionName, EdgeQuestions } from './seam.ts'
import { ThreadClient } from './thread-client.ts'
import type { EdgeListener } from './thread-client.ts'
import type { LinkParts } from './thread-link.ts'

/** What the rooms above need of the signalling threads. */
export interface EdgeHandle {
  readonly listeners: readonly ListenerInfo[]
  ask<Name extends EdgeQuestionName>(
    name: Name,
    ask: EdgeQuestions[Name]['ask'],
  ): Promise<EdgeQuestions[Name]['answer']>
  /** Resolves when it is in force on every thread, or one after it; rejects (edge_unavailable) after `acknowledgeMs` without a sign. */
  publish(directory: Directory): Promise<void>
  /** All suspensions of these accounts from now on. */
  suspend(changes: SuspensionChanges): void
}

export interface EdgeClientOptions extends Omit<EdgeOptions, 'crew'> {
  /** How many signalling threads (default 1). */
  readonly signallingThreads?: number
}

const signalling = new URL('./signalling.ts', import.meta.url)

export class EdgeClient implements EdgeHandle {
  readonly #first: ThreadClient
  readonly #further: readonly ThreadClient[]

  private constructor(first: ThreadClient, further: readonly ThreadClient[]) {
    this.#first = first
    this.#further = further
  }

  /**
   * Starts the threads and resolves when the sockets are open; rejects with the reason when they cannot be.
   * @param entry stands in for the program of a thread, in tests.
   */
  static async open(
    options: EdgeClientOptions,
    log: Log,
    listener: EdgeListener,
    entry = signalling,
  ): Promise<EdgeClient> {
    tuneCollection()
    const { signallingThreads: threads = 1, ...rest } = options
    if (threads === 1) return new EdgeClient(await ThreadClient.open(rest, log, listener, entry), [])
    const book = sharedBookMemory()
    const links = Array.from({ length: threads - 1 }, () => openLink())
    const boot = randomToken(secureRandom(), 12)
    const common = { threads, book, nonces: sharedNonceMemory(), boot, listeners: [] }
    const crew: CrewOptions = { ...common, number: 0, links: links.map(({ first }) => first) }
    const first = await ThreadClient.open({ ...rest, crew }, log, listener, entry)
    const openFurther = ({ further }: (typeof links)[number], index: number): Promise<ThreadClient> => {
      const own = { ...common, number: index + 1, links: [further], listeners: first.listeners }
      return ThreadClient.open({ ...rest, crew: own }, log, listener, entry)
    }
    return new EdgeClient(first, await Promise.all(links.map(openFurther)))
  }

  get listeners(): readonly ListenerInfo[] {
    return this.#first.listeners
  }

  async ask<Name extends EdgeQuestionName>(
    name: Name,
    ask: EdgeQuestions[Name]['ask'],
  ): Promise<EdgeQuestions[Name]['answer']> {
    const merge = this.#further.length === 0 ? undefined : findMerge(name)
    if (merge === undefined) return this.#first.ask(name, ask)
    return merge(await Promise.all([this.#first, ...this.#further].map((thread) => thread.ask(name, ask))), ask)
  }

  /** The first thread comes first: what it finds about gateways the others must know when they take the directory. */
  async publish(directory: Directory): Promise<void> {
    await this.#first.publish(directory)
    if (this.#further.length > 0) await Promise.all(this.#further.map((thread) => thread.publish(directory)))
  }

  /** Gives back what was registered before a restart; after the first `publish`. */
  restore(bindings: readonly Binding[]): void {
    this.#first.restore(bindings)
  }

  /** Takes effect with the next INVITE. */
  suspend(changes: SuspensionChanges): void {
    for (const thread of [this.#first, ...this.#further]) thread.suspend(changes)
  }

  /** Asks the threads to end their calls and close, and waits for them: the one with the sockets closes last. */
  async close(): Promise<void> {
    await Promise.all(this.#further.map((thread) => thread.close()))
    await this.#first.close()
  }
}

/** Both ends of a link between the first thread and a further one. */
function openLink(): { first: LinkParts; further: LinkParts } {
  const { port1, port2 } = new MessageChannel()
  const rings = { toFurther: ringMemory(), toFirst: ringMemory() }
  return { first: { ...rings, port: port1 }, further: { ...rings, port: port2 } }
}
