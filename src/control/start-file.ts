// The declarative file that is applied at start (TOLLGATE_CONFIG): only when its content differs from the one applied
// last, so that a restart does not undo what people changed since.
import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import { Fault } from '../base/fault.ts'
import { sha256Hex } from '../base/hash.ts'
import { jsonFault } from '../base/json-guard.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Store } from '../store/store.ts'
import { giveBackMemory } from './give-back.ts'
import type { ApplyResult, ConfigService } from './services.ts'

const hashKey = 'startFileHash'

function read(file: string): string {
  try {
    if (statSync(file).size > bound('configFileBytesMax'))
      throw new Fault('invalid', `${file} is larger than ${bound('configFileBytesMax')} bytes`)
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('invalid', `${file} cannot be read: ${String(cause)}`, { cause })
  }
}

/**
 * YAML or JSON (which is YAML) -> value. Fault invalid names the line. The parser of YAML needs forty times the size of its text
 * as memory: JSON that it would take goes a shorter way.
 */
function parseFile(text: string, name: string): unknown {
  const json = jsonFault(text) === undefined ? tryJson(text) : undefined
  if (json !== undefined) return json
  try {
    const value: unknown = parse(text, { maxAliasCount: 1_000, merge: false })
    return value
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new Fault('invalid', `${name} is no YAML or JSON: ${detail}`, { cause })
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns undefined when the file is the one that was applied last. */
export async function applyStartFile(
  file: string,
  config: ConfigService,
  store: Store,
): Promise<ApplyResult | undefined> {
  const text = read(file)
  const hash = sha256Hex(text)
  if ((await store.findMeta(hashKey)) === hash) return undefined
  const actor = { kind: 'system', id: null, name: 'TOLLGATE_CONFIG', address: null } as const
  const value = parseFile(text, file)
  giveBackMemory()
  const result = await config.apply(value, { actor, dryRun: false, prune: false, reason: file })
  await store.setMeta(hashKey, hash)
  return result
}

/** What came of the file, and what it should be looked at for. */
export function sayApplied(log: Log, file: string, result: ApplyResult | undefined): void {
  if (result === undefined) return log.info('configuration file unchanged since it was applied last', { file })
  log.info('configuration file applied', { file, changes: result.plan.length, revision: result.revision })
  for (const { path, message } of result.warnings) log.warn('configuration', { path, message })
}
