// The seam between the control thread and the signalling thread: typed messages, down and up. Nothing else crosses.
import type { FaultCode } from '../base/fault.ts'
import type { LogFields, LogLevel } from '../base/log.ts'
import type { Sample } from '../base/metrics.ts'
import type { PrintedCall } from '../call/print.ts'
import type { CallRecord } from '../call/record.ts'
import type { DirectoryPart, PublishedFrame } from '../directory/delta.ts'
import type { Candidate } from '../policy/verdict.ts'
import type { ExplanationStep } from '../policy/explanation.ts'
import type { SuspensionChanges } from '../policy/suspensions.ts'
import type { Binding } from '../registrar/binding.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import type { UdpMode } from '../transport/batching.ts'
import type { TlsFiles } from '../transport/certificates.ts'
import type { Trace, TraceMessage } from '../trace/trace.ts'
import type { ListenSpec } from '../transport/listener.ts'
import type { CrewOptions } from './crew.ts'
import type { MediaAddress } from './media-socket.ts'

/** Secrets are still in the text. */
export interface HepMessage {
  readonly message: TraceMessage
  /** The call's id; the Call-ID where there is no call. */
  readonly correlationId: string
}

/** workerData of the signalling thread. */
export interface EdgeOptions {
  readonly listen: readonly ListenSpec[]
  readonly advertise: string | null
  readonly udp: UdpMode
  readonly randomSeed: number | null
  /** Null: no TLS. */
  readonly tls: TlsFiles | null
  /** Where rtpengine takes commands; null: media is never relayed. */
  readonly rtpengine: MediaAddress | null
  /** Hand every message up for a HEP collector. */
  readonly hep: boolean
  /** Absent: this is the only signalling thread. */
  readonly crew?: CrewOptions | undefined
}

export interface SimulateQuestion {
  readonly sourceIp: string
  readonly sourcePort: number
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly destination: string
  readonly cli: string
  /** SIP user whose digest is taken as proved; absent = none. */
  readonly username?: string | undefined
  /** Name that the TLS certificate of the caller would prove; absent = none. */
  readonly certificateName?: string | undefined
}

export interface SimulateAnswer {
  readonly verdict: 'route' | 'refuse'
  readonly code: number
  readonly reason: string
  readonly steps: readonly ExplanationStep[]
  readonly candidates: readonly Candidate[]
}

export interface HealthChange {
  readonly at: number
  readonly status: 'green' | 'red'
  readonly reason: string
}

/** One gateway target as the board shows it. Times are milliseconds since 1970. */
export interface GatewayState {
  readonly endpointId: string
  readonly targetKey: string
  readonly status: 'green' | 'red'
  readonly reason: string
  readonly since: number
  readonly lastProbe: { readonly at: number; readonly result: string } | null
  readonly channels: number
  readonly callsPerSecond: number
  /** Of the endpoint and of its account, in a row. */
  readonly failures: number
  readonly accountFailures: number
  readonly history: readonly HealthChange[]
}

/** One registration as the board shows it. Times are milliseconds since 1970. */
export interface RegistrationState {
  /** out: we register at a carrier; in: a SIP user's device registers here. */
  readonly direction: 'in' | 'out'
  /** Of the endpoint, or of the SIP user. */
  readonly endpointId: string
  readonly name: string
  readonly account: string
  readonly registrar: string
  /** Our Contact there; empty before the first REGISTER. */
  readonly contact: string
  readonly state: 'registering' | 'registered' | 'failing' | 'refused' | 'ending' | 'ended'
  readonly reason: string
  readonly since: number
  readonly expiresAt: number | null
  readonly nextAt: number | null
}

export interface LimitState {
  readonly scope: 'system' | 'account' | 'endpoint' | 'sipUser' | 'route'
  readonly id: string
  readonly name: string
  readonly kind: 'channels' | 'callsPerSecond'
  readonly limit: number
  readonly used: number
  /** Ids of the calls behind a channel count (at most the number asked for). */
  readonly calls: readonly string[]
}

/** What a scope had at most since somebody asked last, and how often its limits turned a call away. */
export interface ScopeUse {
  readonly scope: 'system' | 'account' | 'endpoint' | 'sipUser'
  readonly id: string
  readonly channelsPeak: number
  readonly callsPerSecondPeak: number
  readonly breaches: number
}

export interface RejectedSource {
  readonly address: string
  readonly reason: string
  readonly count: number
  readonly lastAt: number
  readonly sample: string
  /** Of the last request; null = it had none that could be read. */
  readonly callId: string | null
  /** How the last request was decided. */
  readonly explanation: readonly ExplanationStep[]
  /** The last request as a question for a simulation; null = it was not looked at. */
  readonly packet: SimulateQuestion | null
}

/** A source that is blocked because it failed again and again. Times are milliseconds since 1970. */
export interface AutomaticBlock {
  readonly address: string
  readonly reason: string
  readonly since: number
  readonly until: number
}

export interface TestCallOrder {
  readonly endpointId: string
  /** `udp:192.0.2.10:5060`; null = drawn as for a call. */
  readonly target: string | null
  readonly destination: string
  readonly cli: string
  readonly method: 'INVITE' | 'OPTIONS'
  /** Name of who asked for it. */
  readonly actor: string
}

/** `refused`: nothing was begun, and why. */
export type TestCallStart = { readonly id: string } | { readonly refused: FaultCode; readonly detail: string }

/** A test call as it stands. Times are milliseconds since 1970. */
export interface TestCallState {
  readonly id: string
  readonly method: 'INVITE' | 'OPTIONS'
  readonly state: 'running' | 'ended'
  readonly result: 'green' | 'red' | null
  readonly text: string
  readonly status: number | null
  readonly startedAt: number
  readonly endedAt: number | null
  readonly endpointId: string
  readonly gateway: string
  readonly account: string
  readonly target: string | null
  readonly destination: string
  readonly cli: string
  readonly actor: string
  readonly durations: {
    readonly firstReplyMs: number | null
    readonly ringingMs: number | null
    readonly answerMs: number | null
    readonly totalMs: number | null
  }
  /** Of the gateway's side; the last one, where it was tried by several ways. */
  readonly callId: string | null
}

/** A gateway target as alerts see it: what an operator wants red is no failure. Nothing heard of it yet is `unknown`. */
export interface WatchedTarget {
  readonly targetKey: string
  readonly endpointId: string
  readonly state: 'green' | 'failing' | 'off' | 'unknown'
  readonly reason: string
}

/** What alerts look at: small, because it is asked for every second. */
export interface Watched {
  /** All that fail, and those asked for. */
  readonly targets: readonly WatchedTarget[]
  /** Consecutive failures and use of accounts by id; accounts without any are left out. */
  readonly failures: ReadonlyMap<string, number>
  readonly use: ReadonlyMap<string, { readonly channels: number; readonly callsPerSecond: number }>
}

/** Questions the control thread asks; each is answered once, with the type on the right. */
export interface EdgeQuestions {
  simulate: { ask: SimulateQuestion; answer: SimulateAnswer }
  gateways: { ask: null; answer: readonly GatewayState[] }
  /** Consecutive failures of accounts by id; accounts without any are left out. */
  accountFailures: { ask: null; answer: ReadonlyMap<string, number> }
  watched: { ask: { targetKeys: readonly string[] }; answer: Watched }
  resetFailures: { ask: { scope: 'endpoint' | 'account'; id: string }; answer: true }
  probe: { ask: { endpointId: string }; answer: boolean }
  calls: { ask: null; answer: readonly PrintedCall[] }
  call: { ask: { id: string }; answer: PrintedCall | null }
  endCall: { ask: { id: string }; answer: boolean }
  limits: { ask: { callsPerScopeMax: number }; answer: readonly LimitState[] }
  /** Starts the peaks anew: there is one asker, the statistics. Scopes that were idle are left out. */
  usage: { ask: null; answer: readonly ScopeUse[] }
  metrics: { ask: null; answer: readonly Sample[] }
  /** By the call's id or any Call-ID of it; null when nothing of it is in memory. */
  trace: { ask: { key: string }; answer: Trace | null }
  automaticBlocks: { ask: null; answer: readonly AutomaticBlock[] }
  /** False = this address is not blocked automatically. */
  liftBlock: { ask: { address: string }; answer: boolean }
  startTestCall: { ask: TestCallOrder; answer: TestCallStart }
  /** The newest first. */
  testCalls: { ask: null; answer: readonly TestCallState[] }
  /** With its messages so far, secrets still in them; null = not among those that are kept. */
  testCall: { ask: { id: string }; answer: (TestCallState & { readonly messages: readonly TraceMessage[] }) | null }
  rejections: { ask: null; answer: readonly RejectedSource[] }
  registrations: { ask: null; answer: readonly RegistrationState[] }
  drain: { ask: null; answer: { readonly calls: number } }
  /** Ends what still runs (release reason `drained`), closes the sockets and stops the thread. */
  stop: { ask: null; answer: true }
}

export type EdgeQuestionName = keyof EdgeQuestions

/** A new directory: all parts, each after the former one was taken, then the swap. */
export type PublicationMessage =
  | { readonly type: 'part'; readonly part: DirectoryPart }
  | { readonly type: 'swap'; readonly frame: PublishedFrame }

export type DownMessage =
  | PublicationMessage
  /** What was registered before a restart; after the first publication. */
  | { readonly type: 'restore'; readonly bindings: readonly Binding[] }
  /** Of these accounts, from now on; running calls stay. */
  | { readonly type: 'suspensions'; readonly changes: SuspensionChanges }
  | { readonly type: 'ask'; readonly id: number; readonly name: EdgeQuestionName; readonly ask: unknown }

export type UpMessage =
  | { readonly type: 'listening'; readonly listeners: readonly ListenerInfo[] }
  | { readonly type: 'failed'; readonly detail: string }
  /** The last part is taken. */
  | { readonly type: 'taken' }
  /** The directory is in force, and everything that follows it is done. */
  | { readonly type: 'published'; readonly revision: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown; readonly error: string | null }
  | { readonly type: 'records'; readonly records: readonly CallRecord[]; readonly lost: number }
  | { readonly type: 'traces'; readonly traces: readonly Trace[] }
  | { readonly type: 'hep'; readonly messages: readonly HepMessage[] }
  /** All contacts of a SIP user from now on. */
  | { readonly type: 'registrations'; readonly userId: string; readonly bindings: readonly Binding[] }
  | { readonly type: 'health'; readonly targetKey: string; readonly change: HealthChange }
  | { readonly type: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields }
