// The steps of an explanation for as long as its call is quiet. Most of them are the same for all calls of an account and a
// gateway once the numbers are left out, and those stand in the call: 670 bytes less for each call.
import { flat } from '../base/flat.ts'
import { SharedValues, hashOf } from '../base/shared-values.ts'
import { Explanation } from './explanation.ts'
import type { StepName } from './explanation.ts'

const separator = '\u0000'
/** In place of the first, second ... number. */
const marks = ['\u0001', '\u0002', '\u0003']
/** Before a text that holds one of these characters itself. */
const asItIs = '\u0004'
const isPlain = (text: string): boolean => ![...marks, asItIs].some((mark) => text.includes(mark))
/** Shorter ones stand in too many other words. */
const shortest = 4

const texts = new SharedValues<string>((one, other) => one === other)
const lists = new SharedValues<readonly string[]>(
  (one, other) => one.length === other.length && one.every((text, i) => text === other[i]),
)

/** `numbers`: at most three texts that stand in the steps and are known elsewhere. */
export function shareSteps(explanation: Explanation, numbers: readonly string[]): readonly string[] {
  const hashes: number[] = []
  const shared = explanation.steps.map(({ step, text }) => {
    if (!isPlain(text)) return `${asItIs}${step}${separator}${text}`
    let left = text
    for (const [i, number] of numbers.entries())
      if (number.length >= shortest && isPlain(number)) left = left.replaceAll(number, marks[i] as string)
    const whole = flat(`${step}${separator}${left}`)
    const hash = hashOf(whole)
    hashes.push(hash)
    return texts.share(hash, whole)
  })
  return lists.share(hashOf(hashes), shared)
}

const restored = (text: string, numbers: readonly string[]): string =>
  numbers.reduce((left, number, i) => left.replaceAll(marks[i] as string, () => number), text)

/** With the same numbers. */
export function unshareSteps(shared: readonly string[], numbers: readonly string[]): Explanation {
  const explanation = new Explanation()
  for (const text of shared) {
    const end = text.indexOf(separator)
    const isRaw = text.startsWith(asItIs)
    const step = text.slice(isRaw ? 1 : 0, end) as StepName
    const left = text.slice(end + 1)
    explanation.add(step, isRaw ? left : restored(left, numbers))
  }
  return explanation
}
