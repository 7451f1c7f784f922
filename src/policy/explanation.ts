// Why a call went where it went: one line for each thing compared, in the order in which it was compared.
// The same steps come from a live call and from a simulation.
import { flat } from '../base/flat.ts'

export type StepName =
  | 'screen'
  | 'identify'
  | 'authenticate'
  | 'normalise'
  | 'find-route'
  | 'rank'
  | 'draw'
  | 'admit'
  | 'attempt'
  | 'reply'

export interface ExplanationStep {
  readonly step: StepName
  readonly text: string
}

const separator = '\u0000'

/** Collects steps; the texts name entries and values, so that a person needs no manual. */
export class Explanation {
  /** Step and text in turn: an object for each step costs more than the texts. */
  #parts: string[] = []
  /** The first of them as one text; '' = none is packed. */
  #packed = ''

  /** All steps in order. */
  get steps(): readonly ExplanationStep[] {
    const packed = this.#packed === '' ? [] : this.#packed.split(separator)
    const steps: ExplanationStep[] = []
    for (const parts of [packed, this.#parts])
      for (let i = 0; i < parts.length; i += 2) steps.push({ step: parts[i] as StepName, text: parts[i + 1] as string })
    return steps
  }

  add(step: StepName, text: string): void {
    this.#parts.push(step, text)
  }

  /**
   * Puts the steps into one text, for as long as nobody asks: a call that talks for minutes held nine of them in some eighty
   * objects, 3 KB, a quarter of what it held in all.
   */
  pack(): void {
    const parts = this.#packed === '' ? this.#parts : [...this.#packed.split(separator), ...this.#parts]
    const packed = flat(parts.join(separator))
    let separators = 0
    for (let at = packed.indexOf(separator); at !== -1; at = packed.indexOf(separator, at + 1)) separators += 1
    // A text that holds one itself could not be told from two.
    if (parts.length === 0 || separators !== parts.length - 1) return
    this.#packed = packed
    this.#parts = []
  }
}
