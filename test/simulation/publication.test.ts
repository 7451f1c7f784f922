// A publication in parts: as long as it is under way every call sees the directory in force, and from the swap on the next
// one, never something of both; what follows is done in turns of bounded size, and then it is acknowledged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../../src/base/limits.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { frameBetween, partsBetween } from '../../src/directory/delta.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { directoryOf } from '../kit/directory.ts'
import { EdgeRig } from '../kit/edge-rig.ts'

const publishedPerTurnMax = bound('publishedPerTurnMax')
const sourceIp = '10.1.0.1'

/** The caller, its route, the carrier and the gateway all carry the same name: a mix would show two. */
function fileOf(name: string, gateways: number): DeclarativeInput {
  return {
    customers: [
      {
        name: `PBX ${name}`,
        endpoints: [
          {
            name: `pbx ${name}`,
            direction: 'sends',
            addresses: [sourceIp],
            rewrites: [{ parameter: 'destination', pattern: '^', replacement: name === 'old' ? '1' : '2' }],
          },
        ],
      },
    ],
    carriers: [
      {
        name: `Carrier ${name}`,
        endpoints: Array.from({ length: gateways }, (_, i) => ({
          name: `gw ${name} ${i}`,
          direction: 'receives' as const,
          addresses: [`10.2.${name === 'old' ? 0 : 1}.${i + 1}`],
        })),
      },
    ],
    routes: [{ prefix: name === 'old' ? '1' : '2', from: 'any', targets: [{ carrier: `Carrier ${name}` }] }],
  }
}

/** Everything that a simulated call says of the configuration. */
function wordsOf(rig: EdgeRig): string {
  const answer = rig.ask('simulate', {
    sourceIp,
    sourcePort: 5060,
    transport: 'udp',
    destination: '4930',
    cli: '1',
  })
  return `${answer.verdict} ${JSON.stringify(answer.steps)} ${JSON.stringify(answer.candidates)}`
}

const sides = (words: string): string[] =>
  ['old', 'new'].filter((side) => words.includes(`PBX ${side}`) || words.includes(`gw ${side}`))

test('while the parts of a publication come, every call is decided by the directory in force; after the swap by the next', () => {
  const rig = new EdgeRig(fileOf('old', 20))
  const before = rig.edge.directory
  const next: Directory = directoryOf(fileOf('new', 30), 2)
  const parts = [...partsBetween(before, next, 1)]
  assert.ok(parts.length > 30, 'one row at a time')
  for (const part of parts) {
    assert.deepEqual(sides(wordsOf(rig)), ['old'])
    rig.edge.takePart(structuredClone(part))
    assert.equal(rig.edge.directory, before)
  }
  const words = wordsOf(rig)
  assert.deepEqual(sides(words), ['old'])
  assert.match(words, /^route /)
  rig.edge.swap(structuredClone(frameBetween(before, next)))
  const after = wordsOf(rig)
  assert.deepEqual(sides(after), ['new'])
  assert.match(after, /^route /)
  assert.deepEqual(rig.edge.directory, next)
  assert.equal(before.endpoints.length, 21, 'whoever holds the former one still has it whole')
})

test('what follows a swap takes turns of bounded size; the acknowledgement comes after the last one', () => {
  const works: (() => void)[] = []
  const told: string[] = []
  const rig = new EdgeRig(fileOf('old', 1), 1, false, (work) => works.push(work))
  const run = (): void => {
    for (let work = works.shift(); work !== undefined; work = works.shift()) work()
  }
  run()
  rig.onUp = ({ type }) => told.push(type)
  const { probes } = rig.edge
  const put = probes.put.bind(probes)
  let count = 0
  probes.put = (directory, target) => {
    count += 1
    put(directory, target)
  }
  const gateways = 3 * publishedPerTurnMax
  const file = fileOf('old', 250)
  const [carrier] = file.carriers ?? []
  const addresses = Array.from({ length: gateways }, (_, i) => `10.3.${i >> 8}.${i & 255}`)
  carrier?.endpoints?.push({ name: 'wide', direction: 'receives', addresses })
  const next = directoryOf(file, 2)
  for (const part of partsBetween(rig.edge.directory, next, 256)) rig.edge.takePart(part)
  told.length = 0
  rig.edge.swap(frameBetween(rig.edge.directory, next))
  assert.equal(rig.edge.directory, rig.edge.context.directory(), 'in force at once')
  let turns = 1
  let total = 0
  for (;;) {
    assert.ok(count <= publishedPerTurnMax, `${count} targets in one turn`)
    total += count
    count = 0
    const work = works.shift()
    if (work === undefined) break
    assert.deepEqual(told, [], 'not acknowledged yet')
    work()
    turns += 1
  }
  assert.deepEqual(told, ['published'])
  assert.equal(total, gateways + 250)
  assert.ok(turns > 3)
  assert.equal(rig.ask('gateways', null).length, gateways + 250)
})

test('an account that is switched off turns its gateways red, also those that did not change themselves', () => {
  const rig = new EdgeRig(fileOf('old', 3))
  const file = fileOf('old', 3)
  Object.assign(file.carriers?.[0] ?? {}, { status: 'inactive' })
  const reasons = (): string[] => [...new Set(rig.ask('gateways', null).map(({ reason }) => reason))]
  assert.deepEqual(reasons(), ['not probed yet'])
  rig.publishAfter(file)
  assert.deepEqual(reasons(), ['account is inactive'])
  rig.publishAfter(fileOf('old', 3))
  assert.notDeepEqual(reasons(), ['account is inactive'])
})

test('a gateway whose row moves into the place of another that went keeps its health', () => {
  const rig = new EdgeRig(fileOf('old', 3))
  const last = rig.edge.directory.endpoints.find(({ name }) => name === 'gw old 2')
  const key = last?.targets[0]?.key ?? ''
  rig.edge.probes.onRetryAfter(key, 100)
  const before = rig.edge.probes.stateOf(key)
  assert.equal(before.status, 'red')
  const file = fileOf('old', 3)
  file.carriers?.[0]?.endpoints?.splice(0, 2)
  rig.publishAfter(file)
  const moved = rig.edge.directory.endpoints.find(({ name }) => name === 'gw old 2')
  assert.notEqual(moved?.index, last?.index, 'it has moved')
  assert.deepEqual(rig.edge.probes.stateOf(key), before)
  assert.equal(rig.ask('gateways', null).length, 1)
})
