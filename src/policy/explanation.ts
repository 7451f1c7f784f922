// Why a call went where it went: one line for each thing compared, in the order in which it was compared.
// The same steps come from a live call and from a simulation.

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

/** Collects steps; the texts name entries and values, so that a person needs no manual. */
export class Explanation {
  readonly steps: ExplanationStep[] = []

  add(step: StepName, text: string): void {
    this.steps.push({ step, text })
  }
}
