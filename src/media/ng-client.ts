// Questions to rtpengine over UDP: sent again until the answer with their cookie comes, given up after a second. A relay
// that does not answer is left alone for a while, so that calls which need it are refused at once and no others wait.
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import type { Timer, TimerOwner, Timers } from '../base/timers.ts'
import { decodeReply, encodeQuestion } from './ng.ts'
import type { MediaQuestion, MediaReply } from './ng.ts'

export interface NgClientParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** One datagram to the relay. */
  send(bytes: Buffer): void
  /** The relay stopped answering, or answers again. */
  onTrouble(detail: string | undefined): void
}

const again = 1
const deadline = 2
const silent = 'the media relay does not answer'

class Question implements TimerOwner {
  readonly cookie: string
  readonly #bytes: Buffer
  readonly #client: NgClient
  readonly #done: (reply: MediaReply) => void
  #again: Timer | undefined
  readonly #deadline: Timer

  constructor(client: NgClient, cookie: string, bytes: Buffer, done: (reply: MediaReply) => void) {
    this.#client = client
    this.cookie = cookie
    this.#bytes = bytes
    this.#done = done
    const { clock, timers } = client.parts
    this.#deadline = timers.start(clock.nowMs(), bound('mediaAnswerMs'), this, deadline)
    this.#send(clock.nowMs())
  }

  #send(nowMs: number): void {
    this.#client.parts.send(this.#bytes)
    this.#again = this.#client.parts.timers.start(nowMs, bound('mediaRetryMs'), this, again)
  }

  onTimer(kind: number, nowMs: number): void {
    if (kind === again) this.#send(nowMs)
    else this.#client.onSilence(this)
  }

  finish(reply: MediaReply): void {
    this.#client.parts.timers.stop(this.#again)
    this.#client.parts.timers.stop(this.#deadline)
    this.#done(reply)
  }
}

export class NgClient {
  readonly parts: NgClientParts
  readonly #questions = new Map<string, Question>()
  #silentUntilMs = 0
  #isSilent = false

  constructor(parts: NgClientParts) {
    this.parts = parts
  }

  /** Why a new call had better not ask; undefined = it may. */
  get trouble(): string | undefined {
    if (this.#questions.size >= bound('mediaQuestionsMax')) return 'too many questions wait for the media relay'
    return this.#isSilent && this.parts.clock.nowMs() < this.#silentUntilMs ? silent : undefined
  }

  /** Asks; `done` is told exactly once, later, never from within this call. */
  ask(question: MediaQuestion, done: (reply: MediaReply) => void): void {
    const cookie = randomToken(this.parts.random, 16)
    this.#questions.set(cookie, new Question(this, cookie, encodeQuestion(cookie, question), done))
  }

  /** A datagram of the relay; a late or foreign one is ignored. */
  receive(bytes: Buffer): void {
    const decoded = decodeReply(bytes)
    const question = decoded === undefined ? undefined : this.#questions.get(decoded.cookie)
    if (decoded === undefined || question === undefined) return
    this.#questions.delete(decoded.cookie)
    if (this.#isSilent) this.parts.onTrouble(undefined)
    this.#isSilent = false
    question.finish(decoded.reply)
  }

  onSilence(question: Question): void {
    this.#questions.delete(question.cookie)
    if (!this.#isSilent) this.parts.onTrouble(silent)
    this.#isSilent = true
    this.#silentUntilMs = this.parts.clock.nowMs() + bound('mediaPauseMs')
    question.finish({ status: 503, detail: silent })
  }
}
