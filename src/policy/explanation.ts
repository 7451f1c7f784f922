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

const stepEnd = '\u0001'
const nameEnd = '\u0000'
const isPackable = ({ text }: ExplanationStep): boolean => !text.includes(stepEnd) && !text.includes(nameEnd)

function unpack(packed: string): ExplanationStep[] {
  return packed.split(stepEnd).map((one) => {
    const at = one.indexOf(nameEnd)
    return { step: one.slice(0, at) as StepName, text: one.slice(at + 1) }
  })
}

/** Collects steps; the texts name entries and values, so that a person needs no manual. */
export class Explanation {
  #steps: ExplanationStep[] = []
  /** The first of them as one text; '' = none is packed. */
  #packed = ''

  /** All steps in order. */
  get steps(): readonly ExplanationStep[] {
    return this.#packed === '' ? this.#steps : [...unpack(this.#packed), ...this.#steps]
  }

  add(step: StepName, text: string): void {
    this.#steps.push({ step, text })
  }

  /**
   * Puts the steps into one text, for as long as nobody asks: a call that talks for minutes held nine of them in some eighty
   * objects, 3 KB, a quarter of what it held in all.
   */
  pack(): void {
    const { steps } = this
    if (steps.length === 0 || !steps.every(isPackable)) return
    this.#packed = flat(steps.map(({ step, text }) => `${step}${nameEnd}${text}`).join(stepEnd))
    this.#steps = []
  }
}
