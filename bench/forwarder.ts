// The floor: what comes from the caller goes to the gateway and back again, on Tollgate's own transport, without a look at a
// single byte. What a proxy needs on top of it is the proxy; nobody can need less. `node bench/forwarder.ts EDGE CALLER GATEWAY`
import { systemClock } from '../src/base/clock.ts'
import { forwardLog } from '../src/base/log.ts'
import type { ListenerInfo, Target } from '../src/sip/flow.ts'
import { Transport } from '../src/transport/transport.ts'

const placeOf = (text: string | undefined): { address: string; port: number } => {
  const [address = '', port] = (text ?? '').split(':')
  return { address, port: Number(port) }
}

const [edge, caller, gateway] = process.argv.slice(2).map(placeOf)
if (edge === undefined || caller === undefined || gateway === undefined) throw new Error('which places?')

const targetOf = (place: { address: string; port: number }, listener: ListenerInfo): Target => ({
  listener,
  protocol: 'udp',
  ...place,
  connection: 0,
  tls: undefined,
})

let targets: { readonly caller: Target; readonly gateway: Target } | undefined
const transport = await Transport.open({
  listen: [{ protocol: 'udp', ...edge, name: null, advertise: null }],
  advertise: null,
  udp: 'auto',
  receiver: {
    onMessage: (bytes, { address, port, listener }) => {
      targets ??= { caller: targetOf(caller, listener), gateway: targetOf(gateway, listener) }
      transport.send(bytes, address === caller.address && port === caller.port ? targets.gateway : targets.caller)
    },
    onStreamFault: () => undefined,
    onPeerError: () => undefined,
  },
  clock: systemClock,
  log: forwardLog(() => undefined),
})
