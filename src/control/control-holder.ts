// The control services of a process that may exchange its data while calls go on: what the signalling thread hands up
// meanwhile waits, and comes to the services that are opened next.
import type { Log } from '../base/log.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import type { Control } from './open-control.ts'

export class ControlHolder {
  #control: Control
  #waiting: ((control: Control) => void)[] | undefined

  constructor(control: Control) {
    this.#control = control
  }

  get control(): Control {
    return this.#control
  }

  /** Hands something up: now, or when the exchange is done. */
  readonly up = (work: (control: Control) => void): void => {
    if (this.#waiting === undefined) work(this.#control)
    else this.#waiting.push(work)
  }

  /** Closes the services, opens others on the same data directory, and gives them the running signalling thread. */
  async exchange(open: () => Promise<Control>, edge: EdgeHandle): Promise<void> {
    const waiting: ((control: Control) => void)[] = []
    this.#waiting = waiting
    const left = await this.#control.close()
    if (left.length > 0) waiting.unshift((control) => control.onRecords(left, 0))
    this.#control = await open()
    await this.#control.attach(edge)
    this.#waiting = undefined
    for (const work of waiting) work(this.#control)
  }

  /** Closes the services for good, and says what is lost with them. */
  async close(log: Log): Promise<void> {
    const left = await this.#control.close()
    if (left.length > 0)
      log.error('call records are lost: they could not be stored before the end', { lost: left.length })
  }
}
