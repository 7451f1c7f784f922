// The load generator as the parts of the benchmark see it: a process of its own on a processor of its own, and one load after
// the other.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { GeneratorSpec, LoadResult, LoadSpec } from './generator/generator.ts'
import type { FromGenerator, ToGenerator } from './generator/main.ts'
import { pinned, stopSession, trackSession } from './processes.ts'

/** A load that takes so much longer than planned has failed. */
const graceMs = 20_000
const openMs = 10_000

const program = fileURLToPath(new URL('generator/main.ts', import.meta.url))

export class Traffic {
  readonly #child: ChildProcess
  #onMessage: (message: FromGenerator) => void = () => undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => this.#onMessage(message as FromGenerator))
    child.on('exit', () => this.#onMessage({ type: 'failed', detail: 'the load generator ended' }))
    child.on('error', (error) => this.#onMessage({ type: 'failed', detail: error.message }))
  }

  static async open(spec: GeneratorSpec): Promise<Traffic> {
    const [command, args] = pinned('generator', process.execPath, ['--max-semi-space-size=64', program])
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    trackSession(child)
    const traffic = new Traffic(child)
    await traffic.#ask({ type: 'open', spec }, 'ready', openMs)
    return traffic
  }

  /** `onPhase` hears the number of each phase when it begins, and at last that of the drain. */
  async run(spec: LoadSpec, onPhase: (index: number) => void = () => undefined): Promise<LoadResult> {
    const seconds = spec.phases.reduce((sum, phase) => sum + phase.seconds, spec.drainSeconds)
    const answer = await this.#ask({ type: 'load', spec }, 'result', seconds * 1_000 + graceMs, onPhase)
    if (answer.type !== 'result') throw new Error('no result')
    return answer.result
  }

  #ask(
    message: ToGenerator,
    awaited: FromGenerator['type'],
    withinMs: number,
    onPhase: (index: number) => void = () => undefined,
  ): Promise<FromGenerator> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('the load generator does not answer')), withinMs)
      this.#onMessage = (answer) => {
        if (answer.type === 'phase') return onPhase(answer.index)
        clearTimeout(limit)
        if (answer.type === 'failed') reject(new Error(answer.detail))
        else if (answer.type === awaited) resolve(answer)
      }
      this.#child.send(message)
    })
  }

  async close(): Promise<void> {
    this.#onMessage = () => undefined
    await stopSession(this.#child.pid ?? 0)
  }
}
