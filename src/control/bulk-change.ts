// The same change to several objects: one revision or nothing, with a result for each.
import { Fault } from '../base/fault.ts'
import type { InputError } from '../base/fault.ts'
import type { BulkAnswer } from '../contract/api-config.ts'
import type { ConfigEngine } from './config-engine.ts'
import type { Draft, Row } from './configuration.ts'
import type { WriteOptions } from './services.ts'

interface Several {
  readonly ids: readonly string[]
  /** `carriers`, as the revision tells. */
  readonly what: string
  /** Makes the change of one object in the draft; Fault when it cannot be made. */
  readonly change: (draft: Draft, id: string) => Row
}

type Item = BulkAnswer['items'][number]

function wrong(id: string, fault: Fault): Item {
  const errors = fault.errors.length > 0 ? [...fault.errors] : [{ path: '', message: fault.message }]
  return { id, ok: false, code: fault.code, errors }
}

const itemPath = (i: number): string => `items[${i}]`

/** Errors that only all changes together have, at their objects. Faults that belong to none are thrown again. */
function spread(items: readonly Item[], fault: Fault): Item[] {
  const own = items.map((): InputError[] => [])
  for (const { path, message } of fault.errors) {
    const [, i, field] = /^items\[(\d+)\]\.?(.*)$/s.exec(path) ?? []
    const errors = own[Number(i ?? -1)]
    if (errors === undefined) throw fault
    errors.push({ path: field ?? '', message })
  }
  if (fault.errors.length === 0) throw fault
  return items.map((item, i) => {
    const errors = own[i] ?? []
    return errors.length === 0 ? item : { ...item, ok: false, code: fault.code, errors }
  })
}

/** `applied` is false, and nothing is stored, when one of them cannot be changed. */
export function changeSeveral(engine: ConfigEngine, several: Several, options: WriteOptions): Promise<BulkAnswer> {
  return engine.change(async (draft) => {
    const paths = new Map<string, string>()
    let items = several.ids.map((id, i): Item => {
      try {
        paths.set(several.change(draft, id).id, itemPath(i))
        return { id, ok: true, code: null, errors: [] }
      } catch (error) {
        if (error instanceof Fault) return wrong(id, error)
        throw error
      }
    })
    const answer = (): BulkAnswer => ({
      applied: items.every(({ ok }) => ok),
      revision: engine.configuration.revision,
      items,
    })
    if (!answer().applied) return answer()
    const whole = { action: 'bulk change', text: `change of ${paths.size} ${several.what}` } as const
    try {
      await engine.commit({ draft, paths, options, whole })
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'invalid') throw error
      items = spread(items, error)
    }
    return answer()
  })
}
