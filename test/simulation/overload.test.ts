// More comes than the thread can do: new requests wait in lines, each source in its own; who waited too long for some time
// gets 503; what runs, what is repeated and what is an emergency passes; and it is over soon after.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../../src/base/limits.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { answeredCall, callerAddress, CallerSide, gateway1, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const otherAddress = '10.1.0.2'
const wide = { channelsMax: 1_000_000, callsPerSecondMax: 1_000_000 }

const isRefusal = (message: SipMessage): boolean =>
  // A 503 without it says that no gateway answers, which is so here after a while.
  message.kind === 'response' && message.status === 503 && /^[2-5]$/.test(message.value(headerIds.retryAfter) ?? '')

/** A thread that needs 1 ms for a new call and 0.1 ms for any other answer, and reads first what has come. */
class BusyThread {
  readonly rig: EdgeRig
  /** Call-IDs that got 503, and that went on to a gateway or were answered otherwise. */
  readonly refused = new Set<string>()
  carried = 0
  /** Calls that have gone on: what is sent again costs nothing here. */
  readonly #sent = new Set<string>()
  #turns: (() => void)[] = []

  constructor(system = {}) {
    this.rig = standardRig(
      {
        system,
        customer: {
          ...wide,
          endpoints: [{ name: 'pbx', direction: 'sends', addresses: [callerAddress, otherAddress] }],
        },
        carrier: wide,
        endpoint: wide,
      },
      (work) => this.#turns.push(work),
    )
    while (this.#turns.length > 0) this.turn()
    this.rig.costMs = (message) => {
      if (message.kind === 'response') return message.status === 403 ? 1 : 0.1
      if (this.#sent.has(message.callId)) return 0
      this.#sent.add(message.callId)
      return 1
    }
  }

  get nowMs(): number {
    return this.rig.clock.nowMs()
  }

  get shed(): number {
    return this.rig.edge.metrics.snapshot().find(({ metric }) => metric === 'overloadShed')?.values[0] ?? 0
  }

  /** This comes while more waits than is read at once. */
  comes(action: () => void): void {
    this.rig.isQueueLong = true
    action()
    this.rig.isQueueLong = false
  }

  turn(): void {
    const turns = this.#turns
    this.#turns = []
    for (const work of turns) work()
    this.rig.edge.tick()
  }

  /** Until nobody waits. */
  rest(ms = 0): void {
    const endMs = this.nowMs + ms
    while (this.#turns.length > 0) this.turn()
    if (this.nowMs < endMs) this.rig.advance(endMs - this.nowMs)
    this.look()
  }

  look(): void {
    for (const { message } of this.rig.take()) {
      if (isRefusal(message)) this.refused.add(message.callId)
    }
    this.carried = this.#sent.size
  }

  /** For so long so many calls come in each millisecond, and `beside` is asked for what comes besides. */
  flood(ms: number, perMs: number, beside: (nowMs: number) => void = () => undefined): void {
    const endMs = this.nowMs + ms
    for (let dueMs = this.nowMs; this.nowMs < endMs;) {
      const startMs = this.nowMs
      this.comes(() => {
        beside(startMs)
        for (; dueMs <= startMs; dueMs += 1 / perMs) new CallerSide(this.rig).invite()
      })
      this.turn()
      if (this.nowMs === startMs) this.rig.advance(1)
    }
    this.look()
  }
}

test('RFC3261-21.5.4: when more comes for some time than can be done, new calls get 503 with Retry-After, and none afterwards', () => {
  const thread = new BusyThread()
  thread.flood(250, 3)
  assert.equal(thread.refused.size, 0)
  thread.flood(1_000, 3)
  const { carried } = thread
  assert.ok(thread.refused.size > 1_000, `${thread.refused.size} refused`)
  assert.equal(thread.shed, thread.refused.size)
  // A call takes 1.1 ms with its 100, and two of three get a 503 of 0.1 ms.
  assert.ok(carried > 850 && carried < 1_140, `${carried} carried in 1,250 ms`)
  assert.match(thread.rig.logged.join('\n'), /warn overload/)
  assert.doesNotMatch(thread.rig.logged.join('\n'), /overload is over/)
  thread.rest(1_500)
  assert.match(thread.rig.logged.join('\n'), /info overload is over/)
  const before = thread.refused.size
  thread.flood(500, 0.5)
  thread.rest()
  assert.equal(thread.refused.size, before)
})

test('in an overload nobody who is served has waited long', () => {
  const thread = new BusyThread()
  thread.flood(700, 3)
  const atMs = new Map<string, number>()
  const waits: number[] = []
  thread.rig.onSend = ({ message }) => {
    const sinceMs = atMs.get(message.callId)
    if (message.kind === 'response' && message.status === 100 && sinceMs !== undefined)
      waits.push(thread.nowMs - sinceMs)
  }
  thread.flood(300, 3, () => {
    const caller = new CallerSide(thread.rig)
    atMs.set(caller.callId, thread.nowMs)
    caller.invite()
  })
  assert.ok(waits.length > 20)
  assert.ok(Math.max(...waits) <= bound('waitingRequestMs') + 3, `${Math.max(...waits)} ms`)
})

test('a burst that is worked off within 300 ms is no overload', () => {
  const thread = new BusyThread()
  thread.comes(() => {
    for (let i = 0; i < 250; i++) new CallerSide(thread.rig).invite()
  })
  thread.rest()
  assert.deepEqual([thread.refused.size, thread.carried], [0, 250])
})

test('more than can wait gets 503 at once', () => {
  const thread = new BusyThread()
  const most = bound('waitingRequestsMax')
  thread.comes(() => {
    for (let i = 0; i < most + 10; i++) new CallerSide(thread.rig).invite()
  })
  thread.look()
  assert.deepEqual([thread.refused.size, thread.carried], [10, 0])
  thread.comes(() => new CallerSide(thread.rig, { address: otherAddress }).invite())
  thread.look()
  assert.equal(thread.refused.size, 10, 'another source has room')
  const caller = new CallerSide(thread.rig)
  thread.comes(() => {
    caller.invite()
    caller.cancel()
  })
  assert.deepEqual(
    caller.got().map(({ status }) => status),
    [503, 481],
    'a CANCEL is never refused',
  )
})

test('a source that asks for little passes while another one floods', () => {
  const thread = new BusyThread()
  const little = new Set<string>()
  let dueMs = 0
  thread.flood(1_500, 4, (nowMs) => {
    if (nowMs < dueMs) return
    dueMs = nowMs + 10
    const caller = new CallerSide(thread.rig, { address: otherAddress })
    little.add(caller.callId)
    caller.invite()
  })
  thread.rest()
  assert.ok(thread.refused.size > 1_000, `${thread.refused.size} of the flood refused`)
  assert.ok(little.size > 100)
  assert.deepEqual(
    [...little].filter((callId) => thread.refused.has(callId)),
    [],
  )
})

/** Requests of 30 strangers, each time others, so that none of them is blocked. */
function strangersAsk(rig: EdgeRig, round: number): void {
  for (let i = 1; i <= 30; i++) {
    const caller = new CallerSide(rig, { address: `198.18.${round}.${i}` })
    caller.send(caller.request('REGISTER', { toTag: '' }))
  }
}

test('all strangers together have the part of one source: they cost those who are known no calls', () => {
  const thread = new BusyThread()
  const known = new Set<string>()
  for (let round = 0; round < 60; round++) {
    thread.comes(() => {
      strangersAsk(thread.rig, round)
      for (let i = 0; i < 5; i++) {
        const caller = new CallerSide(thread.rig)
        known.add(caller.callId)
        caller.invite()
      }
    })
    for (let i = 0; i < 10; i++) thread.turn()
  }
  thread.rest()
  assert.ok(thread.shed > 100, `${thread.shed} of the strangers refused`)
  assert.deepEqual(
    [...known].filter((callId) => thread.refused.has(callId)),
    [],
  )
})

test('a flood that is dropped at the door is no reason to refuse the calls of those who are known', () => {
  const thread = new BusyThread()
  thread.flood(1_000, 0.7, () => {
    for (let i = 0; i < 200; i++) thread.rig.receive(`REGISTER sip:x SIP/2.0\r\nCall-ID: ${i}\r\n\r\n`, '192.0.2.66')
  })
  thread.rest()
  assert.equal(thread.refused.size, 0)
  assert.ok(thread.carried > 400)
})

test('what belongs to a call or a transaction passes, and so does an emergency call', () => {
  const thread = new BusyThread({ emergencyNumbers: ['112'] })
  const { rig } = thread
  const { caller, gateway } = answeredCall(rig)
  const pending = new CallerSide(rig)
  pending.invite()
  const invite = gateway.one('INVITE')
  thread.flood(1_000, 3)
  assert.ok(thread.refused.size > 500)
  thread.comes(() => {
    rig.take()
    for (let i = 0; i < 200; i++) new CallerSide(rig).invite()
    pending.invite()
    gateway.answer(invite, 486)
    assert.deepEqual(pending.statuses(), [486], 'a response never waits')
    pending.ack('failure')
    caller.inDialog('INVITE')
    caller.bye()
    assert.deepEqual(caller.statuses(), [200], 'nor does a BYE')
    const urgent = new CallerSide(rig, { number: '112' })
    urgent.invite()
    assert.deepEqual(urgent.statuses(), [100], 'nor does an emergency call')
  })
  rig.clock.advance(50)
  thread.rest()
  assert.ok(!thread.refused.has(pending.callId), 'a request that is repeated is not refused')
  assert.ok(!thread.refused.has(caller.callId), 'a request within a dialog is not refused')
})

test('a CANCEL stays behind its INVITE', () => {
  const thread = new BusyThread()
  const caller = new CallerSide(thread.rig)
  thread.comes(() => {
    for (let i = 0; i < 20; i++) new CallerSide(thread.rig).invite()
    caller.invite()
    caller.cancel()
    assert.deepEqual(caller.statuses(), [])
  })
  for (let i = 0; i < 20; i++) thread.turn()
  // The 100s of the others; a CANCEL that had come first would have got 481.
  assert.deepEqual([...new Set(caller.statuses())], [100, 200, 487])
})

test('what waits over a connection is a copy', () => {
  const thread = new BusyThread()
  const caller = new CallerSide(thread.rig)
  const bytes = Buffer.from(caller.request('INVITE', { toTag: '' }).replace('SIP/2.0/UDP', 'SIP/2.0/TCP'), 'latin1')
  thread.comes(() => thread.rig.receive(bytes, callerAddress, 5060, 'tcp'))
  bytes.fill(0)
  thread.rest()
  assert.equal(thread.carried, 1)
})

test('nothing of what was refused stays', () => {
  const thread = new BusyThread()
  thread.flood(600, 3)
  thread.rest()
  // One from the caller, one to the gateway.
  assert.equal(thread.rig.edge.transactions.count, 2 * thread.carried)
  assert.ok(thread.refused.size > 100)
  thread.rig.takeTo(gateway1)
})

test('in an overload new requests are refused, and their ACKs dropped, before they are parsed; they are counted all the same', () => {
  const thread = new BusyThread()
  const { rig } = thread
  thread.flood(1_000, 3)
  const received = (method: string): number =>
    rig.edge.metrics
      .snapshot()
      .filter(({ metric, labels }) => metric === 'sipMessages' && labels.includes('in') && labels.includes(method))
      .reduce((sum, { values }) => sum + (values[0] ?? 0), 0)
  const caller = new CallerSide(rig)
  // Whoever parses it answers 400.
  const broken = caller.request('OPTIONS', { toTag: '' }).replace('Max-Forwards: 70', 'Max-Forwards: many')
  thread.rest()
  const before = [received('OPTIONS'), received('ACK')]
  thread.comes(() => {
    for (let i = 0; i < 20; i++) caller.send(broken)
  })
  rig.clock.advance(bound('waitingRequestMs') + 1)
  while (rig.edge.metrics.snapshot().length > 0 && received('OPTIONS') < (before[0] ?? 0) + 20) thread.turn()
  const answers = caller.got()
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503])
  assert.equal(answers.length, 20)
  caller.toTag = answers.at(-1)?.toTag ?? ''
  caller.send(caller.request('ACK').replace('Max-Forwards: 70', 'Max-Forwards: many'))
  assert.deepEqual([received('OPTIONS'), received('ACK')], [(before[0] ?? 0) + 20, (before[1] ?? 0) + 1])
})

test('what is not written plainly is refused as well, when it was parsed', () => {
  const thread = new BusyThread()
  const { rig } = thread
  thread.flood(1_000, 3)
  thread.rest()
  const caller = new CallerSide(rig)
  thread.comes(() => caller.send(caller.request('INVITE', { toTag: '' }).replace('Call-ID:', 'i:')))
  rig.clock.advance(bound('waitingRequestMs') + 1)
  thread.rest()
  assert.ok(thread.refused.has(caller.callId))
})
