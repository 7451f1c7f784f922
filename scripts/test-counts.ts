// Reads the closing lines of `node --test`.

export interface Counts {
  readonly passed: number
  /** Failed, cancelled, skipped and left for later: none of them counts as passed. */
  readonly failed: number
  /** False when the closing lines are missing: the runner itself was ended. */
  readonly complete: boolean
}

export function countTests(output: string): Counts {
  const find = (word: string): number | undefined => {
    const found = [...output.matchAll(new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, 'gm'))].at(-1)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const passed = find('pass')
  const failed = ['fail', 'cancelled', 'skipped', 'todo'].reduce((sum, word) => sum + (find(word) ?? 0), 0)
  return { passed: passed ?? 0, failed, complete: passed !== undefined && find('fail') !== undefined }
}
