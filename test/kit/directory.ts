// A directory from a declarative file, for tests that need no database: names serve as ids.
import assert from 'node:assert/strict'
import type { AccountKind } from '../../src/contract/account.ts'
import { declarativeFile } from '../../src/contract/declarative.ts'
import type { DeclarativeInput, RouteFrom, RouteTargetConfig } from '../../src/contract/declarative.ts'
import { systemInput } from '../../src/contract/declarative.ts'
import { compileDirectory } from '../../src/directory/compile.ts'
import type { CompileResult } from '../../src/directory/compile.ts'
import type {
  Directory,
  DirectorySource,
  SourceAccount,
  SourceEndpoint,
  SourceRoute,
} from '../../src/directory/directory.ts'

const fromOf = (from: RouteFrom): SourceRoute['from'] => {
  if (from === 'any') return { kind: 'any' }
  if (from === 'carriers') return { kind: 'carrier' }
  if (from === 'customers') return { kind: 'customer' }
  return { accountId: 'carrier' in from ? from.carrier : from.customer }
}

const targetOf = (target: RouteTargetConfig): SourceRoute['targets'][number] => ({
  accountId: target.carrier ?? target.customer ?? '',
  sipUserId: target.sipUser ?? null,
  priority: target.priority,
  weight: target.weight,
})

/** Rows as the store would give them. Account names must differ across kinds, because they are the ids. */
export function sourceOf(input: DeclarativeInput, revision = 1): DirectorySource {
  const file = declarativeFile.parse(input)
  const accounts: SourceAccount[] = []
  const endpoints: SourceEndpoint[] = []
  const sections = [
    ...file.carriers.map((section, index) => ({ section, kind: 'carrier' as AccountKind, path: `carriers[${index}]` })),
    ...file.customers.map((section, index) => ({
      section,
      kind: 'customer' as AccountKind,
      path: `customers[${index}]`,
    })),
  ]
  for (const { section, kind, path } of sections) {
    const { endpoints: entries, sipUsers: _, ...account } = section
    accounts.push({ ...account, id: account.name, path, kind, penaltyUntil: null })
    for (const [index, { password, ...entry }] of entries.entries())
      endpoints.push({
        ...entry,
        id: entry.name,
        path: `${path}.endpoints[${index}]`,
        accountId: account.name,
        password: typeof password === 'string' ? password : null,
      })
  }
  return {
    revision,
    system: file.system ?? systemInput.parse({}),
    accounts,
    endpoints,
    sipUsers: [],
    routes: file.routes.map((route, index) => ({
      ...route,
      id: `route-${index}`,
      path: `routes[${index}]`,
      from: fromOf(route.from),
      targets: route.targets.map(targetOf),
    })),
    blocks: file.blocks.map((block, index) => ({ ...block, id: `block-${index}`, path: `blocks[${index}]` })),
  }
}

export const compileFile = (input: DeclarativeInput, revision = 1): CompileResult =>
  compileDirectory(sourceOf(input, revision))

/** The directory of a file without errors. */
export function directoryOf(input: DeclarativeInput, revision = 1): Directory {
  const { directory, errors } = compileFile(input, revision)
  assert.deepEqual(errors, [], 'the file of the test has no errors')
  return directory
}
