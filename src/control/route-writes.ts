// Routes and blocks, one at a time.
import { blockInput, routeInput } from '../contract/declarative.ts'
import type { RouteConfig } from '../contract/declarative.ts'
import { remove, routeConfig, unwritten } from './configuration.ts'
import type { BlockRow, Configuration, RouteBody, RouteRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { commitRow, found, patched, putUnique } from './config-writes.ts'
import { checkEtag } from './conflicts.ts'
import { invalid, parseInput } from './input-errors.ts'
import { resolveRoute } from './route-names.ts'
import type { WriteOptions } from './services.ts'

export const getRoute = (configuration: Configuration, id: string): RouteRow =>
  found(configuration.routes.get(id), `route ${id}`)

function bodyOf(configuration: Configuration, config: RouteConfig): RouteBody {
  const resolved = resolveRoute(configuration, config)
  if ('errors' in resolved) throw invalid(resolved.errors)
  return resolved.body
}

export function createRoute(engine: ConfigEngine, input: unknown, options: WriteOptions): Promise<RouteRow> {
  return engine.change(async (draft) => {
    const config = bodyOf(draft, parseInput(routeInput, input))
    const row: RouteRow = { ...unwritten, kind: 'route', id: engine.newId(draft, 'route'), config }
    putUnique(draft, row)
    await commitRow(engine, draft, row, options)
    return getRoute(engine.configuration, row.id)
  })
}

export function updateRoute(
  engine: ConfigEngine,
  id: string,
  input: unknown,
  options: WriteOptions,
): Promise<RouteRow> {
  return engine.change(async (draft) => {
    const old = getRoute(draft, id)
    await checkEtag(engine, old, options, input)
    const config = bodyOf(draft, patched(routeInput, routeConfig(draft, old.config), input))
    const row: RouteRow = { ...old, config }
    putUnique(draft, row)
    await commitRow(engine, draft, row, options)
    return getRoute(engine.configuration, id)
  })
}

export function removeRoute(engine: ConfigEngine, id: string, options: WriteOptions): Promise<void> {
  return engine.change(async (draft) => {
    const row = getRoute(draft, id)
    await checkEtag(engine, row, options)
    remove(draft, row)
    await commitRow(engine, draft, row, options)
  })
}

export function createBlock(engine: ConfigEngine, input: unknown, options: WriteOptions): Promise<BlockRow> {
  return engine.change(async (draft) => {
    const config = parseInput(blockInput, input)
    const row: BlockRow = { ...unwritten, kind: 'block', id: engine.newId(draft, 'block'), config }
    putUnique(draft, row)
    await commitRow(engine, draft, row, options)
    return found(engine.configuration.blocks.get(row.id), 'block')
  })
}

export function removeBlock(engine: ConfigEngine, id: string, options: WriteOptions): Promise<void> {
  return engine.change(async (draft) => {
    const row = found(draft.blocks.get(id), `block ${id}`)
    await checkEtag(engine, row, options)
    remove(draft, row)
    await commitRow(engine, draft, row, options)
  })
}
