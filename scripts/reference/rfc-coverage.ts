// docs/rfc-coverage.md: which clauses have tests, from the titles of the tests (`RFC3261-17.2.1: ...`).
import { globSync, readFileSync } from 'node:fs'
import { cell, page, table } from './markdown.ts'

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
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).toSorted()
  const clauses = files.flatMap((file) => clausesOf(file, readFileSync(file, 'utf8'))).toSorted(order)
  const numbers = [...new Set(clauses.map((clause) => clause.rfc))]
  const parts = numbers.flatMap((rfc) => {
    const own = clauses.filter((clause) => clause.rfc === rfc)
    const rows = own.map((clause) => [clause.section, cell(clause.title), `[${clause.file}](../${clause.file})`])
    return [`## RFC ${rfc}`, table(['section', 'what the test shows', 'test'], rows)]
  })
  return page('RFC coverage', 'the titles of the tests', [
    `A test whose title starts with a clause breaks when that behaviour is removed. ${clauses.length} such titles, ` +
      `${new Set(clauses.map((clause) => `${clause.rfc}-${clause.section}`)).size} clauses.`,
    ...parts,
  ])
}
