// What the floor (parts/floor.ts) says of both contestants: how many times as much they need, and how much of what lies between
// Kamailio and the floor is closed. Made of rows of two parts, so it is the table's work, not that of a part.
import type { Row } from './part.ts'
import { count } from './rounds.ts'

const rateText = (callsPerSecond: number): string => `${count(callsPerSecond)} calls/s`
const floorStart = 'CPU per call of a null UDP forwarder at '
const floorEnd = ": the floor of Tollgate's transport"
const shortCalls = (rate: string): string => `CPU per call at ${rate}, 200 ms calls`

/** The line of the null forwarder. */
export const floorLine = (callsPerSecond: number): string => `${floorStart}${rateText(callsPerSecond)}${floorEnd}`

/** The line of both contestants with 200 ms calls. */
export const shortCallsLine = (callsPerSecond: number): string => shortCalls(rateText(callsPerSecond))

/** No lines where one of the three figures is missing. */
function gapRows(floor: Row, rows: readonly Row[]): Row[] {
  const rate = floor.what.slice(floorStart.length, -floorEnd.length)
  const cpu = rows.find(({ what }) => what === shortCalls(rate))
  const [f, t, k] = [floor.tollgate, cpu?.tollgate, cpu?.kamailio]
  if (typeof f !== 'number' || typeof t !== 'number' || typeof k !== 'number') return []
  return [
    { what: `... CPU per call at ${rate} divided by that floor`, unit: '', tollgate: t / f, kamailio: k / f },
    {
      what: '... of what lies between Kamailio and that floor, the share that is closed',
      unit: '',
      tollgate: (k - t) / (k - f),
      kamailio: null,
    },
  ]
}

/** All lines of the table: those of the parts, and after the floor's what follows from it. */
export const withGap = (rows: readonly Row[]): Row[] =>
  rows.flatMap((row) => (row.what.startsWith(floorStart) ? [row, ...gapRows(row, rows)] : [row]))
