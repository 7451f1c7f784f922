// Which roles may use an operation of the HTTP API, by rule: the console hides or disables what the server would refuse.
// The server's own table decides (src/api/operations.ts); its test holds the two together.

export type RoleName = 'administrator' | 'engineer' | 'support'

const everyone: readonly RoleName[] = ['administrator', 'engineer', 'support']
const engineers: readonly RoleName[] = ['administrator', 'engineer']
const administrators: readonly RoleName[] = ['administrator']

type Rule = readonly [operation: RegExp, roles: readonly RoleName[]]

/** The first that fits counts. */
const rules: readonly Rule[] = [
  [/^[A-Z]+ \/(?:users|api-keys|backup|restore)(?:\/|$)/, administrators],
  [/^[A-Z]+ \/(?:session|me)(?:\/|$)/, everyone],
  [/^POST \/(?:simulate|test-calls|rewrites\/try|config\/diff|gateways\/[^/]+\/probe)$/, everyone],
  [/^GET /, everyone],
  [/^/, engineers],
]

/** `POST /carriers` or `DELETE /carriers/:id`, without the base path. */
export const rolesFor = (operation: string): readonly RoleName[] =>
  rules.find(([pattern]) => pattern.test(operation))?.[1] ?? []
