// Waits for something to be seen, with a deadline of whole seconds.

export class Waiting {
  #check: (() => void) | undefined

  /** Called after anything was seen. */
  notice(): void {
    this.#check?.()
  }

  /** True as soon as `isDone` is, false when `deadlineMs` have passed first. One wait at a time. */
  until(isDone: () => boolean, deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (done: boolean): void => {
        clearTimeout(deadline)
        this.#check = undefined
        resolve(done)
      }
      const deadline = setTimeout(() => end(false), deadlineMs)
      this.#check = () => {
        if (isDone()) end(true)
      }
      this.#check()
    })
  }
}
