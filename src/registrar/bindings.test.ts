import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import type { Binding } from './binding.ts'
import { Bindings } from './bindings.ts'
import type { PingMode } from './bindings.ts'

const flow = { protocol: 'udp', address: '203.0.113.9', port: 40_000, listener: 'main', connection: 0 } as const

class Rig {
  readonly clock = new FakeClock()
  readonly told: string[] = []
  readonly pinged: Binding[] = []
  readonly bindings = new Bindings(this.clock, this.clock.timers, {
    onChange: (userId, bindings) => this.told.push(`${userId} ${bindings.length}`),
    ping: (binding) => this.pinged.push(binding),
  })

  constructor(mode: PingMode = 'off') {
    this.bindings.change('su_1', mode)
  }

  make(contact: string, seconds = 3_600, userId = 'su_1'): Binding {
    const now = this.clock.wallMs()
    return {
      userId,
      contact,
      callId: 'c',
      cseq: 1,
      registeredAt: now,
      expiresAt: now + seconds * 1_000,
      path: [],
      userAgent: '',
      flow,
    }
  }
}

test('contacts expire each at its own time, and what is left is told', () => {
  const rig = new Rig()
  const [short, long] = [rig.make('sip:a@10.0.0.1', 60), rig.make('sip:b@10.0.0.2', 120)]
  rig.bindings.replace('su_1', [short, long])
  rig.clock.advance(59_995)
  assert.deepEqual(rig.bindings.of('su_1'), [long, short], 'the newest first')
  rig.clock.advance(5)
  assert.deepEqual(rig.bindings.of('su_1'), [long])
  rig.clock.advance(60_000)
  assert.deepEqual(rig.bindings.of('su_1'), [])
  assert.deepEqual(rig.told, ['su_1 2', 'su_1 1', 'su_1 0'])
  assert.equal(rig.clock.timers.count, 0)
})

test('a refreshed contact expires at its new time only', () => {
  const rig = new Rig()
  rig.bindings.replace('su_1', [rig.make('sip:a@10.0.0.1', 60)])
  rig.clock.advance(50_000)
  rig.bindings.replace('su_1', [rig.make('sip:a@10.0.0.1', 60)])
  rig.clock.advance(59_000)
  assert.equal(rig.bindings.of('su_1').length, 1)
  rig.clock.advance(1_000)
  assert.equal(rig.bindings.of('su_1').length, 0)
})

test('contacts of a user that is gone go with it', () => {
  const rig = new Rig('keepalive')
  rig.bindings.replace('su_1', [rig.make('sip:a@10.0.0.1')])
  rig.bindings.change('su_1', undefined)
  assert.deepEqual(rig.bindings.all(), [])
  assert.deepEqual(rig.told, ['su_1 1', 'su_1 0'])
  assert.equal(rig.clock.timers.count, 0)
})

test('after a restart what still lives is back, for users that still exist, unless they registered meanwhile', () => {
  const rig = new Rig()
  rig.bindings.restore([rig.make('sip:a@10.0.0.1', 60), rig.make('sip:b@10.0.0.2', 0), rig.make('sip:c@1', 60, 'su_9')])
  assert.deepEqual(
    rig.bindings.all().map(({ contact }) => contact),
    ['sip:a@10.0.0.1'],
  )
  assert.deepEqual(rig.told, ['su_1 1', 'su_9 0'], 'what is not taken is told, so that it is forgotten')
  const stream = { ...rig.make('sip:d@10.0.0.4', 60, 'su_2'), flow: { ...flow, connection: 7 } }
  rig.bindings.change('su_2', 'off')
  rig.bindings.restore([stream])
  assert.equal(rig.bindings.of('su_2')[0]?.flow.connection, 0, 'a connection of before means nothing')
  rig.bindings.restore([rig.make('sip:old@10.0.0.3')])
  assert.equal(rig.bindings.of('su_1')[0]?.contact, 'sip:a@10.0.0.1')
  rig.clock.advance(60_000)
  assert.deepEqual(rig.bindings.all(), [])
})

test('ping off: nothing is asked; keepalive: every minute, and silence changes nothing', () => {
  const off = new Rig('off')
  off.bindings.replace('su_1', [off.make('sip:a@10.0.0.1')])
  off.clock.advance(600_000)
  assert.equal(off.pinged.length, 0)
  const rig = new Rig('keepalive')
  const binding = rig.make('sip:a@10.0.0.1')
  rig.bindings.replace('su_1', [binding])
  rig.clock.advance(600_000)
  assert.equal(rig.pinged.length, 10)
  for (let i = 0; i < 10; i++) rig.bindings.onSilence(binding)
  assert.equal(rig.bindings.all().length, 1)
  rig.bindings.change('su_1', 'off')
  rig.clock.advance(600_000)
  assert.equal(rig.pinged.length, 10, 'switched off')
})

test('ping timeout: three in a row without a sign of life end the contact', () => {
  const rig = new Rig('timeout')
  const binding = rig.make('sip:a@10.0.0.1')
  rig.bindings.replace('su_1', [binding])
  const silences = (count: number): void => {
    for (let i = 0; i < count; i++) rig.bindings.onSilence(binding)
  }
  silences(2)
  rig.bindings.onPong(binding)
  silences(2)
  assert.equal(rig.bindings.all().length, 1)
  silences(1)
  assert.equal(rig.bindings.all().length, 0)
  assert.equal(rig.clock.timers.count, 0)
})
