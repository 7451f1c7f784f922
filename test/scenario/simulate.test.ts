// Simulation and life agree: the same steps, candidates and shares as the next real call; nothing is taken.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { Tollgate } from '../kit/tollgate.ts'
import { WireCaller } from '../kit/wire-caller.ts'

interface Step {
  readonly step: string
  readonly text: string
}

const net = '127.0.37'
const file: DeclarativeInput = {
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives',
          addresses: [`${net}.11`],
          port: 5080,
          weight: 10,
          channelsMax: 5,
          probe: { enabled: false },
        },
        {
          name: 'acme-2',
          direction: 'receives',
          addresses: [`${net}.12`],
          port: 5080,
          weight: 1,
          probe: { enabled: false },
        },
        {
          name: 'acme-3',
          direction: 'receives',
          addresses: [`${net}.13`],
          port: 5080,
          state: 'off',
          probe: { enabled: false },
        },
      ],
    },
  ],
  customers: [
    {
      name: 'PBX',
      callsPerSecondMax: 1_000,
      endpoints: [
        {
          name: 'pbx',
          direction: 'sends',
          addresses: [`${net}.0/24`],
          rewrites: [{ parameter: 'destination', pattern: '^0', replacement: '44' }],
        },
      ],
    },
  ],
  routes: [{ prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] }],
}

/** What a simulation cannot know: the draw, and what gateways say. */
const live = new Set(['draw', 'attempt', 'reply'])
const decided = (steps: readonly Step[]): Step[] =>
  steps.filter(({ step, text }) => !live.has(step) && !text.includes('skipped'))

test('simulate gives the steps, candidates and shares of the next real call, and takes nothing', async () => {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file })
  const caller = await WireCaller.open(`${net}.2`, { address: `${net}.1`, port: 5060 })
  try {
    for (const [number, verdict, status] of [
      ['01782555555', 'route', 503],
      ['33142000000', 'refuse', 404],
    ] as const) {
      const { body } = await tollgate.request('POST', '/api/v1/simulate', {
        sourceIp: `${net}.2`,
        destination: number,
        cli: '441000',
      })
      const simulated = body as {
        verdict: string
        code: number
        steps: Step[]
        candidates: { gateway: string; share: number; excluded?: string }[]
      }
      assert.equal(simulated.verdict, verdict)
      if (verdict === 'route') {
        assert.deepEqual(
          simulated.candidates.map(({ gateway, share }) => [gateway, Math.round(share * 1_000)]),
          [
            ['acme-1', 909],
            ['acme-2', 91],
            ['acme-3', 0],
          ],
        )
        assert.match(simulated.candidates[2]?.excluded ?? '', /off/)
      } else assert.equal(simulated.code, 404)
      assert.equal((await caller.request({ number, from: '441000' })).status, status)
      const records = await tollgate.eventually(
        'the record',
        () => tollgate.get<{ items: { explanation: Step[]; dialled: string }[] }>('/call-records'),
        ({ items }) => items.some((row) => row.dialled === number),
      )
      const real = records.items.find((row) => row.dialled === number)
      assert.deepEqual(decided(real?.explanation ?? []), decided(simulated.steps))
      assert.ok(simulated.steps.length >= 4, JSON.stringify(simulated.steps))
    }
    assert.deepEqual(await tollgate.held(), { calls: 0, channels: 0 })
  } finally {
    caller.close()
    await tollgate.stop()
  }
})
