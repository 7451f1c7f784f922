// How moments stand at a graph, and which values would be lost in a line.

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const both = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

/** Milliseconds since 1970 -> `31 Jan, 12:00` in the reader's zone. */
export const shortMoment = (atMs: number): string => both.format(atMs)

/** Labels of the axis, for moments in seconds since 1970: the time, and the day where it changes. */
export function axisTimes(moments: readonly number[]): string[] {
  const last = moments.at(-1) ?? 0
  const step = (moments[1] ?? last) - (moments[0] ?? 0)
  let shown = ''
  return moments.map((at) => {
    const date = day.format(at * 1000)
    const isNew = date !== shown
    shown = date
    if (step >= 86_400) return date
    return isNew ? `${time.format(at * 1000)}\n${date}` : time.format(at * 1000)
  })
}

/** Places of values without a neighbour: a line needs two. */
export function lonelyPoints(values: ArrayLike<number | null | undefined>): number[] {
  const isSet = (at: number): boolean => values[at] !== null && values[at] !== undefined
  return Array.from({ length: values.length }, (_none, at) => at).filter(
    (at) => isSet(at) && !isSet(at - 1) && !isSet(at + 1),
  )
}
