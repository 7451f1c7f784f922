// The control room on a real database in a directory of its own, with a signalling thread that only acknowledges.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forwardLog } from '../../src/base/log.ts'
import { secureRandom } from '../../src/base/random.ts'
import { openControl } from '../../src/control/open-control.ts'
import type { Control, ControlOptions } from '../../src/control/open-control.ts'
import type { WriteOptions } from '../../src/control/services.ts'
import { FakeClock } from './fake-clock.ts'

/** Whoever writes in a test. */
export const tester: WriteOptions = { actor: { kind: 'user', id: 'usr_1', name: 'alice', address: '192.0.2.99' } }

export interface ControlRig {
  readonly dataDir: string
  readonly clock: FakeClock
  readonly logLines: string[]
  readonly control: Control
  /** Closes and opens again with the same directory. */
  reopen(options?: Partial<ControlOptions>): Promise<Control>
  /** Every file of the data directory, one after the other. */
  bytes(): Buffer
}

export const openTemporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'tollgate-control-'))

/** Opens, runs the test, closes and removes the directory. */
export async function withControl(
  work: (rig: ControlRig) => Promise<void>,
  extra: Partial<ControlOptions> = {},
): Promise<void> {
  const parent = openTemporaryDirectory()
  const dataDir = join(parent, 'data')
  const clock = new FakeClock()
  const logLines: string[] = []
  const log = forwardLog((level, event, fields) => void logLines.push(`${level} ${event} ${JSON.stringify(fields)}`))
  const open = (options: Partial<ControlOptions>): Promise<Control> =>
    openControl({ dataDir, clock, random: secureRandom(), log, ...extra, ...options })
  let control = await open({})
  try {
    await work({
      dataDir,
      clock,
      logLines,
      get control() {
        return control
      },
      async reopen(options = {}) {
        await control.close()
        control = await open(options)
        return control
      },
      bytes: () => Buffer.concat(readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name)))),
    })
  } finally {
    await control.close()
    rmSync(parent, { recursive: true, force: true })
  }
}

/** A file like the one of the guide: a carrier with two gateways and a source, a customer, routes both ways, a block. */
export const exampleFile = {
  system: { realm: 'sip.example.net', emergencyNumbers: ['112'] },
  carriers: [
    {
      name: 'Acme',
      channelsMax: 100,
      replyRules: [{ code: 404, action: 'failover' }],
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives',
          addresses: ['192.0.2.10'],
          weight: 10,
          username: 'tollgate',
          password: 'planted-Gateway-1',
          rewrites: [{ parameter: 'destination', pattern: '^44', replacement: '0044' }],
        },
        { name: 'acme-2', direction: 'receives', addresses: ['192.0.2.11'] },
        { name: 'acme-in', direction: 'sends', addresses: ['192.0.2.0/28', '2001:db8::/64'] },
      ],
      sipUsers: [{ username: '441', password: 'Planted-User-2', channelsMax: 10 }],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'both', addresses: ['198.51.100.20'] }] }],
  routes: [
    { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] },
    { prefix: '', from: 'carriers', targets: [{ customer: 'PBX' }] },
  ],
  blocks: [{ address: '203.0.113.66', reason: 'scanner' }],
}

/** The file with one thing changed; `change` gets a deep copy. */
export function changedFile(change: (file: typeof exampleFile) => void): typeof exampleFile {
  const copy = structuredClone(exampleFile)
  change(copy)
  return copy
}

export const applied = (control: Pick<Control, 'config'>, file: unknown, prune = false) =>
  control.config.apply(file, { ...tester, dryRun: false, prune })

export const exportText = async (control: Control): Promise<string> => JSON.stringify(await control.config.export())
