// What a chosen file says of itself, before it is sent: the first entry of a backup (a tar) is its manifest. Pure. Whether the
// whole of it is sound only the server can tell.

export interface Manifest {
  readonly version: string
  readonly revision: number
  /** ISO 8601. */
  readonly takenAt: string
}

/** Enough for the header and the manifest. */
export const manifestBytes = 4_096
const blockBytes = 512

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parseRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** undefined when the file does not begin as a backup does. */
export function parseManifest(start: Uint8Array): Manifest | undefined {
  const textOf = (from: number, to: number): string =>
    new TextDecoder().decode(start.subarray(from, to)).split('\0')[0] ?? ''
  if (textOf(257, 262) !== 'ustar' || textOf(0, 100) !== 'manifest.json') return undefined
  const bytes = Number.parseInt(textOf(124, 136), 8)
  const { version, revision, takenAt } = parseRecord(textOf(blockBytes, blockBytes + bytes))
  if (typeof version !== 'string' || typeof revision !== 'number' || typeof takenAt !== 'string') return undefined
  return Number.isFinite(Date.parse(takenAt)) ? { version, revision, takenAt } : undefined
}
