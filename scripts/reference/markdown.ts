// Small pieces of Markdown for generated pages.

/** Text that can stand in a table cell. */
export const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')

export const code = (text: string): string => `\`${text.replaceAll('|', String.raw`\|`)}\``

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A whole page: its first line says that nobody should edit it. */
export const page = (title: string, source: string, parts: readonly string[]): string =>
  `<!-- Written by \`npm run generate\` from ${source}. Do not edit. -->\n\n# ${title}\n\n${parts.join('\n\n')}\n`
