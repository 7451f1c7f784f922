// CSV as spreadsheets write it (RFC 4180 and its relatives): separated by comma, semicolon or tab, quoted fields with
// breaks inside, CRLF or LF, with or without a byte order mark.

export interface CsvRecord {
  /** Where it begins, as an editor counts, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const separators = [',', ';', '\t'] as const

/** The separator that stands most often in the first line, outside of quotes. */
export function separatorOf(firstLine: string): string {
  const bare = firstLine.replaceAll(/"[^"]*"/g, '')
  const counts = separators.map((sign) => bare.split(sign).length)
  return separators[counts.indexOf(Math.max(...counts))] ?? ','
}

/** Reads one record from `at` on; a quote that is never closed reaches to the end of the text. */
class CsvReader {
  #at = 0
  #line = 1
  readonly #text: string
  readonly #separator: string

  constructor(text: string, separator: string) {
    this.#text = text
    this.#separator = separator
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  #quoted(): string {
    let cell = ''
    this.#at += 1
    for (;;) {
      const end = this.#text.indexOf('"', this.#at)
      const part = this.#text.slice(this.#at, end < 0 ? undefined : end)
      this.#line += part.split('\n').length - 1
      cell += part
      this.#at = end < 0 ? this.#text.length : end + 1
      if (end < 0 || this.#text[this.#at] !== '"') return cell
      cell += '"'
      this.#at += 1
    }
  }

  /** What stands before the next separator or line break, quoted or not. */
  #cell(): string {
    let cell = ''
    while (!this.done) {
      const sign = this.#text[this.#at] as string
      if (sign === this.#separator || sign === '\n') break
      if (sign === '"' && cell.trim() === '') {
        cell = this.#quoted()
        continue
      }
      cell += sign
      this.#at += 1
    }
    return cell.trim()
  }

  record(): CsvRecord {
    const line = this.#line
    const cells = [this.#cell()]
    while (this.#text[this.#at] === this.#separator) {
      this.#at += 1
      cells.push(this.#cell())
    }
    this.#at += 1
    this.#line += 1
    return { line, cells }
  }
}

/** All records but empty lines; cells without the blanks around them. */
export function parseCsv(written: string): CsvRecord[] {
  const text = written.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const firstLine = text.split('\n').find((line) => line.trim() !== '') ?? ''
  const reader = new CsvReader(text, separatorOf(firstLine))
  const records: CsvRecord[] = []
  while (!reader.done) {
    const record = reader.record()
    if (record.cells.some((cell) => cell !== '')) records.push(record)
  }
  return records
}
