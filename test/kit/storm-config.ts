// What is configured in a storm, as a small value that changes under load, and as the file that is published from it.
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import type { Dice } from './storm-wire.ts'

/** 0 = no limit. */
export interface Room {
  readonly channelsMax: number
  readonly callsPerSecondMax: number
}

export interface StormGatewayConfig extends Room {
  readonly name: string
  readonly carrier: string
  readonly address: string
  readonly present: boolean
  readonly state: 'on' | 'drain' | 'off'
  readonly weight: number
}

export interface StormConfig {
  readonly system: Room
  readonly customers: Readonly<Record<string, Room>>
  readonly carriers: Readonly<Record<string, Room>>
  readonly gateways: readonly StormGatewayConfig[]
  /** Calls to numbers that start with 4420. */
  readonly londonRoute: Room
}

export const stormCallers: Readonly<Record<string, string>> = { '10.1.0.1': 'PBX', '10.1.0.2': 'Shop' }
export const londonPrefix = '4420'

const noLimit: Room = { channelsMax: 0, callsPerSecondMax: 0 }

const gateway = (name: string, carrier: string, address: string): StormGatewayConfig => ({
  name,
  carrier,
  address,
  present: true,
  state: 'on',
  weight: 1,
  ...noLimit,
})

export const firstConfig: StormConfig = {
  system: noLimit,
  customers: { PBX: noLimit, Shop: noLimit },
  carriers: { Acme: noLimit, Beta: noLimit },
  gateways: [
    gateway('acme-1', 'Acme', '10.2.0.1'),
    gateway('acme-2', 'Acme', '10.2.0.2'),
    gateway('acme-3', 'Acme', '10.2.0.3'),
    gateway('beta-1', 'Beta', '10.3.0.1'),
    gateway('beta-2', 'Beta', '10.3.0.2'),
  ],
  londonRoute: noLimit,
}

const randomRoom = (dice: Dice, channels: readonly number[], perSecond: readonly number[]): Room => ({
  channelsMax: dice.pick(channels),
  callsPerSecondMax: dice.pick(perSecond),
})

const changes: readonly ((config: StormConfig, dice: Dice) => StormConfig)[] = [
  (config, dice) => changeGateway(config, dice, (one) => ({ ...one, present: !one.present })),
  (config, dice) =>
    changeGateway(config, dice, (one) => ({ ...one, state: dice.pick(['on', 'on', 'drain', 'off'] as const) })),
  (config, dice) => changeGateway(config, dice, (one) => ({ ...one, weight: dice.between(0, 3) })),
  (config, dice) =>
    changeGateway(config, dice, (one) => ({ ...one, ...randomRoom(dice, [0, 0, 0, 1, 3, 6], [0, 0, 0, 1, 2]) })),
  (config, dice) =>
    changeGateway(config, dice, (one) => ({ ...one, ...randomRoom(dice, [0, 0, 0, 1, 3, 6], [0, 0, 0, 1, 2]) })),
  (config, dice) => ({
    ...config,
    carriers: { ...config.carriers, [dice.pick(['Acme', 'Beta'])]: randomRoom(dice, [0, 0, 8, 20], [0, 0, 3]) },
  }),
  (config, dice) => ({
    ...config,
    customers: { ...config.customers, [dice.pick(['PBX', 'Shop'])]: randomRoom(dice, [0, 0, 12, 25], [0, 0, 3]) },
  }),
  (config, dice) => ({ ...config, system: randomRoom(dice, [0, 0, 0, 30], [0, 0, 5]) }),
  (config) => withoutLimits(config),
  (config) => withoutLimits(config),
  (config, dice) => ({ ...config, londonRoute: randomRoom(dice, [0, 0, 8], [0, 0, 2]) }),
]

const withoutLimits = (config: StormConfig): StormConfig => ({
  ...firstConfig,
  gateways: config.gateways.map((one) => ({ ...one, ...noLimit })),
})

function changeGateway(
  config: StormConfig,
  dice: Dice,
  change: (one: StormGatewayConfig) => StormGatewayConfig,
): StormConfig {
  const chosen = dice.pick(config.gateways)
  const gateways = config.gateways.map((one) => (one === chosen ? change(one) : one))
  // Somebody stays to answer.
  const serves = (one: StormGatewayConfig): boolean => one.present && one.state === 'on'
  return gateways.filter(serves).length < 2 ? config : { ...config, gateways }
}

export const changedConfig = (config: StormConfig, dice: Dice): StormConfig => dice.pick(changes)(config, dice)

export function fileOf(config: StormConfig): DeclarativeInput {
  const carrier = (name: string, more: object): NonNullable<DeclarativeInput['carriers']>[number] => ({
    name,
    gatewayFailoverMax: 2,
    ...config.carriers[name],
    ...more,
    endpoints: config.gateways
      .filter((one) => one.carrier === name && one.present)
      .map(({ address, state, weight, channelsMax, callsPerSecondMax, name: gatewayName }) => ({
        name: gatewayName,
        state,
        weight,
        channelsMax,
        callsPerSecondMax,
        direction: 'receives' as const,
        addresses: [address],
        probe: { enabled: name === 'Beta', intervalSeconds: 5, intervalDownSeconds: 2 },
      })),
  })
  return {
    system: { realm: 'storm', ...config.system },
    carriers: [
      carrier('Acme', { maxDurationSeconds: 40, timeouts: { ringMs: 12_000, huntMs: 20_000 } }),
      carrier('Beta', { maxDurationSeconds: 15, timeouts: { ringMs: 15_000 } }),
    ],
    customers: Object.entries(stormCallers).map(([address, name]) => ({
      name,
      ...config.customers[name],
      endpoints: [{ name: `${name} sender`, direction: 'sends' as const, addresses: [address] }],
    })),
    routes: [
      { prefix: '', targets: [{ carrier: 'Acme' }, { carrier: 'Beta', weight: 2 }] },
      { prefix: londonPrefix, targets: [{ carrier: 'Beta' }, { carrier: 'Acme', priority: 1 }], ...config.londonRoute },
    ],
  }
}
