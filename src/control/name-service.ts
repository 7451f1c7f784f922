// DNS for the names of gateways: an answer that changed is published as a change of the configuration is, in its turn.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ListenerInfo, Protocol } from '../sip/flow.ts'
import { NameServer } from '../transport/name-server.ts'
import { locate } from '../transport/resolve.ts'
import type { ConfigEngine } from './config-engine.ts'
import { Names } from './names.ts'

export class NameService {
  /** Those of the signalling thread: addresses that none of them could send to are not asked for. */
  listeners: readonly ListenerInfo[] = []
  readonly #engine: ConfigEngine
  readonly #log: Log
  readonly #names: Names

  /** @param options servers: `address:port`; empty = those of the system */
  constructor(engine: ConfigEngine, options: { clock: Clock; log: Log; servers: readonly string[] }) {
    const { clock, log, servers } = options
    this.#engine = engine
    this.#log = log
    const dns = new NameServer(servers)
    this.#names = new Names({
      clock,
      log,
      locate: (name) => locate(name, this.#familiesOf(name.protocol), dns),
      onChange: () => void this.#publish(),
    })
    engine.publisher.useNames(this.#names)
  }

  close(): void {
    this.#names.close()
  }

  async #publish(): Promise<void> {
    const { publisher } = this.#engine
    try {
      await this.#engine.change(() => publisher.publish(publisher.directory))
    } catch (error) {
      this.#log.error('addresses of names were not published', { error: String(error) })
    }
  }

  #familiesOf(protocol: Protocol): readonly (4 | 6)[] {
    const families = new Set(this.listeners.filter((one) => one.protocol === protocol).map((one) => one.family))
    return families.size === 0 ? [4, 6] : [...families]
  }
}
