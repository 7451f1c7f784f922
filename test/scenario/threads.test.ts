// Several signalling threads behind the same sockets: what a caller, a gateway and an operator see is what they see of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TraceItem } from '../../src/contract/api-trace.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { AutoGateway } from '../kit/auto-gateway.ts'
import { inOrder, numbers } from '../kit/inbox.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'
import type { WireAnswer } from '../kit/wire-caller.ts'

const channels = 20
const threads = 3

const fileOf = (net: string, endpoint: object = {}): DeclarativeInput => ({
  carriers: [
    {
      name: 'Acme',
      gatewayFailoverMax: 0,
      backoff: false,
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives',
          addresses: [`${net}.11`],
          port: 5080,
          probe: { enabled: false },
          ...endpoint,
        },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Acme' }] }],
})

const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''

/** A further request in the dialog that this answer began. */
function inDialog(caller: WireCaller, answer: WireAnswer, method: 'ACK' | 'BYE'): void {
  const callId = headerOf(answer.text, 'Call-ID')
  const text = caller
    .compose({ method }, `z9hG4bK${method}${callId}`, callId)
    .replace(/^To: .*$/m, `To: ${headerOf(answer.text, 'To')}`)
  caller.send(method === 'BYE' ? text.replace('CSeq: 1', 'CSeq: 2') : text)
}

interface Called {
  readonly up: readonly WireAnswer[]
  /** By a limit or for want of a gateway; a machine that is behind may refuse for overload besides, which says nothing here. */
  readonly refused: readonly WireAnswer[]
}

/** Calls that are offered all at once; those that are answered are acknowledged. */
async function callMany(caller: WireCaller, count: number): Promise<Called> {
  const answers = await Promise.all(numbers(count).map(() => caller.request()))
  const up = answers.filter(({ status }) => status === 200)
  for (const answer of up) inDialog(caller, answer, 'ACK')
  const isShed = ({ text }: WireAnswer): boolean => headerOf(text, 'Retry-After') !== ''
  return { up, refused: answers.filter((answer) => answer.status !== 200 && !isShed(answer)) }
}

/** Offers many calls at once until so many are up and more were refused. */
async function fill(caller: WireCaller, most: number, before: Called = { up: [], refused: [] }): Promise<Called> {
  const { up, refused } = await callMany(caller, 3 * channels)
  const all = { up: [...before.up, ...up], refused: [...before.refused, ...refused] }
  return all.up.length < most || all.refused.length === 0 ? fill(caller, most, all) : all
}

interface Crew {
  readonly net: string
  readonly tollgate: Tollgate
  readonly caller: WireCaller
  readonly gateway: AutoGateway
}

async function withCrew(
  net: string,
  udp: string,
  endpoint: object,
  story: (crew: Crew) => Promise<void>,
): Promise<void> {
  const tollgate = await Tollgate.start({
    sip: `${net}.1:5060`,
    file: fileOf(net, endpoint),
    environment: { TOLLGATE_SIGNALLING_THREADS: String(threads), TOLLGATE_UDP: udp },
  })
  const gateway = await AutoGateway.open(`${net}.11`, 5080)
  const caller = await WireCaller.open(`${net}.2`, { address: `${net}.1`, port: 5060 })
  try {
    await story({ net, tollgate, caller, gateway })
  } finally {
    caller.close()
    gateway.close()
    await tollgate.stop()
  }
}

/** Messages that each further thread was handed. */
const handedOver = (tollgate: Tollgate): Promise<number[]> =>
  Promise.all([2, 3].map((thread) => tollgate.metric('tollgate_messages_handed_over_total', `thread="${thread}"`)))

for (const [udp, net] of [
  ['dgram', '127.0.164'],
  ['batched', '127.0.165'],
] as const)
  test(`${udp}: calls of three threads share one limit, stand in one list, and each can be ended and traced`, () =>
    withCrew(net, udp, { channelsMax: channels }, async ({ tollgate, caller, gateway }) => {
      const { up, refused } = await fill(caller, channels)
      assert.deepEqual([up.length, gateway.peak], [channels, channels])
      assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([503]))
      for (const messages of await handedOver(tollgate)) assert.ok(messages > channels, `${messages} were handed over`)
      const row = (await tollgate.limits()).find(({ name, kind }) => name === 'acme-1' && kind === 'channels')
      const { items } = await tollgate.get<{ items: readonly { id: string }[] }>('/calls')
      const ids = items.map(({ id }) => id)
      assert.equal(ids.length, channels)
      assert.deepEqual([row?.used, row?.calls.toSorted()], [channels, ids.toSorted()])
      assert.equal(await tollgate.metric('tollgate_calls_active', 'account="PBX",direction="in"'), channels)
      assert.equal(
        await tollgate.metric('tollgate_limit_used', 'scope="endpoint",name="acme-1",kind="channels"'),
        channels,
      )

      await inOrder(ids.slice(0, 3), async (id) => {
        assert.equal((await tollgate.request('GET', `/api/v1/calls/${id}`)).status, 200)
        assert.equal((await tollgate.request('DELETE', `/api/v1/calls/${id}`)).status, 204)
      })
      await tollgate.eventually(
        'calls at the gateway',
        () => Promise.resolve(gateway.live.size),
        (live) => live === channels - 3,
      )
      const again = await fill(caller, 3)
      assert.equal(again.up.length, 3, 'there is room for as many again, and no more')
      await inOrder([up[0], up[1], up[2], up[3]], async (answer) => {
        const trace = await tollgate.get<TraceItem>(`/traces/${headerOf(answer?.text ?? '', 'Call-ID')}`)
        const names = trace.participants.map(({ name }) => name)
        assert.ok(
          ['pbx', 'acme-1'].every((name) => names.includes(name)),
          names.join(' '),
        )
      })
      for (const answer of [...up, ...again.up]) inDialog(caller, answer, 'BYE')
      await tollgate.assertNothingHeld()
      const answered = (): Promise<number> => tollgate.recordCount('&outcome=answered')
      await tollgate.eventually('records', answered, (count) => count === channels + 3)
      const counted = await tollgate.metric('tollgate_calls_total', 'outcome="answered"')
      assert.equal(counted, channels + 3)
      assert.equal(await tollgate.metric('tollgate_calls_active'), 0)
    }))

test('a change is in force on every thread when it is answered, in both directions', () =>
  withCrew('127.0.166', 'auto', {}, async ({ net, tollgate, caller }) => {
    await inOrder(numbers(3), async () => {
      await tollgate.apply(fileOf(net, { state: 'off' }))
      const off = await callMany(caller, 12)
      assert.equal(off.up.length, 0, 'the gateway is switched off')
      assert.ok(off.refused.length > 0)
      await tollgate.apply(fileOf(net))
      const on = await callMany(caller, 12)
      assert.equal(on.refused.length, 0, 'it is on again')
      assert.ok(on.up.length > 0)
      for (const answer of on.up) inDialog(caller, answer, 'BYE')
      await tollgate.assertNothingHeld()
    })
  }))

test('failures, refusals and a Retry-After that different threads see are those of one gateway', () =>
  withCrew('127.0.166', 'auto', {}, async ({ tollgate, caller, gateway }) => {
    gateway.status = 500
    const { refused } = await callMany(caller, 60)
    assert.ok(refused.length > 30, `${refused.length} reached the gateway`)
    const failures = async (): Promise<number | undefined> => {
      const answer = await tollgate.get<
        readonly { consecutiveFailures: number }[] | { items: readonly { consecutiveFailures: number }[] }
      >('/gateways')
      return ('items' in answer ? answer.items : answer)[0]?.consecutiveFailures
    }
    assert.equal(await failures(), refused.length)
    gateway.status = 200
    const { up } = await callMany(caller, 6)
    assert.ok(up.length > 0)
    assert.equal(await failures(), 0, 'one success ends the row on all threads')
    for (const answer of up) inDialog(caller, answer, 'BYE')
    await tollgate.assertNothingHeld()
    gateway.status = 503
    gateway.lines = ['Retry-After: 60']
    await callMany(caller, 1)
    const light = async (): Promise<unknown> => {
      const answer = await tollgate.get<readonly { status: string }[] | { items: readonly { status: string }[] }>(
        '/gateways',
      )
      return ('items' in answer ? answer.items : answer)[0]?.status
    }
    await tollgate.eventually('the light', light, (status) => status === 'red')
    const before = gateway.count('INVITE')
    await callMany(caller, 12)
    assert.equal(gateway.count('INVITE'), before, 'no thread calls a gateway that is held')
  }))

test('a CANCEL finds the thread of its INVITE, and so does a second copy of either', () =>
  withCrew('127.0.166', 'auto', {}, async ({ tollgate, caller, gateway }) => {
    gateway.status = 100
    await inOrder(numbers(8), async (i) => {
      const callId = `cancelled-${i}`
      const invite = caller.compose({}, `z9hG4bK${callId}`, callId)
      caller.send(invite)
      caller.send(invite)
      const has = (start: string) => (): Promise<boolean> =>
        Promise.resolve(caller.received.some((text) => text.startsWith(start) && text.includes(`Call-ID: ${callId}`)))
      await tollgate.eventually('it rings', has('SIP/2.0 180'), (rings) => rings)
      const cancel = caller.compose({ method: 'CANCEL' }, `z9hG4bK${callId}`, callId)
      caller.send(cancel)
      caller.send(cancel)
      await tollgate.eventually('487 for the INVITE', has('SIP/2.0 487'), (ended) => ended)
      const answer = caller.received.find((text) => text.startsWith('SIP/2.0 487') && text.includes(callId)) ?? ''
      caller.send(
        caller
          .compose({ method: 'ACK' }, `z9hG4bK${callId}`, callId)
          .replace(/^To: .*$/m, `To: ${headerOf(answer, 'To')}`),
      )
    })
    assert.equal(gateway.count('INVITE'), 8, 'a copy is no second call')
    await tollgate.assertNothingHeld()
  }))
