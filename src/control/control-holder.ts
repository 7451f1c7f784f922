// The control services of a process that may exchange its data while calls go on: what the signalling thread hands up
// meanwhile waits, and comes to the services that are opened next. A backup that was restored but cannot be opened gives way
// to the data that were in force before it.
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { Control } from './open-control.ts'
import type { StorageService } from './services.ts'

export interface ExchangeParts {
  /** Opens the services on what the data directory holds. */
  readonly open: () => Promise<Control>
  /** Puts back what the data directory held before the last restore; false = there is nothing to put back. */
  readonly goBack: () => boolean
  readonly edge: EdgeHandle
  readonly log: Log
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const edgeIsLate = (error: unknown): boolean => error instanceof Fault && error.code === 'edge_unavailable'

export class ControlHolder {
  #control: Control
  #waiting: ((control: Control) => void)[] | undefined
  #failedRestore: string | undefined

  constructor(control: Control) {
    this.#control = control
  }

  get control(): Control {
    return this.#control
  }

  /** With a restore that failed among the troubles. */
  get storage(): StorageService {
    return {
      troubles: (): readonly string[] => [
        ...(this.#failedRestore === undefined ? [] : [this.#failedRestore]),
        ...this.#control.storage.troubles(),
      ],
      samples: (): readonly Sample[] => this.#control.storage.samples(),
    }
  }

  /** Hands something up: now, or when the exchange is done. */
  readonly up = (work: (control: Control) => void): void => {
    if (this.#waiting === undefined) work(this.#control)
    else this.#waiting.push(work)
  }

  /**
   * Closes the services, opens others on the same data directory, and gives them the running signalling thread. Rejects when
   * neither what was restored nor what was before can be opened: then there are no services any more.
   */
  async exchange(parts: ExchangeParts): Promise<void> {
    const waiting: ((control: Control) => void)[] = []
    this.#waiting = waiting
    const left = await this.#control.close()
    if (left.length > 0) waiting.unshift((control) => control.onRecords(left, 0))
    this.#failedRestore = undefined
    this.#control = await this.#openOrGoBack(parts)
    try {
      await this.#control.attach(parts.edge)
    } catch (error) {
      // It has the directory and takes it as soon as it can; only the acknowledgement is missing.
      if (!edgeIsLate(error)) throw error
      parts.log.warn('restored configuration is not acknowledged yet', { error: reasonOf(error) })
    }
    this.#waiting = undefined
    for (const work of waiting) work(this.#control)
  }

  async #openOrGoBack({ open, goBack, log }: ExchangeParts): Promise<Control> {
    try {
      return await open()
    } catch (error) {
      const why = reasonOf(error)
      log.error('what was restored cannot be put in force; going back to the data before it', { why })
      if (!goBack()) throw error
      const control = await open()
      this.#failedRestore = `the last restore failed, and the data before it are in force: ${why}`
      const actor = { kind: 'system', id: null, name: 'restore', address: null } as const
      const name = `revision ${control.config.revision}`
      const entry = { actor, action: 'restore failed', kind: 'configuration', name, reason: why, before: null }
      await control.audit.add(entry)
      return control
    }
  }

  /** Closes the services for good, and says what is lost with them. */
  async close(log: Log): Promise<void> {
    const left = await this.#control.close()
    if (left.length > 0)
      log.error('call records are lost: they could not be stored before the end', { lost: left.length })
  }
}
