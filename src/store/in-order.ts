// Many rows in few statements, one statement after the other, because those of a transaction have an order.

const chunkRows = 500

/** Runs `work` on parts of at most 500 rows: below SQLite's bound of 32,766 parameters for any table of ours. */
export function inChunks<Row>(rows: readonly Row[], work: (part: Row[]) => Promise<unknown>): Promise<unknown> {
  const count = Math.ceil(rows.length / chunkRows)
  const parts = Array.from({ length: count }, (_, i) => rows.slice(i * chunkRows, (i + 1) * chunkRows))
  return inOrder(parts, work)
}

export function inOrder<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<unknown> {
  let last: Promise<unknown> = Promise.resolve()
  for (const item of items) last = last.then(() => work(item))
  return last
}
