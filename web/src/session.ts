// Who uses the console: asks `GET /me`, and logs in, out and sets up.
import type { QueryClient } from '@tanstack/react-query'
import { useQuery } from '@tanstack/react-query'
import { rolesFor } from '../../src/contract/access.ts'
import type { Me } from '../../src/contract/api-people.ts'
import { callApi } from './kit/api-client.ts'
import type { Answer, Problem } from './kit/problem.ts'

export type Session =
  | { readonly kind: 'signedIn'; readonly me: Me }
  /** `ended`: somebody was signed in, and did not log out. */
  | { readonly kind: 'signedOut'; readonly ended: boolean }
  | { readonly kind: 'setUp' }
  | { readonly kind: 'unreachable'; readonly problem: Problem }

const sessionKey = ['session']

/** The same person is the same value: pages are not built anew because somebody asked again. */
const sameMe = (before: Session | undefined, me: Me): Me =>
  before?.kind === 'signedIn' && JSON.stringify(before.me) === JSON.stringify(me) ? before.me : me

const hasEnded = (before: Session | undefined): boolean =>
  before?.kind === 'signedIn' || (before?.kind === 'signedOut' && before.ended)

export function sessionOf(answer: Answer<Me>, before: Session | undefined): Session {
  if (answer.kind === 'value') return { kind: 'signedIn', me: sameMe(before, answer.value) }
  const { problem } = answer
  if (problem.code === 'setup_required') return { kind: 'setUp' }
  if (problem.status === 401) return { kind: 'signedOut', ended: hasEnded(before) }
  // A server that is away for a moment logs nobody out: the page stays and says that the connection is lost.
  if (before?.kind === 'signedIn') return before
  return { kind: 'unreachable', problem }
}

export function useSession(client: QueryClient): Session | undefined {
  const query = useQuery({
    queryKey: sessionKey,
    queryFn: async () => sessionOf(await callApi<Me>('GET', '/me'), client.getQueryData<Session>(sessionKey)),
    refetchInterval: (current) => (current.state.data?.kind === 'unreachable' ? 2_000 : false),
  })
  return query.data
}

/** Asks again who is logged in; after a log-in, a log-out, or when the server has refused. */
export const refreshSession = (client: QueryClient): Promise<void> => client.invalidateQueries({ queryKey: sessionKey })

/** What one person read is not shown to the next one, nor from before a backup was restored. */
const forgetLists = (client: QueryClient): void =>
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] })

export async function logIn(client: QueryClient, username: string, password: string): Promise<Answer<unknown>> {
  const answer = await callApi('POST', '/session', { username, password })
  if (answer.kind === 'problem') return answer
  told = undefined
  forgetLists(client)
  await refreshSession(client)
  return answer
}

let told: string | undefined

/** Says on the log-in page why one has to log in again. */
export const tellAtLogIn = (text: string): void => void (told = text)

export const toldAtLogIn = (): string | undefined => told

export async function logOut(client: QueryClient): Promise<void> {
  await callApi('DELETE', '/session')
  forgetLists(client)
  const signedOut: Session = { kind: 'signedOut', ended: false }
  client.setQueryData(sessionKey, signedOut)
  await refreshSession(client)
}

/** Creates the first administrator and logs in. */
export const setUp = (input: { token: string; username: string; password: string }): Promise<Answer<unknown>> =>
  callApi('POST', '/setup', input)

/** May this person use the operation, like `POST /carriers`? The server decides; this only tells before. */
export const can = (me: Me, operation: string): boolean => rolesFor(operation).includes(me.role)

/** Why not, in words for a disabled button's title; undefined when one may. */
export function whyNot(me: Me, operation: string): string | undefined {
  if (can(me, operation)) return undefined
  const roles = rolesFor(operation)
  return `Your role (${me.role}) may not do this; ${roles.join(' and ')} may.`
}
