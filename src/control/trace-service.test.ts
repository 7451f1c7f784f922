// Traces of failed calls in the database: masked, found by every key, bounded, there after a restart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withControl } from '../../test/kit/control-rig.ts'
import { sdp, sipText, tracedCall, traceMessage } from '../../test/kit/trace.ts'
import { bound } from '../base/limits.ts'
import { deleteTraces, writeTraces } from '../store/trace-rows.ts'
import { Store } from '../store/store.ts'
import type { Trace } from '../trace/trace.ts'

const none = async (): Promise<null> => null

function secretCall(id = 'call-1', callId = 'secret@a'): Trace {
  const lines = ['Authorization: Digest username="u", response="0123abcd"']
  const body = sdp('t=0 0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:S0cretKey')
  return {
    id,
    legs: [{ callId, side: 'caller', name: 'pbx', account: 'PBX' }],
    messages: [traceMessage(sipText('INVITE sip:1:S0cretPw@2 SIP/2.0', callId, lines, body), { callId })],
  }
}
const secret = /0123abcd|S0cret/

test('a stored trace is found by its id and by each Call-ID, also after a restart; nothing stored holds a secret', () =>
  withControl(async (rig) => {
    const call = tracedCall()
    rig.control.traces.add([{ ...call, messages: call.messages.map((one) => ({ ...one, at: rig.clock.wallMs() })) }])
    rig.control.traces.add([
      { ...secretCall('call-2'), messages: secretCall().messages.map((one) => ({ ...one, at: rig.clock.wallMs() })) },
    ])
    const waiting = await rig.control.traces.find('call-2', none)
    assert.doesNotMatch(JSON.stringify(waiting), secret)
    assert.match(waiting?.messages[0]?.text ?? '', /response="\*{8}"/)
    const control = await rig.reopen()
    for (const key of ['call-1', 'a', 'b', 'c']) {
      const found = await control.traces.find(key, none)
      assert.equal(found?.id, 'call-1', key)
      assert.equal(found.messages.length, 6)
      assert.deepEqual(found.legs, call.legs)
    }
    assert.deepEqual(await control.traces.find('secret@a', none), waiting)
    assert.equal(await control.traces.find('d', none), undefined)
    await rig.reopen()
    assert.equal(secret.test(rig.bytes().toString('latin1')), false)
  }))

test('what is not stored is asked of the signalling thread, and masked', () =>
  withControl(async ({ control }) => {
    const asked: string[] = []
    const found = await control.traces.find('secret@a', async (key) => {
      asked.push(key)
      return secretCall()
    })
    assert.deepEqual(asked, ['secret@a'])
    assert.doesNotMatch(JSON.stringify(found), secret)
  }))

test('the newest are kept, none older than records are; their Call-IDs go with them; writing again changes nothing', () =>
  withControl(async (rig) => {
    await rig.control.close()
    const store = await Store.open(rig.dataDir, 0)
    const row = (n: number) => ({ id: `t${n}`, callIds: [`c${n}`, `d${n}`], at: n * 1_000.5, packed: Buffer.from('x') })
    const keys = (): Promise<string[]> =>
      store.batch((connection) =>
        connection
          .prepare('select call_id from trace_call_ids order by call_id')
          .all()
          .map((found) => String(found['call_id'])),
      )
    await store.batch((connection) => {
      writeTraces(connection, [1, 2, 3, 4, 5].map(row))
      writeTraces(connection, [{ ...row(5), callIds: ['other'] }])
      deleteTraces(connection, 3, 0)
    })
    assert.deepEqual(await keys(), ['c3', 'c4', 'c5', 'd3', 'd4', 'd5'])
    await store.batch((connection) => deleteTraces(connection, 3, 4_500))
    assert.deepEqual(await keys(), ['c5', 'd5'])
    await store.close()
    await rig.reopen()
  }))

test('a database that cannot be written is told once; too many that wait are dropped and counted', () =>
  withControl(async (rig) => {
    const { traces } = rig.control
    const most = bound('traceQueueMax')
    traces.add(Array.from({ length: most + 7 }, (_, i) => secretCall(`t${i}`, `c${i}`)))
    assert.deepEqual(traces.samples()[0]?.values, [7])
    assert.equal(await traces.find('t6', none), undefined)
    assert.equal((await traces.find(`c${most + 6}`, none))?.id, `t${most + 6}`)
  }))
