// Writes docs/reference/torture.md: RFC 4475 message by message, from the table that the tests use.
import { deviations } from '../../test/torture/deviations.ts'
import { type TortureRow, tortureTable } from '../../test/torture/table.ts'

const streams: Record<TortureRow['stream'], string> = {
  one: 'one message',
  two: 'two messages',
  waits: 'waits for more',
  closes: 'error, then close',
}

function line(row: TortureRow): string {
  const refused = row.fault === undefined ? 'read' : `refused: \`${row.fault}\``
  const silence = row.silenceAllowed && !row.udp.includes('none') ? ' (or silence)' : ''
  const udp = `${row.udp.join(', ')}${silence}`
  return `| ${row.section} | \`${row.name}\` | ${row.title.replaceAll('<', '&lt;')} | ${row.parser} | ${refused} | ${udp} | ${streams[row.stream]} |`
}

const deviationLines = (): string[] =>
  deviations.length === 0
    ? ['None.']
    : [
        '| Message | Over | Instead | Why |',
        '| --- | --- | --- | --- |',
        ...deviations.map((one) => `| \`${one.name}\` | ${one.protocol} | ${one.instead} | ${one.why} |`),
      ]

/** The whole page. */
export const torturePage = (): string =>
  [
    '# RFC 4475 torture messages',
    '',
    `All ${tortureTable.length} messages of the archive of RFC 4475 are sent to the parser, over UDP and over TCP, each followed`,
    'by a control request that must be answered. This page is generated from the table that the tests use.',
    '',
    '*Expected of a parser* and *UDP* say what is acceptable; *Tollgate* says what its parser does, with the label that the',
    'metrics use. `not400`: any final answer but 400. `forward`, `repair`, `strip`, `accept`, `2543-fallback`: taking the',
    'message in that way is fine too. `none`: no answer at all. What is acceptable over UDP is acceptable on a stream.',
    '',
    '## Deviations',
    '',
    ...deviationLines(),
    '',
    '## Messages',
    '',
    '| Section | Message | Title | Expected of a parser | Tollgate | UDP | Stream |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...tortureTable.map(line),
    '',
  ].join('\n')
