// What several threads answer becomes one answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findMerge } from './merge-answers.ts'
import type { LimitState, RejectedSource } from './seam.ts'

test('counters, histograms and gauges of threads are added; of some the largest counts; a thread has its own pauses', () => {
  const merged = findMerge('metrics')?.(
    [
      [
        { metric: 'callsTotal', labels: ['a', 'g', 'answered'], values: [3] },
        { metric: 'callSetupSeconds', labels: [], values: [1, 2, 0.5] },
        { metric: 'directoryRevision', labels: [], values: [7] },
        { metric: 'eventLoopDelaySeconds', labels: ['signalling'], values: [0.1] },
      ],
      [
        { metric: 'callsTotal', labels: ['a', 'g', 'answered'], values: [4] },
        { metric: 'callsTotal', labels: ['a', 'g', 'failed'], values: [1] },
        { metric: 'callSetupSeconds', labels: [], values: [0, 5, 1.5] },
        { metric: 'directoryRevision', labels: [], values: [7] },
        { metric: 'eventLoopDelaySeconds', labels: ['signalling-2'], values: [0.2] },
      ],
    ],
    null,
  )
  assert.deepEqual(
    merged?.map(({ metric, labels, values }) => [metric, ...labels, ...values]),
    [
      ['callsTotal', 'a', 'g', 'answered', 7],
      ['callSetupSeconds', 1, 7, 2],
      ['directoryRevision', 7],
      ['eventLoopDelaySeconds', 'signalling', 0.1],
      ['callsTotal', 'a', 'g', 'failed', 1],
      ['eventLoopDelaySeconds', 'signalling-2', 0.2],
    ],
  )
})

test('a limit is one row with the shared count and the calls of all threads, at most as many as were asked for', () => {
  const row = (calls: string[], name = 'Acme'): LimitState => ({
    scope: 'account',
    id: 'a1',
    name,
    kind: 'channels',
    limit: 9,
    used: 4,
    calls,
  })
  const merge = findMerge('limits')
  assert.deepEqual(merge?.([[row(['1', '2'], '')], [row(['3', '4'])]], { callsPerScopeMax: 3 }), [row(['1', '2', '3'])])
})

test('what was refused is one row for each source and reason, with the latest sample', () => {
  const row = (count: number, lastAt: number, sample: string): RejectedSource => ({
    address: '192.0.2.1',
    reason: 'source_unknown',
    count,
    lastAt,
    sample,
    callId: null,
    explanation: [],
    packet: null,
  })
  assert.deepEqual(findMerge('rejections')?.([[row(2, 50, 'new')], [row(3, 40, 'old')]], null), [row(5, 50, 'new')])
})

test('a call is found on whichever thread it lives; running calls of all are counted', () => {
  assert.equal(findMerge('endCall')?.([false, true], { id: 'x' }), true)
  assert.equal(findMerge('endCall')?.([false, false], { id: 'x' }), false)
  assert.equal(findMerge('call')?.([null, null], { id: 'x' }), null)
  assert.deepEqual(findMerge('drain')?.([{ calls: 2 }, { calls: 3 }], null), { calls: 5 })
  assert.equal(findMerge('simulate'), undefined, 'the first thread answers it alone')
})
