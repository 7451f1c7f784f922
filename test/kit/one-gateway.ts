// The smallest file with which calls pass: PBX at .2 of a network calls, Acme's one gateway at .11 takes every number.

export const oneGateway = (net: string, settings: object = {}) => ({
  carriers: [
    {
      name: 'Acme',
      endpoints: [
        {
          name: 'acme-1',
          direction: 'receives' as const,
          addresses: [`${net}.11`],
          port: 5080,
          probe: { enabled: false },
          ...settings,
        },
      ],
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends' as const, addresses: [`${net}.2`] }] }],
  routes: [{ prefix: '', from: 'customers' as const, targets: [{ carrier: 'Acme' }] }],
})
