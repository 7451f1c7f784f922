// One storm: the whole edge on the fake clock, a bad wire, callers and gateways with moods, a configuration that changes
// under load. Everything follows from the seed. It returns what it saw; whether rules were broken is for the test to say.
import { seededRandom } from '../../src/base/random.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { EdgeRig } from './edge-rig.ts'
import { auditEnd, auditRecord, auditRoom } from './storm-audit.ts'
import type { CallerPlan } from './storm-caller.ts'
import { StormCaller } from './storm-caller.ts'
import type { StormConfig } from './storm-config.ts'
import { changedConfig, fileOf, firstConfig, londonPrefix, stormCallers } from './storm-config.ts'
import type { GatewayPlan } from './storm-gateway.ts'
import { GatewayCall } from './storm-gateway.ts'
import { StormLedger } from './storm-ledger.ts'
import { StormRules } from './storm-rules.ts'
import { responseTo } from './call-rig.ts'
import { Dice, StormWire } from './storm-wire.ts'
import type { Weather } from './storm-wire.ts'

export interface StormOptions {
  readonly seed: number
  /** How long new calls come. */
  readonly seconds: number
  readonly callsPerSecond: number
  readonly weather: Weather
  /** Spoils the edge before the first call; a later change of configuration is the storm's own. */
  readonly plant?: (rig: EdgeRig) => void
}

export interface StormReport {
  readonly broken: readonly string[]
  /** Every message as one line. */
  readonly ladder: readonly string[]
  readonly calls: number
  readonly answered: number
  readonly attempts: number
  readonly messages: number
  readonly virtualMs: number
}

/** After the last call: the longest call, then 64*T1 twice. */
const restMs = 150_000

const failures = [404, 486, 503, 503, 500, 408, 403, 480, 603, 302, 401] as const

class Storm {
  readonly rig: EdgeRig
  readonly dice: Dice
  readonly wire: StormWire
  readonly ledger: StormLedger
  readonly rules: StormRules
  readonly #options: StormOptions
  readonly #callers = new Map<string, StormCaller>()
  readonly #gatewayCalls = new Map<string, GatewayCall>()
  /** Gateways that are dead, refuse packets or refuse every call, and until when. */
  readonly #moods = new Map<string, { kind: 'dead' | 'refusing' | 'overloaded'; until: number }>()
  #config: StormConfig = firstConfig
  #nextCallMs = 0
  #nextChangeMs = 0
  #nextMoodMs = 0
  #nextAuditMs = 0
  #recordsSeen = 0
  #index = 0

  constructor(options: StormOptions) {
    this.#options = options
    this.dice = new Dice(seededRandom(options.seed))
    this.rig = new EdgeRig(fileOf(this.#config), options.seed)
    options.plant?.(this.rig)
    this.wire = new StormWire(this.rig, this.dice, options.weather)
    this.ledger = new StormLedger(() => this.rig.clock.nowMs())
    this.rules = new StormRules(this.ledger, this.wire)
    this.wire.onlooker = this.rules
    this.ledger.publish(this.#config)
    for (const address of Object.keys(stormCallers))
      this.wire.peers.set(address, (message) => this.#callers.get(message.callId)?.receive(message))
    for (const { address } of this.#config.gateways)
      this.wire.peers.set(address, (message) => this.#onGateway(address, message))
  }

  run(): void {
    const startMs = this.wire.nowMs
    const endMs = startMs + this.#options.seconds * 1_000
    this.#nextMoodMs = startMs + 10_000
    while (this.wire.nowMs < endMs && this.#step()) this.#weatherForecast()
    if (this.rules.broken.length > 0) return
    this.#publish({ ...this.#config, gateways: this.#config.gateways.map((one) => ({ ...one, present: false })) })
    while (this.wire.nowMs < endMs + restMs && this.#step());
    if (this.rules.broken.length === 0) auditEnd(this)
  }

  /** False once a rule is broken: what follows tells nothing more. */
  #step(): boolean {
    this.wire.step()
    this.rules.settle()
    const { records } = this.rig
    while (this.#recordsSeen < records.length) {
      const record = records[this.#recordsSeen++]
      if (record !== undefined) auditRecord(this, record)
    }
    if (this.wire.nowMs >= this.#nextAuditMs) {
      this.#nextAuditMs = this.wire.nowMs + 500
      auditRoom(this, this.#config)
      const bug = this.rig.logged.find((line) => line.startsWith('error '))
      if (bug !== undefined) this.rules.break(bug)
    }
    return this.rules.broken.length === 0
  }

  #weatherForecast(): void {
    const now = this.wire.nowMs
    if (now >= this.#nextCallMs) {
      this.#nextCallMs = now + this.dice.between(0, 2_000 / this.#options.callsPerSecond)
      this.#call()
    }
    if (now >= this.#nextChangeMs) {
      this.#nextChangeMs = now + this.dice.between(500, 4_000)
      this.#publish(changedConfig(this.#config, this.dice))
    }
    if (now >= this.#nextMoodMs) {
      this.#nextMoodMs = now + this.dice.between(5_000, 15_000)
      this.#changeMood()
    }
  }

  #publish(config: StormConfig): void {
    this.#config = config
    this.ledger.publish(config)
    this.rig.publish(fileOf(config))
  }

  #changeMood(): void {
    const { address } = this.dice.pick(this.#config.gateways)
    const kind = this.dice.pick(['dead', 'refusing', 'overloaded'] as const)
    this.#moods.set(address, { kind, until: this.wire.nowMs + this.dice.between(1_000, 8_000) })
    if (kind !== 'overloaded')
      for (const call of this.#gatewayCalls.values()) if (call.address === address) call.vanish()
  }

  #moodOf(address: string): 'dead' | 'refusing' | 'overloaded' | undefined {
    const mood = this.#moods.get(address)
    return mood !== undefined && mood.until > this.wire.nowMs ? mood.kind : undefined
  }

  #maybe(share: number, from: number, to: number): number | undefined {
    return this.dice.chance(share) ? this.dice.between(from, to) : undefined
  }

  #call(): void {
    const { dice } = this
    this.#index += 1
    const index = this.#index
    const plan: CallerPlan = {
      address: dice.pick(Object.keys(stormCallers)),
      number: `${dice.chance(0.3) ? londonPrefix : '4930'}${String(index).padStart(6, '0')}`,
      lateOffer: dice.chance(0.1),
      cancelMs: this.#maybe(0.2, 20, 6_000),
      earlyBye: dice.chance(0.15),
      ackMs: dice.chance(0.1) ? dice.between(100, 3_000) : 0,
      holdMs: dice.chance(0.3) ? dice.between(0, 300) : dice.between(300, 25_000),
      reinviteMs: this.#maybe(0.2, 0, 6_000),
      reinviteCancelMs: this.#maybe(0.3, 0, 2_000),
      vanishMs: this.#maybe(0.05, 100, 20_000),
    }
    const caller = new StormCaller(this.wire, plan, index)
    this.#callers.set(caller.callId, caller)
    this.ledger.addCall(caller)
  }

  #gatewayPlan(address: string): GatewayPlan {
    const { dice } = this
    const silent = dice.chance(0.04)
    const late = dice.chance(0.04)
    const ringing = !silent && dice.chance(0.8)
    const base = late ? dice.between(2_800, 5_500) : dice.between(0, 100)
    const ringMs = ringing ? base + dice.between(0, 1_500) : undefined
    const finalMs = silent || dice.chance(0.05) ? undefined : (ringMs ?? base) + dice.between(5, 9_000)
    const fails = dice.chance(0.25)
    return {
      tryingMs: silent || dice.chance(0.3) ? undefined : base,
      ringMs,
      finalMs: fails && finalMs !== undefined ? base + dice.between(0, 2_000) : finalMs,
      status: this.#moodOf(address) === 'overloaded' ? 503 : fails ? dice.pick(failures) : 200,
      retryAfter: dice.chance(0.1),
      forkMs: ringing && dice.chance(0.1) ? dice.between(0, 3_000) : undefined,
      hangUpMs: this.#maybe(0.4, 0, 20_000),
      reinviteMs: this.#maybe(0.15, 0, 5_000),
      vanishMs: this.#maybe(0.03, 100, 15_000),
      reinviteStatus: dice.pick([200, 200, 200, 488, 503]),
      reinviteAnswerMs: this.#maybe(0.4, 50, 2_500),
      answersCancelled: dice.chance(0.15),
    }
  }

  #onGateway(address: string, message: SipMessage): void {
    const mood = this.#moodOf(address)
    if (mood === 'dead') return
    if (mood === 'refusing') return this.#refusePackets(address)
    // The edge was told that this packet was refused and has forgotten the attempt.
    if (this.ledger.attempts.get(message.callId)?.refusedAt !== undefined) return
    const known = this.#gatewayCalls.get(message.callId)
    if (known !== undefined) return known.receive(message)
    if (message.kind === 'response') return
    if (message.method === 'INVITE' && message.toTag === undefined) this.#newGatewayCall(address, message)
    else if (message.method !== 'ACK')
      this.wire.toEdge(responseTo(message, message.method === 'OPTIONS' ? 200 : 481), address)
  }

  /** ICMP: port unreachable; the transport tells the edge for each packet. */
  #refusePackets(address: string): void {
    this.wire.after(this.dice.between(0, 20), () => {
      for (const attempt of this.ledger.attempts.values())
        if (attempt.address === address && attempt.heardAt === undefined && attempt.givenUpAt === undefined)
          attempt.refusedAt ??= this.wire.nowMs
      this.rig.peerError(address, 5060)
    })
  }

  #newGatewayCall(address: string, invite: SipMessage): void {
    const plan = this.#gatewayPlan(address)
    const call = new GatewayCall(this.wire, invite, { address, plan, index: this.#gatewayCalls.size + 1 })
    this.#gatewayCalls.set(invite.callId, call)
    const attempt = this.ledger.attempts.get(invite.callId)
    if (attempt !== undefined) attempt.seen = call
  }
}

export function runStorm(options: StormOptions): StormReport {
  const storm = new Storm(options)
  const startMs = storm.wire.nowMs
  storm.run()
  const { calls, attempts } = storm.ledger
  return {
    broken: storm.rules.broken,
    ladder: storm.wire.ladder,
    calls: calls.length,
    answered: calls.filter((one) => one.final !== undefined && one.final.status < 300).length,
    attempts: attempts.size,
    messages: storm.wire.received + storm.wire.sent,
    virtualMs: storm.wire.nowMs - startMs,
  }
}
