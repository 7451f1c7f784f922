// What the demo applies: two carriers, a customer, routes and a block, with probes quick enough to watch.
import { sipPort } from './places.ts'
import type { Places } from './places.ts'

const probe = { intervalSeconds: 2, intervalDownSeconds: 1, timeoutMs: 1_000, failuresDown: 2, successesUp: 2 }

export const demoConfiguration = (places: Places): object => ({
  carriers: [
    {
      name: 'Acme',
      channelsMax: 120,
      callsPerSecondMax: 20,
      timeouts: { firstReplyMs: 1_000 },
      endpoints: [
        { name: 'london', direction: 'receives', addresses: [places.london], port: sipPort, weight: 10, probe },
        { name: 'leeds', direction: 'receives', addresses: [places.leeds], port: sipPort, weight: 1, probe },
      ],
    },
    {
      name: 'Fjord',
      channelsMax: 3,
      endpoints: [{ name: 'oslo', direction: 'receives', addresses: [places.oslo], port: sipPort, probe }],
    },
  ],
  customers: [
    { name: 'Riverside', channelsMax: 150, endpoints: [{ name: 'pbx', direction: 'sends', addresses: [places.pbx] }] },
  ],
  routes: [
    { prefix: '44', from: 'customers', targets: [{ carrier: 'Acme' }] },
    { prefix: '47', from: 'customers', targets: [{ carrier: 'Fjord' }] },
  ],
})
