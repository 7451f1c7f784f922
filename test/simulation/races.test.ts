// Races: both orders forced on the fake clock, then a hundred seeded repetitions of each with random moments. Whatever the
// order, every request is answered, the call has one record, and nothing is left.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, seededRandom } from '../../src/base/random.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { answerSdp, answeredCall, CallerSide, gateway2, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'
import { counts } from '../kit/counts.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

/** What two sides do at about the same time. */
interface Race {
  readonly name: string
  /** Brings the call to where the race begins, and gives the two runners and what must hold at the end. */
  readonly prepare: (rig: EdgeRig) => {
    readonly one: () => void
    readonly other: () => void
    readonly check: () => void
  }
}

const hasFinal = (messages: readonly SipMessage[], method: string): boolean =>
  messages.some((message) => message.status >= 200 && message.cseq.method === method)

function ringing(rig: EdgeRig): { caller: CallerSide; gateway: GatewaySide; invite: SipMessage } {
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 180)
  return { caller, gateway, invite }
}

const races: readonly Race[] = [
  {
    name: 'CANCEL and 200',
    prepare: (rig) => {
      const { caller, gateway, invite } = ringing(rig)
      return {
        one: () => caller.cancel(),
        other: () => gateway.answer(invite, 200, { body: answerSdp }),
        check: () => {
          const got = caller.got()
          assert.ok(hasFinal(got, 'CANCEL') && hasFinal(got, 'INVITE'))
          const toGateway = gateway.got().map((message) => message.method)
          assert.ok(toGateway.includes('ACK'), 'the 200 is acknowledged, wanted or not')
        },
      }
    },
  },
  {
    name: 'CANCEL and 503',
    prepare: (rig) => {
      const { caller, gateway, invite } = ringing(rig)
      return {
        one: () => caller.cancel(),
        other: () => gateway.answer(invite, 503),
        check: () => {
          const asked = rig
            .takeTo(gateway2)
            .filter((message) => message.method === 'INVITE' && message.kind === 'request')
          assert.ok(new Set(asked.map((message) => message.callId)).size <= 1)
          const got = caller.got()
          assert.ok(hasFinal(got, 'CANCEL') && hasFinal(got, 'INVITE'))
        },
      }
    },
  },
  {
    name: 'BYE of both sides',
    prepare: (rig) => {
      const { caller, gateway, invite } = answeredCall(rig)
      return {
        one: () => caller.bye(),
        other: () => gateway.request('BYE', invite),
        check: () => {
          assert.ok(hasFinal(caller.got(), 'BYE'), 'the caller')
          assert.ok(hasFinal(gateway.got(), 'BYE'), 'the gateway')
        },
      }
    },
  },
  {
    name: 're-INVITE and BYE',
    prepare: (rig) => {
      const { caller, gateway, invite } = answeredCall(rig)
      return {
        one: () => caller.inDialog('INVITE', { body: offer }),
        other: () => gateway.request('BYE', invite),
        check: () => {
          assert.ok(hasFinal(caller.got(), 'INVITE'), 'the re-INVITE has its answer')
          assert.ok(hasFinal(gateway.got(), 'BYE'))
        },
      }
    },
  },
  {
    name: 're-INVITE of both sides',
    prepare: (rig) => {
      const { caller, gateway, invite } = answeredCall(rig)
      return {
        one: () => caller.inDialog('INVITE', { body: offer }),
        other: () => gateway.request('INVITE', invite, { body: offer }),
        check: () => {
          rig.advance(33_000)
          assert.ok(hasFinal(caller.got(), 'INVITE'))
          assert.ok(hasFinal(gateway.got(), 'INVITE'))
          rig.edge.stop()
        },
      }
    },
  },
]

function settle(rig: EdgeRig, check: () => void): void {
  rig.advance(5)
  check()
  rig.advance(200_000)
  if (rig.edge.calls.count > 0) rig.edge.stop()
  rig.assertNothingLeft()
  assert.equal(rig.records.length, 1)
}

for (const { name, prepare } of races) {
  test(`race, both orders: ${name}`, () => {
    for (const swapped of [false, true]) {
      const rig = standardRig()
      const { one, other, check } = prepare(rig)
      for (const run of swapped ? [other, one] : [one, other]) run()
      settle(rig, check)
    }
  })

  test(`race, ${counts.races} seeds: ${name}`, () => {
    for (let seed = 1; seed <= counts.races; seed += 1) {
      const random = seededRandom(seed)
      const rig = standardRig()
      const { one, other, check } = prepare(rig)
      const [first, second] = randomBelow(random, 2) === 0 ? [one, other] : [other, one]
      rig.advance(5 * randomBelow(random, 40))
      first()
      rig.advance(5 * randomBelow(random, 8))
      second()
      settle(rig, check)
    }
  })
}
