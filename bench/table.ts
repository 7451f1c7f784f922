// Rows of figures as text: ratios, targets and whether they are met, for the terminal and for the page of the reference.
import { withGap } from './gap.ts'
import type { Row, Target } from './part.ts'
import type { BenchResult } from './report.ts'

const [startMark, endMark] = ['<!-- figures: start -->', '<!-- figures: end -->']

const numberText = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 1_000 ? 1 : 0 })

function figureText(value: number | string | null, unit: string): string {
  if (value === null) return '-'
  return typeof value === 'string' ? value : `${numberText(value)}${unit === '' ? '' : ` ${unit}`}`
}

/** Tollgate's figure divided by Kamailio's; undefined where one of them is missing. */
const ratioOf = ({ tollgate, kamailio }: Row): number | undefined =>
  typeof tollgate === 'number' && typeof kamailio === 'number' && kamailio !== 0 ? tollgate / kamailio : undefined

function targetText({ atMost, atLeast }: Target): string {
  return [
    ...(atMost === undefined ? [] : [`<= ${numberText(atMost)}`]),
    ...(atLeast === undefined ? [] : [`>= ${numberText(atLeast)}`]),
  ].join(', ')
}

/** Undefined: there is no target, or nothing to hold against it. */
export function isMet(row: Row): boolean | undefined {
  const { target } = row
  if (target === undefined) return undefined
  const value = target.of === 'ratio' ? ratioOf(row) : row.tollgate
  if (typeof value !== 'number') return undefined
  return value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? Number.NEGATIVE_INFINITY)
}

const verdicts = new Map<boolean | undefined, string>([
  [true, 'met'],
  [false, 'missed'],
  [undefined, 'open'],
])

/** What, Tollgate, Kamailio, ratio, target. */
export function tableCells(row: Row): string[] {
  const ratio = ratioOf(row)
  const { target } = row
  const aim =
    target === undefined
      ? '-'
      : `${target.of === 'ratio' ? 'ratio ' : ''}${targetText(target)}: ${verdicts.get(isMet(row)) ?? ''}`
  return [
    row.what,
    figureText(row.tollgate, row.unit),
    figureText(row.kamailio, row.unit),
    ratio === undefined ? '-' : ratio.toFixed(2),
    aim,
  ]
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** Everything between the marks of the page. */
export function figuresText(result: BenchResult): string {
  const { machine, options, parts } = result
  const rows = withGap(parts.flatMap((part) => part.rows))
  const missed = rows.filter((row) => isMet(row) === false)
  const invalid = parts.flatMap((part) => part.invalid.map((reason) => `- ${part.name}: ${reason}`))
  const failed = parts.flatMap((part) => (part.failed === undefined ? [] : [`- ${part.name}: ${part.failed}`]))
  return [
    `Measured on ${result.at.slice(0, 10)} at commit \`${result.commit.slice(0, 12)}\`${result.commit.slice(40)}: ` +
      `${machine['processors']} processors (${machine['processor']}), ${machine['memoryGiB']} GiB, Linux ${machine['kernel']}, ` +
      `Node ${machine['node']}, Kamailio ${machine['kamailio']}, SIPp ${machine['sipp']}; ` +
      `rounds: ${options.rounds}, windows of ${options.windowSeconds} s.`,
    '',
    line(['What', 'Tollgate', 'Kamailio', 'Ratio', 'Target']),
    line(['---', '--:', '--:', '--:', '---']),
    ...rows.map((row) => line(tableCells(row))),
    '',
    missed.length === 0
      ? 'No target is missed.'
      : `Targets missed: ${missed.length}. ${missed.map(({ what }) => what).join('; ')}.`,
    '',
    invalid.length === 0 ? 'Every run counts.' : 'Runs that do not count:',
    ...(invalid.length === 0 ? [] : ['', ...invalid]),
    ...(failed.length === 0 ? [] : ['', 'Parts without a result:', '', ...failed]),
  ].join('\n')
}

/** Puts the figures between the marks; the text around them is written by people. */
export function fillPage(page: string, figures: string): string {
  const [before, rest] = page.split(startMark)
  const after = rest?.split(endMark)[1]
  if (before === undefined || after === undefined) throw new Error('the page has lost its marks')
  return `${before}${startMark}\n\n${figures}\n\n${endMark}${after}`
}
