// Test calls on the edge rig, in words.
import assert from 'node:assert/strict'
import type { TestCallOrder, TestCallStart, TestCallState } from '../../src/edge/seam.ts'
import type { EdgeRig } from './edge-rig.ts'

type Order = Partial<TestCallOrder> & { readonly gateway?: string }

/** The answer to the order of a test call. */
export function begin(rig: EdgeRig, { gateway = 'gw-1', ...order }: Order = {}): TestCallStart {
  const endpointId = rig.edge.directory.endpoints.find(({ name }) => name === gateway)?.id ?? gateway
  const asked = {
    endpointId,
    target: null,
    destination: '441782000001',
    cli: '441782111111',
    method: 'INVITE',
  } as const
  return rig.ask('startTestCall', { ...asked, actor: 'anna', ...order })
}

/** The id of a test call that was begun. */
export function start(rig: EdgeRig, order: Order = {}): string {
  const started = begin(rig, order)
  assert.ok('id' in started, JSON.stringify(started))
  return started.id
}

/** What is known of a test call now, with its messages as `out INVITE`, `in 180`. */
export function stateOf(rig: EdgeRig, id: string): TestCallState & { readonly labels: string[] } {
  const found = rig.ask('testCall', { id })
  assert.ok(found !== null)
  const labels = found.messages.map(({ text, direction }) => `${direction} ${text.split(' ', 2).join(' ')}`)
  return { ...found, labels: labels.map((label) => label.replace('SIP/2.0 ', '').replace(/ sip:.*/, '')) }
}

/** Ends a test call that is under way, so that only what a test is about stays in it. */
export function finish(rig: EdgeRig): void {
  rig.assertNothingLeft()
  assert.ok(rig.ask('testCalls', null).every(({ state }) => state === 'ended'))
}
