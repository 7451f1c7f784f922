// A quick look while working, `node bench/look.ts [--rate=1200] [--seconds=8] [--warm=6] [--hold=200] [--only=tollgate]
// [--profile=FOLDER]`: CPU per call of both contestants in one run, of Tollgate also by thread, and what the signalling
// thread's time goes to. Too short to be quoted: transactions linger longer than it lasts.
import { globSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ContestantName } from './contestants.ts'
import { withContestant } from './compare.ts'
import { invalidBecause, runLoad, startGateways, stopGateways } from './load.ts'
import { profileLines } from './profile.ts'
import { threadNanoseconds } from './processes.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1200' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '6' },
    hold: { type: 'string', default: '200' },
    only: { type: 'string', default: 'tollgate,kamailio' },
    profile: { type: 'string' },
  },
})
const callsPerSecond = Number(values.rate)
const load = (seconds: string) => ({
  calls: callsPerSecond * Number(seconds),
  callsPerSecond,
  holdMs: Number(values.hold),
})
const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]

async function look(name: ContestantName): Promise<number> {
  const work = async (session: number): Promise<number> => {
    const gateways = await startGateways()
    await runLoad(load(values.warm))
    const before = threadNanoseconds(session)
    const measured = load(values.seconds)
    const result = await runLoad(measured)
    const perCall = threadNanoseconds(session)
      .map((one) => ({
        ...one,
        us: (one.nanoseconds - (before.find(({ id }) => id === one.id)?.nanoseconds ?? 0)) / 1_000 / measured.calls,
      }))
      .toSorted((a, b) => b.us - a.us)
    const invalid = invalidBecause(result, measured, await stopGateways(gateways))
    const all = perCall.reduce((sum, one) => sum + one.us, 0)
    const shares = perCall.slice(0, 4).map((one) => `${one.name} ${one.us.toFixed(1)}`)
    console.log(`${name.padEnd(9)} ${all.toFixed(1).padStart(6)} us/call (${shares.join(', ')}) ${invalid ?? ''}`)
    return all
  }
  return withContestant(name, work, flags)
}

const figures: number[] = []
for (const name of ['tollgate', 'kamailio'] as const)
  if (values.only.split(',').includes(name)) figures.push(await look(name))
if (figures.length === 2) console.log(`ratio ${((figures[0] ?? 0) / (figures[1] ?? 1)).toFixed(2)}`)
if (values.profile !== undefined)
  for (const file of globSync(`${values.profile}/*.cpuprofile`)) {
    console.log(file)
    for (const line of profileLines(readFileSync(file, 'utf8'), Number(values.warm), 70)) console.log(`  ${line}`)
  }
