// What follows a new directory on the signalling thread: health, registrations, logins, devices and limits take what changed,
// and nothing else. A step is one target, one row or one scope; whoever runs it stops between steps whenever it likes.
import type { CallContext } from '../call/context.ts'
import type { DirectoryChanges, TableChanges } from '../directory/assembly.ts'
import type { Directory, DirectoryEndpoint } from '../directory/directory.ts'
import type { Limits } from '../policy/limits.ts'
import type { GatewayLogins } from './gateway-logins.ts'
import type { GatewayProbes } from './gateway-probes.ts'
import type { OutboundRegistrations } from './outbound-registrations.ts'
import type { Phones } from './phones.ts'

export interface Followers {
  readonly context: Pick<CallContext, 'waiting'>
  readonly limits: Limits
  readonly logins: GatewayLogins
  /** Undefined: another thread has them. */
  readonly probes: GatewayProbes | undefined
  readonly registrations: OutboundRegistrations | undefined
  readonly phones: Phones | undefined
}

type Steps = Generator<undefined, void>

/** Rows that are in no table any more. */
function* removed<Row>({ gone, come }: TableChanges<Row>): Generator<[string, Row]> {
  for (const entry of gone) if (!come.has(entry[0])) yield entry
}

function* changeEndpoint(
  { probes, logins, registrations }: Followers,
  directory: Directory,
  id: string,
  change: { readonly before?: DirectoryEndpoint | undefined; readonly after?: DirectoryEndpoint },
): Steps {
  const { before, after } = change
  logins.change(id, after)
  registrations?.change(directory, id, after)
  const keys = new Set(after?.targets.map(({ key }) => key))
  for (const { key } of before?.targets ?? []) {
    if (!keys.has(key)) probes?.drop(key)
    yield
  }
  for (const target of after?.targets ?? []) {
    probes?.put(directory, target)
    yield
  }
}

/** Accounts that call or take calls now and did not before, or the other way round: all their entries are concerned. */
function turnedAccounts({ accounts }: DirectoryChanges): Set<string> {
  const turned = new Set<string>()
  for (const [key, { id, status }] of accounts.come) {
    const before = accounts.gone.get(key)
    if (before !== undefined && before.status !== status) turned.add(id)
  }
  return turned
}

function* followEndpoints(followers: Followers, directory: Directory, changes: DirectoryChanges): Steps {
  const { endpoints } = changes
  for (const [, before] of removed(endpoints)) yield* changeEndpoint(followers, directory, before.id, { before })
  for (const [key, after] of endpoints.come) {
    if (after.sipUser === undefined)
      yield* changeEndpoint(followers, directory, after.id, { before: endpoints.gone.get(key), after })
    yield
  }
  const turned = turnedAccounts(changes)
  if (turned.size === 0) return
  for (const after of directory.endpoints) {
    if (after.sipUser === undefined && turned.has(after.accountId))
      yield* changeEndpoint(followers, directory, after.id, { before: after, after })
    yield
  }
}

function* followUsers({ phones }: Followers, { sipUsers }: DirectoryChanges): Steps {
  for (const [, { id }] of removed(sipUsers)) {
    phones?.change(id, undefined)
    yield
  }
  for (const user of sipUsers.come.values()) {
    phones?.change(user.id, user.ping)
    yield
  }
}

/** `directory` is in force already; `changes` is what it has other than the one before. */
export function* followUp(followers: Followers, directory: Directory, changes: DirectoryChanges): Steps {
  const { limits, context } = followers
  yield* limits.forgetIdle()
  if (context.waiting.count > 0) yield* limits.refresh(directory, changes)
  context.waiting.wake()
  yield* followEndpoints(followers, directory, changes)
  yield* followUsers(followers, changes)
}
