// Rows of a declarative file with ids that cannot collide, for tests of the compiler and of policy.
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { declarativeFile, systemInput } from '../../src/contract/declarative.ts'
import type { DirectorySource, SourceAccount, SourceEndpoint, SourceRoute } from '../../src/directory/directory.ts'
import { secretOf } from './directory.ts'

/** Rows of a declarative file; ids are `carrier:Acme`, `carrier:Acme/acme-1`, `user:441`, `route:0`, `block:0`. */
export function rowsOf(input: DeclarativeInput): DirectorySource {
  const file = declarativeFile.parse(input)
  const accounts: SourceAccount[] = []
  const endpoints: SourceEndpoint[] = []
  const sipUsers: DirectorySource['sipUsers'][number][] = []
  const system = file.system ?? systemInput.parse({})
  for (const kind of ['carrier', 'customer'] as const)
    for (const [i, { endpoints: entries, sipUsers: users, ...account }] of file[`${kind}s`].entries()) {
      const path = `${kind}s[${i}]`
      const accountId = `${kind}:${account.name}`
      accounts.push({ ...account, kind, id: accountId, path })
      for (const [j, { password: _, ...entry }] of entries.entries())
        endpoints.push({
          ...entry,
          id: `${accountId}/${entry.name}`,
          path: `${path}.endpoints[${j}]`,
          accountId,
          password: null,
        })
      for (const [j, { password, ...user }] of users.entries())
        sipUsers.push({
          ...user,
          id: `user:${user.username}`,
          path: `${path}.sipUsers[${j}]`,
          accountId,
          secrets: typeof password === 'string' ? [secretOf(user.username, system.realm, password)] : [],
        })
    }
  const ownerOf = (username: string): string => sipUsers.find((user) => user.username === username)?.accountId ?? ''
  const routes = file.routes.map(({ from, targets, ...route }, i): SourceRoute => ({
    ...route,
    id: `route:${i}`,
    path: `routes[${i}]`,
    from:
      typeof from === 'string'
        ? { kind: from === 'any' ? 'any' : from === 'carriers' ? 'carrier' : 'customer' }
        : { accountId: 'carrier' in from ? `carrier:${from.carrier}` : `customer:${from.customer}` },
    targets: targets.map(({ carrier, customer, sipUser, priority, weight }) => ({
      accountId:
        carrier !== undefined
          ? `carrier:${carrier}`
          : customer !== undefined
            ? `customer:${customer}`
            : ownerOf(sipUser ?? ''),
      sipUserId: sipUser === undefined ? null : `user:${sipUser}`,
      priority,
      weight,
    })),
  }))
  const blocks = file.blocks.map((block, i) => ({ ...block, id: `block:${i}`, path: `blocks[${i}]` }))
  return { revision: 1, nonceKey: 'key of the tests', system, accounts, endpoints, sipUsers, routes, blocks }
}
