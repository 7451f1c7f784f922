// 1,000 calls that end in every way, against a peer process that shares no code with us: nothing is left of any of them.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { kinds } from '../peers/ending-kinds.ts'
import type { PeerOptions, PeerReport } from '../peers/ending-peer.ts'
import { Tollgate } from '../kit/tollgate.ts'

const calls = 1_000
const net = '127.0.25'

async function reportOf(peer: ChildProcess): Promise<PeerReport> {
  const answer = once(peer, 'message')
  peer.send({ type: 'report' })
  const [report] = (await answer) as [PeerReport]
  return report
}

const gateways = ['11', '12'].map((last) => ({ address: `${net}.${last}`, port: 5080 }))

// A gateway that answers OPTIONS stays green although some calls get no reply from it (product: health).
const fileOf = (probe: object) => ({
  carriers: [
    {
      name: 'Acme',
      maxDurationSeconds: 5,
      timeouts: { firstReplyMs: 1_000 },
      endpoints: gateways.map(({ address, port }, index) => ({
        name: `acme-${index + 1}`,
        direction: 'receives' as const,
        addresses: [address],
        port,
        channelsMax: 500,
        probe,
      })),
    },
  ],
  customers: [
    {
      name: 'PBX',
      endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`], channelsMax: 500 }],
    },
  ],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
})

test('1,000 calls in 16 kinds of ending: every counter back to zero, no transaction and no timer left', async () => {
  const tollgate = await Tollgate.start({ sip: `${net}.1:5060`, file: fileOf({ intervalSeconds: 5 }) })
  const peer = fork(new URL('../peers/ending-peer.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const options: PeerOptions = {
      edge: { address: `${net}.1`, port: 5060 },
      caller: { address: `${net}.2`, port: 5070 },
      gateways,
      calls,
      callsPerSecond: 50,
    }
    peer.send({ type: 'start', options })
    const endedAll = ({ ended }: PeerReport): boolean =>
      Object.values(ended).reduce((sum, count) => sum + count, 0) === calls
    const report = await tollgate.eventually('calls ended', () => reportOf(peer), endedAll, 90_000)
    assert.equal(report.surprises, 0)
    for (const [kind, status] of Object.entries(kinds)) {
      assert.ok((report.ended[kind] ?? 0) >= 62, kind)
      console.log(
        `${kind.padEnd(22)} ${String(report.ended[kind]).padStart(3)} of ${report.started[kind]} ended as they should (${status})`,
      )
    }
    await tollgate.assertNothingHeld(60_000)
    // Probes are transactions, too: without them there must be none.
    await tollgate.apply(fileOf({ enabled: false }))
    await tollgate.eventually(
      'records',
      () => tollgate.recordCount(),
      (count) => count === calls,
    )
    await tollgate.eventually(
      'transactions',
      () => tollgate.metric('tollgate_sip_transactions_active'),
      (count) => count === 0,
      80_000,
    )
    await tollgate.eventually(
      'timers',
      () => tollgate.metric('tollgate_timers_active'),
      (count) => count === 0,
    )
    assert.equal(await tollgate.metric('tollgate_calls_active'), 0)
  } finally {
    peer.kill('SIGKILL')
    await tollgate.stop()
  }
})
