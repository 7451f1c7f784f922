// Why a call went where it went: one line for each thing compared, in the order in which it was compared.
// The same steps come from a live call and from a simulation.
import { flat } from '../base/flat.ts'

const stepNames = [
  'screen',
  'identify',
  'authenticate',
  'normalise',
  'find-route',
  'rank',
  'draw',
  'admit',
  'attempt',
  'reply',
] as const

export type StepName = (typeof stepNames)[number]

export interface ExplanationStep {
  readonly step: StepName
  readonly text: string
}

/** How a step stands in a text: its name, a blank, what it says; a line for each. */
const lineStarts = Object.fromEntries(stepNames.map((step) => [step, `\n${step} `])) as Readonly<
  Record<StepName, string>
>

const inLine = (text: string): string =>
  text.includes('\n') || text.includes('\\') ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : text

const outOfLine = (text: string): string =>
  text.includes('\\') ? text.replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)) : text

function stepOf(line: string): ExplanationStep {
  const at = line.indexOf(' ')
  return { step: line.slice(0, at) as StepName, text: outOfLine(line.slice(at + 1)) }
}

/** The steps in the text of an explanation. */
export const stepsOf = (text: string): ExplanationStep[] => (text === '' ? [] : text.split('\n').map(stepOf))

/**
 * Collects steps; the texts name entries and values, so that a person needs no manual. They are kept as one text: as objects
 * nine of them were 3 KB, a quarter of what a call held that talks, and the control thread, which gets them, took 28 us a call instead of 23.
 */
export class Explanation {
  /** Each line begins with its line feed. */
  #text = ''

  /** All steps as a text, for `stepsOf`. */
  get text(): string {
    return flat(this.#text).slice(1)
  }

  /** All steps in order. */
  get steps(): readonly ExplanationStep[] {
    return stepsOf(this.text)
  }

  add(step: StepName, text: string): void {
    this.#text += lineStarts[step] + inLine(text)
  }

  /** Steps that were collected before, as they stand in `text`. */
  addText(text: string): void {
    if (text !== '') this.#text += `\n${text}`
  }

  /** It will be kept for long: the texts that it was put together from are let go. */
  pack(): void {
    this.#text = flat(this.#text)
  }
}
