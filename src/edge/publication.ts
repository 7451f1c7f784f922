// The control thread's side of a publication to one signalling thread: sends what that thread does not have yet, one part at
// a time. The next part leaves only when the last one was taken, so that SIP is served in between: a thread reads all
// messages that wait for it in one turn. Of directories that come while one is on its way, only the newest follows.
import { bound } from '../base/limits.ts'
import { Fault } from '../base/fault.ts'
import { frameBetween, partsBetween } from '../directory/delta.ts'
import type { DirectoryPart } from '../directory/delta.ts'
import type { Directory } from '../directory/directory.ts'
import { emptyDirectory } from '../directory/empty.ts'
import type { PublicationMessage } from './seam.ts'

interface Waiter {
  /** Which call of `publish` it belongs to. */
  readonly number: number
  readonly late: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  timer: NodeJS.Timeout | undefined
}

interface Sending {
  readonly directory: Directory
  readonly number: number
  readonly parts: Iterator<DirectoryPart>
}

export class Publication {
  readonly #send: (message: PublicationMessage) => void
  /** What the signalling thread has: it starts with the empty directory. */
  #inForce = emptyDirectory()
  #wanted: Directory | undefined
  #sending: Sending | undefined
  #number = 0
  #waiters: Waiter[] = []

  constructor(send: (message: PublicationMessage) => void) {
    this.#send = send
  }

  /** Resolves when it, or one that came after it, is in force; rejects when nothing is heard for `acknowledgeMs`. */
  publish(directory: Directory): Promise<void> {
    this.#wanted = directory
    this.#number += 1
    const number = this.#number
    const done = new Promise<void>((resolve, reject) => {
      const late = `revision ${directory.revision} was not acknowledged`
      const waiter: Waiter = { number, late, resolve, reject, timer: undefined }
      this.#waiters.push(waiter)
      this.#time(waiter)
    })
    if (this.#sending === undefined) this.#begin()
    return done
  }

  /** The last part was taken. */
  onTaken(): void {
    for (const waiter of this.#waiters) this.#time(waiter)
    this.#next()
  }

  /** What was sent is in force. */
  onPublished(): void {
    if (this.#sending === undefined) return
    const { directory, number } = this.#sending
    this.#inForce = directory
    this.#sending = undefined
    for (const waiter of this.#take((one) => one.number <= number)) waiter.resolve()
    if (this.#wanted !== undefined) this.#begin()
  }

  /** The thread is gone. */
  fail(detail: string): void {
    for (const waiter of this.#take(() => true)) waiter.reject(new Fault('internal', detail))
  }

  #begin(): void {
    const directory = this.#wanted
    if (directory === undefined) return
    this.#wanted = undefined
    const parts = partsBetween(this.#inForce, directory, bound('publishedPerTurnMax'))
    this.#sending = { directory, number: this.#number, parts }
    this.#next()
  }

  #next(): void {
    if (this.#sending === undefined) return
    const { directory, parts } = this.#sending
    const { done, value } = parts.next()
    if (done === true) this.#send({ type: 'swap', frame: frameBetween(this.#inForce, directory) })
    else this.#send({ type: 'part', part: value })
  }

  /** From now on. */
  #time(waiter: Waiter): void {
    clearTimeout(waiter.timer)
    waiter.timer = setTimeout(() => {
      for (const { late, reject } of this.#take((one) => one === waiter)) reject(new Fault('edge_unavailable', late))
    }, bound('acknowledgeMs'))
  }

  #take(wanted: (waiter: Waiter) => boolean): Waiter[] {
    const taken = this.#waiters.filter(wanted)
    this.#waiters = this.#waiters.filter((waiter) => !taken.includes(waiter))
    for (const { timer } of taken) clearTimeout(timer)
    return taken
  }
}
