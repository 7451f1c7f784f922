// docs/rfc-coverage.md: which clauses have tests, from the titles of the tests (`RFC3261-17.2.1: ...`); the checklist of
// conformance with its proofs; what is not offered.
import { globSync, readFileSync } from 'node:fs'
import { conformance, type ConformanceRow } from './conformance.ts'
import { cell, page, table } from './markdown.ts'
import { notOffered } from './not-offered.ts'

export interface Clause {
  readonly rfc: number
  readonly section: string
  readonly title: string
  readonly file: string
}

const titlePattern = /\b(?:test|it)\(\s*(['"`])((?:RFC\d+-[\d.]+(?:[,+ ]\s*(?=RFC))?)+: (?:\\.|(?!\1).)*)\1/gs

/** The tagged titles of one test file. */
export function clausesOf(file: string, text: string): Clause[] {
  return [...text.matchAll(titlePattern)].flatMap((found) => {
    const whole = (found[2] ?? '').replaceAll(/\\(.)/g, '$1')
    const tags = [...whole.slice(0, whole.indexOf(': ')).matchAll(/RFC(\d+)-([\d.]+)/g)]
    const title = whole.slice(whole.indexOf(': ') + 2).replaceAll(/\$\{[^}]*\}/g, '...')
    return tags.map((tag) => ({ rfc: Number(tag[1]), section: tag[2] ?? '', title, file }))
  })
}

/** The name of a test, without its tags. */
export interface Title {
  readonly title: string
  readonly file: string
}

const anyTitle = /\b(?:test|it)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs
const leadingTags = /^(?:RFC[\d.-]+[, +]*)+: /

/** All titles of one test file. */
export function titlesOf(file: string, text: string): Title[] {
  return [...text.matchAll(anyTitle)].map((found) => {
    const whole = (found[2] ?? '').replaceAll(/\\(.)/g, '$1')
    return { title: whole.replace(leadingTags, ''), file }
  })
}

export interface Evidence {
  readonly clauses: readonly Clause[]
  readonly titles: readonly Title[]
}

const tagPattern = /^RFC(\d+)-([\d.]+)$/

/** The files whose tests prove it: the tag stands in a title, or a title begins like that. */
export function filesOf(proof: string, { clauses, titles }: Evidence): string[] {
  const tag = tagPattern.exec(proof)
  const found =
    tag === null
      ? titles.filter(({ title }) => title.startsWith(proof))
      : clauses.filter(({ rfc, section }) => rfc === Number(tag[1]) && section === tag[2])
  return [...new Set(found.map(({ file }) => file))]
}

export function evidence(): Evidence {
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).toSorted()
  const texts = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  return {
    clauses: texts.flatMap(({ file, text }) => clausesOf(file, text)),
    titles: texts.flatMap(({ file, text }) => titlesOf(file, text)),
  }
}

const link = (file: string): string => `[${file}](../${file})`

/** `RFC 3261 17.2.1, 17.2.2; RFC 6026 7.1`. */
function clausesIn(proofs: readonly string[]): string {
  const sections = new Map<string, string[]>()
  for (const proof of proofs) {
    const tag = tagPattern.exec(proof)
    if (tag !== null) sections.set(tag[1] ?? '', [...(sections.get(tag[1] ?? '') ?? []), tag[2] ?? ''])
  }
  return [...sections].map(([rfc, list]) => `RFC ${rfc} ${list.join(', ')}`).join('; ')
}

function checklistRow({ asks, proofs, by }: ConformanceRow, known: Evidence): string[] {
  const files = new Set(proofs.flatMap((proof) => filesOf(proof, known)))
  return [cell(asks), by ?? clausesIn(proofs), [...files].map(link).join('<br>')]
}

const checklist = (known: Evidence): string[] =>
  Object.entries(conformance).flatMap(([area, rows]) => [
    `### ${area}`,
    table(
      ['what is asked', 'by', 'tests'],
      rows.map((row) => checklistRow(row, known)),
    ),
  ])

const compareSections = (a: string, b: string): number => {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? -1) - (right?.[i] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

const order = (a: Clause, b: Clause): number =>
  a.rfc - b.rfc ||
  compareSections(a.section, b.section) ||
  (a.file < b.file ? -1 : Number(a.file > b.file)) ||
  (a.title < b.title ? -1 : Number(a.title > b.title))

export function rfcCoveragePage(): string {
  const known = evidence()
  const clauses = known.clauses.toSorted(order)
  const numbers = [...new Set(clauses.map((clause) => clause.rfc))]
  const parts = numbers.flatMap((rfc) => {
    const own = clauses.filter((clause) => clause.rfc === rfc)
    const rows = own.map((clause) => [clause.section, cell(clause.title), link(clause.file)])
    return [`## RFC ${rfc}`, table(['section', 'what the test shows', 'test'], rows)]
  })
  return page('RFC coverage', 'the titles of the tests', [
    `A test whose title starts with a clause breaks when that behaviour is removed. ${clauses.length} such titles, ` +
      `${new Set(clauses.map((clause) => `${clause.rfc}-${clause.section}`)).size} clauses. At the end: the ` +
      '[checklist](#checklist) of an element between callers and gateways, and what is [not offered](#not-offered).',
    ...parts,
    '## Checklist',
    'What can be asked of an element between callers and gateways, and the tests that break when it is not so.',
    ...checklist(known),
    '## Not offered',
    'What the specifications describe and Tollgate does not do.',
    table(
      ['clause', 'what', 'why not'],
      notOffered.map(({ clause, what, reason }) => [clause, cell(what), cell(reason)]),
    ),
  ])
}
