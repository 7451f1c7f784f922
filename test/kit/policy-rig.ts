// The policy rooms on a fake clock: a directory from a file, health by target, limits, seeded chance.
import { Metrics } from '../../src/base/metrics.ts'
import { seededRandom } from '../../src/base/random.ts'
import { parseAddress, type IpAddress } from '../../src/contract/address.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { DirectoryAssembly } from '../../src/directory/assembly.ts'
import { compileDirectory } from '../../src/directory/compile.ts'
import { frameBetween, partsBetween } from '../../src/directory/delta.ts'
import type { Directory, DirectoryEndpoint, GatewayTarget } from '../../src/directory/directory.ts'
import { Failures } from '../../src/policy/backoff.ts'
import { decide, type PolicyState } from '../../src/policy/decide.ts'
import { Explanation } from '../../src/policy/explanation.ts'
import { identify } from '../../src/policy/identify.ts'
import { Limits } from '../../src/policy/limits.ts'
import { screen } from '../../src/policy/screen.ts'
import { simulate } from '../../src/policy/simulate.ts'
import { Suspensions } from '../../src/policy/suspensions.ts'
import type { Caller, Candidate, Refusal, SourceFacts, Verdict } from '../../src/policy/verdict.ts'
import { FakeClock } from './fake-clock.ts'
import { rowsOf } from './rows.ts'

/** A packet to `dialled`; everything else as it mostly is. */
export const factsOf = (address: string, dialled: string, more: Partial<SourceFacts> = {}): SourceFacts => ({
  address,
  ip: parseAddress(address) as IpAddress,
  port: 5060,
  transport: 'udp',
  listener: 'main',
  dialled,
  fromUser: '441782000000',
  assertedUser: undefined,
  ...more,
})

export interface Told<Outcome> {
  readonly outcome: Outcome
  /** `step: text`, as a person reads it. */
  readonly lines: readonly string[]
}

export class PolicyRig {
  readonly clock = new FakeClock()
  readonly metrics = new Metrics()
  readonly limits = new Limits(this.clock, this.metrics)
  readonly failures = new Failures(this.clock)
  readonly suspensions = new Suspensions(this.clock)
  /** Targets that are red, with the reason. */
  readonly red = new Map<string, string>()
  /** Registered contacts by the id of their SIP user. */
  readonly contacts = new Map<string, GatewayTarget[]>()
  readonly #random = seededRandom(1)
  directory: Directory
  #calls = 0

  constructor(input: DeclarativeInput) {
    this.directory = compileDirectory(rowsOf(input)).directory
    this.limits.use(this.directory)
  }

  /** As a publication does it. */
  publish(directory: Directory): void {
    const assembly = new DirectoryAssembly(this.directory)
    for (const part of partsBetween(this.directory, directory, 100)) assembly.take(part)
    const { directory: next, changes } = assembly.finish(frameBetween(this.directory, directory))
    this.directory = next
    this.limits.use(next)
    Array.from(this.limits.forgetIdle())
    Array.from(this.limits.refresh(next, changes))
  }

  get state(): PolicyState {
    const find = (key: string) => {
      const reason = this.red.get(key)
      return reason === undefined ? undefined : { status: 'red' as const, reason }
    }
    const { directory, limits, failures, suspensions } = this
    const contacts = { targetsOf: (endpoint: DirectoryEndpoint) => this.contacts.get(endpoint.id) ?? [] }
    return { directory, health: { find }, limits, failures, contacts, suspensions, random: this.#random }
  }

  /** Screen and identify, as the signalling thread does before any state exists. */
  identify(facts: SourceFacts, explanation?: Explanation): Caller | Refusal {
    const wallMs = this.clock.wallMs()
    const { directory, suspensions } = this
    return screen(directory, facts, wallMs, explanation) ?? identify(directory, facts, explanation, suspensions)
  }

  /** A live INVITE. */
  call(facts: SourceFacts): Told<Verdict> {
    const explanation = new Explanation()
    const caller = this.identify(facts, explanation)
    const callId = `call-${this.#calls++}`
    const outcome =
      'kind' in caller ? caller : decide(this.state, { callId, caller, dialled: facts.dialled }, explanation)
    return { outcome, lines: linesOf(explanation) }
  }

  /** A live decision that nobody wants explained. */
  decide(callId: string, caller: Caller, dialled: string): Verdict {
    return decide(this.state, { callId, caller, dialled })
  }

  /** The same packet, dry. */
  simulate(facts: SourceFacts): Told<'route' | Refusal> & { readonly candidates: readonly Candidate[] } {
    const explanation = new Explanation()
    const caller = this.identify(facts, explanation)
    if ('kind' in caller) return { outcome: caller, lines: linesOf(explanation), candidates: [] }
    const { verdict, candidates } = simulate(
      this.state,
      { callId: 'simulation', caller, dialled: facts.dialled },
      explanation,
    )
    return { outcome: verdict, lines: linesOf(explanation), candidates }
  }
}

const linesOf = (explanation: Explanation): string[] => explanation.steps.map(({ step, text }) => `${step}: ${text}`)
