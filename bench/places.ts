// Where everything of the benchmark listens: loopback addresses of its own, so that nothing else is disturbed.
export const places = {
  edge: { address: '127.0.80.1', port: 5060 },
  http: { address: '127.0.80.1', port: 18_080 },
  caller: { address: '127.0.80.2', port: 5070 },
  gateways: [
    { address: '127.0.80.11', port: 5080 },
    { address: '127.0.80.12', port: 5080 },
  ],
} as const

/** Fills `@NAME@` in a template. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/@([A-Z0-9_]+)@/g, (whole, name: string) => values[name] ?? whole)
