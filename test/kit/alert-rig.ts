// Alerts on the control room of a test: what the signalling thread says is set by hand, and every look is the test's.
import type { EdgeHandle } from '../../src/edge/edge-client.ts'
import type { WatchedTarget } from '../../src/edge/seam.ts'
import type { Control, ControlOptions } from '../../src/control/open-control.ts'
import { applied, withControl } from './control-rig.ts'
import type { ControlRig } from './control-rig.ts'

export class AlertRig {
  readonly rig: ControlRig
  /** By the id of the account. */
  failures = new Map<string, number>()
  use = new Map<string, { channels: number; callsPerSecond: number }>()
  targets: WatchedTarget[] = []
  readonly accountId: string
  #control: Control

  private constructor(rig: ControlRig, accountId: string) {
    this.rig = rig
    this.#control = rig.control
    this.accountId = accountId
  }

  get control(): Control {
    return this.#control
  }

  /** Carrier Acme with these rules, gateways acme-1 and acme-2, and customer PBX. */
  static fileOf(alerts: readonly object[], more: object = {}): object {
    return {
      system: { alerts: [] },
      carriers: [
        {
          name: 'Acme',
          alerts,
          endpoints: ['192.0.2.10', '192.0.2.11'].map((address, i) => ({
            name: `acme-${i + 1}`,
            direction: 'receives',
            addresses: [address],
          })),
        },
      ],
      customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'both', addresses: ['198.51.100.20'] }] }],
      ...more,
    }
  }

  static async with(file: object, work: (rig: AlertRig) => Promise<void>): Promise<void> {
    await withControl(async (rig) => {
      await applied(rig.control, file)
      const { id } = await rig.control.config.getAccount('carrier', 'Acme')
      await work(new AlertRig(rig, id))
    })
  }

  async restart(options: Partial<ControlOptions> = {}): Promise<void> {
    this.#control = await this.rig.reopen(options)
  }

  /** `acme-1` -> its target's key, and the endpoint. */
  targetOf(gateway: string): Pick<WatchedTarget, 'targetKey' | 'endpointId'> {
    const endpoint = this.#control.directory.endpoints.find(({ name }) => name === gateway)
    return { targetKey: endpoint?.targets[0]?.key ?? '', endpointId: endpoint?.id ?? '' }
  }

  readonly #edge: Pick<EdgeHandle, 'ask'> = {
    ask: async (name) => {
      if (name !== 'watched') throw new Error(`the test answers no ${name}`)
      const { targets, failures, use } = this
      return { targets, failures, use } as never
    },
  }

  /** One look; then all alerts, `Low ASR open` or `Low ASR closed`, the oldest first. */
  async look(): Promise<string[]> {
    await this.#control.alerts.look(this.#edge)
    const { items } = await this.#control.alerts.list({ limit: 1_000, sort: 'openedAt' })
    return items.map(({ name, subject, closedAt }) =>
      [name, subject, closedAt === null ? 'open' : 'closed'].filter((part) => part !== null).join(' '),
    )
  }

  /** Text of the newest alert: why, and how it ended. */
  async text(): Promise<string> {
    const [newest] = (await this.#control.alerts.list({ limit: 1 })).items
    return `${newest?.text ?? ''}${newest?.closedText === null ? '' : ` | ${newest?.closedText ?? ''}`}`
  }
}
