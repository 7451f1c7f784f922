// The floor rule: an import only points to a strictly lower floor, or inside the same room. A textual scan, so that
// type imports, `import('...').T`, re-exports and worker URLs are seen alike.
import { dirname, join, normalize } from 'node:path'

/** The rooms of src/ by floor. A new room is a row here and a decision in docs/adr. */
export const floors: Readonly<Record<string, number>> = {
  base: 0,
  contract: 0,
  sip: 1,
  transport: 2,
  transaction: 2,
  directory: 2,
  policy: 3,
  call: 4,
  probe: 4,
  media: 4,
  registrar: 4,
  trace: 4,
  edge: 5,
  store: 6,
  control: 7,
  api: 8,
  cli: 9,
}

/** Rooms that know neither sockets nor files nor packages: bytes, time and chance are handed in. */
export const pureRooms: ReadonlySet<string> = new Set([
  'sip',
  'transaction',
  'directory',
  'policy',
  'call',
  'probe',
  'registrar',
  'trace',
  'media',
])

const importPattern =
  /(?:^|[\s;}])((?:import|export)\s[^'"`;]*?from\s*)['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+)['"]/gm

export interface Import {
  readonly target: string
  /** Nothing of it is left when the types are stripped. */
  readonly typeOnly: boolean
}

export function importsOf(text: string): Import[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...bare.matchAll(importPattern)].map((found) => ({
    target: found[2] ?? found[3] ?? found[4] ?? found[5] ?? '',
    typeOnly: /^(?:import|export)\s+type\s/.test((found[1] ?? '').trimStart()),
  }))
}

const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1]
const resolvePath = (file: string, target: string): string => normalize(join(dirname(file), target))

function packageFault(file: string, room: string, target: string): string | undefined {
  if (file.endsWith('.test.ts')) {
    if (target.startsWith('node:') || !pureRooms.has(room)) return undefined
    return room === 'policy' && target === 're2js' ? undefined : `${file}: the test of a pure room imports ${target}`
  }
  if (room === 'contract' && target !== 'zod') return `${file}: contract imports ${target}, only zod is allowed`
  if (!pureRooms.has(room)) return undefined
  if (file.startsWith('src/policy/rewrite') && target === 're2js') return undefined
  return `${file}: pure room imports ${target}`
}

function roomFault(file: string, room: string, one: Import): string | undefined {
  const path = resolvePath(file, one.target)
  const isTest = file.endsWith('.test.ts')
  if (isTest && path.startsWith('test/kit/')) return undefined
  const to = roomOf(path)
  if (to === room) return undefined
  const floor = floors[room] ?? -1
  const toFloor = to === undefined ? Number.POSITIVE_INFINITY : (floors[to] ?? Number.POSITIVE_INFINITY)
  if (toFloor >= floor) return `${file} (floor ${floor}) imports ${one.target} (floor ${toFloor})`
  if (!isTest && room === 'cli' && to !== 'base' && to !== 'contract')
    return `${file}: cli imports ${one.target}, only base and contract are allowed`
  if (!isTest && pureRooms.has(room) && to === 'transport' && !one.typeOnly)
    return `${file}: pure room imports a value from ${one.target}`
  return undefined
}

/** Everything wrong with the imports of one file. */
export function floorFaults(file: string, text: string): string[] {
  const imports = importsOf(text)
  if (file.startsWith('web/'))
    return imports
      .filter((one) => one.target.startsWith('.'))
      .filter((one) => /^(?:src|scripts|test|bench)\//.test(resolvePath(file, one.target)))
      .filter((one) => !resolvePath(file, one.target).startsWith('src/contract/'))
      .map((one) => `${file}: web imports ${one.target}, only src/contract is allowed`)
  const room = roomOf(file)
  if (room === undefined) return []
  if (floors[room] === undefined) return [`${file}: room ${room} has no floor`]
  return imports.flatMap(
    (one) => (one.target.startsWith('.') ? roomFault(file, room, one) : packageFault(file, room, one.target)) ?? [],
  )
}
