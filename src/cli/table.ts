// Text for people: aligned columns, colours only on a terminal, nothing from the network that could steer a terminal.
import { styleText } from 'node:util'

export type Style = 'green' | 'red' | 'yellow' | 'bold' | 'dim'

/** Coloured where stdout is a terminal and NO_COLOR does not forbid it. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** Control and direction characters of foreign text become \u escapes. */
export const printable = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )

export interface Column<Row> {
  readonly title: string
  cell(row: Row): string | number | null
  readonly right?: boolean
  /** Colour of the cell, chosen by its row. */
  style?(row: Row): Style | undefined
}

const widthOf = (text: string): number => Array.from(text).length

const cut = (text: string, width: number): string =>
  widthOf(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, Math.max(1, width - 1))
        .join('')}…`

const pad = (text: string, width: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}

/** Takes from the widest column until the line fits; no column becomes narrower than 8. */
function fit(widths: number[], width: number): number[] {
  const fitted = [...widths]
  const gaps = 2 * (fitted.length - 1)
  while (fitted.reduce((sum, each) => sum + each, gaps) > width) {
    const widest = Math.max(...fitted)
    if (widest <= 8) break
    fitted[fitted.indexOf(widest)] = widest - 1
  }
  return fitted
}

/** Lines of a table with a header. `width` = columns of the terminal; undefined = not a terminal, nothing is cut. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(String(column.cell(row) ?? '-'))))
  const natural = columns.map((column, i) =>
    Math.max(column.title.length, ...cells.map((line) => widthOf(line[i] ?? ''))),
  )
  const widths = width === undefined ? natural : fit(natural, width)
  const lineOf = (texts: readonly string[], styled: (text: string, i: number) => string): string =>
    texts
      .map((text, i) => styled(pad(cut(text, widths[i] ?? 0), widths[i] ?? 0, columns[i]?.right ?? false), i))
      .join('  ')
      .trimEnd()
  const header = lineOf(
    columns.map((column) => column.title.toUpperCase()),
    (text) => paint('dim', text),
  )
  const body = cells.map((texts, index) =>
    lineOf(texts, (text, i) => {
      const row = rows[index]
      const style = row === undefined ? undefined : columns[i]?.style?.(row)
      return style === undefined ? text : paint(style, text)
    }),
  )
  return [header, ...body]
}

/** `2026-01-31 12:00:00Z`. */
export const momentText = (iso: string | null): string =>
  iso === null ? '-' : `${iso.slice(0, 19).replace('T', ' ')}Z`

/** 0.909 -> `90.9 %`. */
export const percentText = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`

/** 0 means that there is no limit. */
export const limitText = (limit: number): string => (limit === 0 ? 'unlimited' : String(limit))
