// What single functions cost in this process, without sockets: reading an INVITE, and deciding about it.
import { PolicyRig, factsOf } from '../../test/kit/policy-rig.ts'
import { headerIds } from '../../src/sip/header.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import { request, sdp } from '../messages.ts'
import type { Part } from '../part.ts'
import { round } from '../statistics.ts'

const rounds = 7
const times = 200_000

/** Best of some rounds, because everything that disturbs makes it slower; the first ones compile. */
function nanoseconds(work: (i: number) => void, count: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < rounds; turn++) {
    const start = performance.now()
    for (let i = 0; i < count; i++) work(i)
    best = Math.min(best, ((performance.now() - start) * 1e6) / count)
  }
  return best
}

const wide = { channelsMax: 1_000_000, callsPerSecondMax: 1_000_000 }

function decideNanoseconds(count: number): number {
  const endpoints = ['10.0.2.1', '10.0.2.2'].map((address, i) => ({
    name: `gateway-${i}`,
    direction: 'receives' as const,
    addresses: [address],
    weight: i === 0 ? 10 : 1,
    ...wide,
  }))
  const rig = new PolicyRig({
    carriers: [{ name: 'Bench', ...wide, endpoints }],
    customers: [{ name: 'Load', endpoints: [{ name: 'load', direction: 'sends', addresses: ['10.0.1.0/24'] }] }],
    routes: [{ prefix: '', from: 'customers', targets: [{ carrier: 'Bench' }] }],
  })
  const facts = factsOf('10.0.1.1', '441782555555')
  return nanoseconds((i) => {
    const caller = rig.identify(facts)
    if ('kind' in caller) throw new Error(caller.code)
    const verdict = rig.decide(`call-${i}`, caller, facts.dialled)
    if (verdict.kind !== 'route') throw new Error(verdict.code)
    verdict.permit.release()
    rig.clock.advance(1)
  }, count)
}

function parseNanoseconds(count: number): { readonly bytes: number; readonly nanoseconds: number } {
  const bytes = Buffer.from(request('INVITE', 1, { cseq: 1, toTag: '', body: sdp }), 'latin1')
  let length = 0
  const each = nanoseconds(() => {
    const message = parseDatagram(bytes)
    if (message.kind !== 'request') throw new Error('no request')
    length += message.callId.length + (message.value(headerIds.cseq)?.length ?? 0)
  }, count)
  if (length === 0) throw new Error('nothing was read')
  return { bytes: bytes.length, nanoseconds: each }
}

export const codePart: Part = {
  name: 'code',
  about: 'reading an INVITE, and identify with decide(), without sockets',
  limitSeconds: () => 120,
  measure: ({ shrink }) => {
    const parse = parseNanoseconds(times / shrink)
    const decide = decideNanoseconds(times / shrink / 2)
    const row = (what: string, tollgate: number) => ({ what, unit: 'ns', tollgate: round(tollgate, 0), kamailio: null })
    return Promise.resolve({
      rows: [
        row(`reading an INVITE of ${parse.bytes} bytes with its checks`, parse.nanoseconds),
        row('identify and decide() for one call, permit taken and returned', decide),
      ],
      invalid: [],
      figures: { parse, decide },
    })
  },
}
