// Rows in an order that matters. Pure.

/** The row at `at` changes places with the one `by` places on; at the end nothing happens. */
export function movedBy<Row>(rows: readonly Row[], at: number, by: -1 | 1): readonly Row[] {
  const [row, other] = [rows[at], rows[at + by]]
  if (row === undefined || other === undefined) return rows
  return rows.with(at, other).with(at + by, row)
}
