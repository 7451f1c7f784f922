// A quick look while working, `node bench/look.ts [--rate=1200] [--seconds=8] [--warm=6] [--hold=200] [--only=tollgate]
// [--net=127.0.80] [--profile=FOLDER] [--flags='--single-threaded-gc']`: CPU per call of both contestants in one run, of Tollgate also by thread, and what the signalling
// thread's time goes to. Too short to be quoted: transactions linger longer than it lasts.
import { globSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { withBed } from './bed.ts'
import type { ContestantName } from './contestants.ts'
import { profileLines } from './profile.ts'
import { threadNanoseconds } from './processes.ts'
import type { ThreadTime } from './processes.ts'
import { flawOf } from './window.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1200' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '6' },
    hold: { type: 'string', default: '200' },
    only: { type: 'string', default: 'tollgate,kamailio' },
    net: { type: 'string', default: '127.0.80' },
    profile: { type: 'string' },
    flags: { type: 'string', default: '' },
  },
})
const callsPerSecond = Number(values.rate)
const phase = (seconds: string) => ({ callsPerSecond, seconds: Number(seconds), holdMs: Number(values.hold) })
const ownFlags = values.flags === '' ? [] : values.flags.split(' ')
const flags = values.profile === undefined ? ownFlags : [...ownFlags, '--cpu-prof', `--cpu-prof-dir=${values.profile}`]

function look(name: ContestantName): Promise<number> {
  return withBed(name, { net: values.net, flags }, async ({ session, traffic }) => {
    const marks: ThreadTime[][] = []
    const phases = [phase(values.warm), phase(values.seconds)]
    const { phases: results } = await traffic.run(
      { phases, drainSeconds: 10, stopAtFlaw: false, calmSeconds: 0 },
      () => {
        marks.push(threadNanoseconds(session))
      },
    )
    const [, before = [], after = []] = marks
    const measured = results[1]
    const perCall = after
      .map((one) => ({
        ...one,
        us:
          (one.nanoseconds - (before.find(({ id }) => id === one.id)?.nanoseconds ?? 0)) /
          1_000 /
          (measured?.offered ?? 0),
      }))
      .toSorted((a, b) => b.us - a.us)
    const all = perCall.reduce((sum, one) => sum + one.us, 0)
    const shares = perCall.slice(0, 4).map((one) => `${one.name} ${one.us.toFixed(1)}`)
    const delay = `added delay p50 ${measured?.added.p50Us} us, p99 ${measured?.added.p99Us} us`
    const flaw = measured === undefined ? 'no result' : (flawOf(measured, 0) ?? '')
    console.log(`${name.padEnd(9)} ${all.toFixed(1).padStart(6)} us/call (${shares.join(', ')}), ${delay} ${flaw}`)
    return all
  })
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
process.exit(0)
