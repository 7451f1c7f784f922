// What a carrier or customer still needs before calls pass. Pure.
import type { RouteItem } from '../../../src/contract/api-config.ts'

export interface Step {
  readonly text: string
  readonly done: boolean
  /** Where it is done, and what the link says; absent = on this page. */
  readonly link?: readonly [href: string, words: string]
}

interface Known {
  readonly kind: 'carrier' | 'customer'
  readonly name: string
  readonly hasEntries: boolean
  readonly hasSipUsers: boolean
  readonly customers: number
  readonly routes: readonly Pick<RouteItem, 'from' | 'targets' | 'enabled'>[]
}

/** Steps to the first call; empty when there is nothing left to do. */
export function stepsToAir(known: Known): readonly Step[] {
  const steps = known.kind === 'carrier' ? carrierSteps(known) : customerSteps(known)
  return steps.every((step) => step.done) ? [] : steps
}

function carrierSteps({ name, hasEntries, customers, routes }: Known): Step[] {
  const leads = routes.some((route) => route.enabled && route.targets.some((target) => target.carrier === name))
  return [
    { text: 'Its gateways', done: hasEntries },
    { text: 'A customer that sends calls', done: customers > 0, link: ['/customers', 'Customers'] },
    { text: `A route that leads to ${name}`, done: leads, link: ['/routes', 'Routes'] },
  ]
}

function customerSteps({ name, hasEntries, hasSipUsers, routes }: Known): Step[] {
  const fits = ({ enabled, from }: Known['routes'][number]): boolean =>
    enabled &&
    (from === 'any' ||
      from === 'customers' ||
      (typeof from === 'object' && 'customer' in from && from.customer === name))
  return [
    { text: 'Its addresses, or a SIP user', done: hasEntries || hasSipUsers },
    { text: 'A route for its calls', done: routes.some(fits), link: ['/routes', 'Routes'] },
  ]
}
