// Where everything of the benchmark listens: loopback addresses of its own, so that nothing else is disturbed.

/** Several ports are several sockets, and for a contestant several peers. */
export interface Places {
  readonly edge: { readonly address: string; readonly port: number }
  readonly http: { readonly address: string; readonly port: number }
  readonly callers: readonly { readonly address: string; readonly port: number }[]
  readonly gateways: readonly { readonly address: string; readonly port: number }[]
}

/** @param net the first three numbers: `127.0.80`. */
export const placesOf = (net: string, callers = 1): Places => ({
  edge: { address: `${net}.1`, port: 5060 },
  http: { address: `${net}.1`, port: 18_080 },
  callers: Array.from({ length: callers }, (_, i) => ({ address: `${net}.${101 + (i % 100)}`, port: 5070 + i })),
  gateways: [
    { address: `${net}.11`, port: 5080 },
    { address: `${net}.12`, port: 5080 },
  ],
})

/** Fills `@NAME@` in a template. */
export const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/@([A-Z0-9_]+)@/g, (whole, name: string) => values[name] ?? whole)
