// A directory from a declarative file, for tests that need no database: names serve as ids.
import assert from 'node:assert/strict'
import type { AccountKind } from '../../src/contract/account.ts'
import { md5Hex, sha256Hex, sha512t256Hex } from '../../src/base/hash.ts'
import { declarativeFile } from '../../src/contract/declarative.ts'
import type { DeclarativeInput, RouteFrom, RouteTargetConfig } from '../../src/contract/declarative.ts'
import { systemInput } from '../../src/contract/declarative.ts'
import { compileDirectory } from '../../src/directory/compile.ts'
import type { CompileResult } from '../../src/directory/compile.ts'
import type {
  DigestSecret,
  Directory,
  DirectorySource,
  SourceAccount,
  SourceEndpoint,
  SourceRoute,
  SourceSipUser,
} from '../../src/directory/directory.ts'

const fromOf = (from: RouteFrom): SourceRoute['from'] => {
  if (from === 'any') return { kind: 'any' }
  if (from === 'carriers') return { kind: 'carrier' }
  if (from === 'customers') return { kind: 'customer' }
  return { accountId: 'carrier' in from ? from.carrier : from.customer }
}

const targetOf = (target: RouteTargetConfig, users: readonly SourceSipUser[]): SourceRoute['targets'][number] => ({
  accountId:
    target.carrier ?? target.customer ?? users.find(({ username }) => username === target.sipUser)?.accountId ?? '',
  sipUserId: target.sipUser ?? null,
  priority: target.priority,
  weight: target.weight,
})

/** HA1 as RFC 7616 3.4.2 says. */
export function secretOf(username: string, realm: string, password: string, until: number | null = null): DigestSecret {
  const text = `${username}:${realm}:${password}`
  return { hashes: { MD5: md5Hex(text), 'SHA-256': sha256Hex(text), 'SHA-512-256': sha512t256Hex(text) }, until }
}

/** Rows as the store would give them. Account names must differ across kinds, because they are the ids. */
export function sourceOf(input: DeclarativeInput, revision = 1): DirectorySource {
  const file = declarativeFile.parse(input)
  const accounts: SourceAccount[] = []
  const endpoints: SourceEndpoint[] = []
  const sipUsers: SourceSipUser[] = []
  const system = file.system ?? systemInput.parse({})
  const sections = [
    ...file.carriers.map((section, index) => ({ section, kind: 'carrier' as AccountKind, path: `carriers[${index}]` })),
    ...file.customers.map((section, index) => ({
      section,
      kind: 'customer' as AccountKind,
      path: `customers[${index}]`,
    })),
  ]
  for (const { section, kind, path } of sections) {
    const { endpoints: entries, sipUsers: users, ...account } = section
    accounts.push({ ...account, id: account.name, path, kind })
    for (const [index, { password, ...entry }] of entries.entries())
      endpoints.push({
        ...entry,
        id: entry.name,
        path: `${path}.endpoints[${index}]`,
        accountId: account.name,
        password: typeof password === 'string' ? password : null,
      })
    for (const [index, { password, ...user }] of users.entries())
      sipUsers.push({
        ...user,
        id: user.username,
        path: `${path}.sipUsers[${index}]`,
        accountId: account.name,
        secrets: typeof password === 'string' ? [secretOf(user.username, system.realm, password)] : [],
      })
  }
  return {
    revision,
    nonceKey: 'key of the tests',
    system,
    accounts,
    endpoints,
    sipUsers,
    routes: file.routes.map((route, index) => ({
      ...route,
      id: `route-${index}`,
      path: `routes[${index}]`,
      from: fromOf(route.from),
      targets: route.targets.map((target) => targetOf(target, sipUsers)),
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
