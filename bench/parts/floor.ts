// CPU per call of a program that only hands datagrams on (forwarder.ts): no implementation on the same transport can need less.
import { fileURLToPath } from 'node:url'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBound } from '../../test/kit/bound-ports.ts'
import { floorLine } from '../gap.ts'
import type { Part } from '../part.ts'
import { placesOf } from '../places.ts'
import { pinned, startSession, stopSession, until } from '../processes.ts'
import { Traffic } from '../traffic.ts'
import { measureWindows } from '../window.ts'

const rate = 1_200
const holdMs = 200
const settleSeconds = 8
const program = fileURLToPath(new URL('../forwarder.ts', import.meta.url))

export const floorPart: Part = {
  name: 'floor',
  about: 'CPU per call of a null UDP forwarder',
  limitSeconds: ({ windowSeconds }) => windowSeconds + 60,
  measure: async ({ windowSeconds, shrink, net }) => {
    const { edge, callers, gateways } = placesOf(net)
    const [caller, gateway] = [callers[0], gateways[0]]
    if (caller === undefined || gateway === undefined) throw new Error('no places')
    const texts = [edge, caller, gateway].map(({ address, port }) => `${address}:${port}`)
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'))
    const [command, args] = pinned('contestant', process.execPath, [program, ...texts])
    const session = startSession(command, args, { logFile: join(folder, 'forwarder.log') })
    try {
      await until(() => isBound('udp', edge.address, edge.port), 10_000, 'the forwarder does not listen')
      const traffic = await Traffic.open({ callers: [caller], gateways: [gateway], edge, sdpBytes: 0, pauseMs: 0 })
      const step = {
        callsPerSecond: rate / shrink,
        holdMs,
        settleSeconds: settleSeconds / Math.min(4, shrink),
        windowSeconds,
      }
      const [window] = await measureWindows(traffic, [step], { session, net })
      await traffic.close()
      const tollgate = window?.invalid === null ? window.cpuPerCall : 'no valid run'
      return {
        rows: [{ what: floorLine(step.callsPerSecond), unit: 'us', tollgate, kamailio: null }],
        invalid: window?.invalid == null ? [] : [window.invalid],
        figures: window,
      }
    } finally {
      await stopSession(session)
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
