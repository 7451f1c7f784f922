// Several signalling threads on one machine: what each of them is given, and who does what. The first one (number 0) owns
// everything that exists once: sockets, health of gateways, registrations, the guard against strangers, test calls. Calls
// live on the thread that their Call-ID names (ownership.ts); what is counted together lies in the shared book.
import type { ContactView, HealthView, TargetHealth } from '../policy/verdict.ts'
import type { GatewayEvidence, IsHome } from '../call/context.ts'
import type { SharedDigest } from '../policy/authenticate.ts'
import type { SharedBook } from '../policy/shared-book.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import type { Gate } from './guard.ts'
import type { LinkParts } from './thread-link.ts'

/** What a thread is told of the crew when it starts; plain data. */
export interface CrewOptions {
  readonly number: number
  readonly threads: number
  readonly book: SharedArrayBuffer
  readonly nonces: SharedArrayBuffer
  /** The same in the nonces of all threads. */
  readonly boot: string
  /** Of the first thread: one to each other, in their order; of another: the one to the first. */
  readonly links: readonly LinkParts[]
  /** Of the sockets that the first thread has opened; empty for itself. */
  readonly listeners: readonly ListenerInfo[]
}

/** Contacts of SIP users, and whether one of them is at this address. */
interface ContactBook extends ContactView {
  isRegisteredFrom(address: string): boolean
}

/** What a further thread sees of the first one. */
export interface FirstThreadView {
  readonly health: HealthView
  readonly contacts: ContactBook
  readonly evidence: GatewayEvidence
  readonly gate: Gate
}

/** What the edge of one thread of several is given. */
export interface EdgeCrew {
  readonly number: number
  readonly book: SharedBook
  readonly isHome: IsHome
  readonly digest: SharedDigest
  /** The first thread only: true = the message is another thread's, and is on its way there. */
  readonly handOver?: ((bytes: Buffer, flow: Flow) => boolean) | undefined
  /** The first thread only: what routing sees of a gateway from now on. */
  readonly onRouting?: ((key: string, health: TargetHealth | undefined) => void) | undefined
  /** Further threads only. */
  readonly first?: FirstThreadView | undefined
}
