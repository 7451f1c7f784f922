// The settings of the whole system. The realm may be chosen once: passwords of SIP users are hashed with it.
import { systemInput } from '../contract/declarative.ts'
import { isRealmFixed, put } from './configuration.ts'
import type { SystemRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { commitRow, patched } from './config-writes.ts'
import { checkEtag } from './conflicts.ts'
import { invalid } from './input-errors.ts'
import type { WriteOptions } from './services.ts'
import { isObject } from './sparse.ts'

export function updateSystem(engine: ConfigEngine, input: unknown, options: WriteOptions): Promise<SystemRow> {
  return engine.change(async (draft) => {
    const old = draft.system
    await checkEtag(engine, old, options, input)
    const { realmFixed, ...present } = old.config
    const config = patched(systemInput, present, input)
    if (isRealmFixed(draft) && config.realm !== present.realm)
      throw invalid([{ path: 'realm', message: `the realm is fixed: it stays ${present.realm}` }])
    const named = isObject(input) && typeof input['realm'] === 'string'
    const row: SystemRow = { ...old, config: { ...config, realmFixed: realmFixed || named } }
    put(draft, row)
    await commitRow(engine, draft, row, options)
    return engine.configuration.system
  })
}
